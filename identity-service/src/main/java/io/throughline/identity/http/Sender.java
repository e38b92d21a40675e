package io.throughline.identity.http;

import org.jspecify.annotations.Nullable;

/**
 * What a request tells of who sent it, beside the write key.
 *
 * @param anonymousId from the identity cookie
 * @param address IP address, as far as the proxies before us are believed
 */
record Sender(@Nullable String anonymousId, @Nullable String address) {}
