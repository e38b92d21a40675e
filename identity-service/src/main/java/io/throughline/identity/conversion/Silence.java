package io.throughline.identity.conversion;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a conversion asks for.
 *
 * @param journey the only journey it covers; absent where it covers all of them
 * @param until first instant that is not silent any more
 */
public record Silence(@Nullable String journey, Instant until) {}
