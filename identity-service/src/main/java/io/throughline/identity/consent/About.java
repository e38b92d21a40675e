package io.throughline.identity.consent;

import io.throughline.contracts.Channel;
import org.jspecify.annotations.Nullable;

/**
 * What a consent is about.
 *
 * @param topic absent where the whole channel is meant
 */
public record About(Channel channel, @Nullable String topic) {}
