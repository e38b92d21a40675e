package io.throughline.contracts;

import java.nio.ByteBuffer;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A record that a consumer which applies nothing, and so has no transaction to set it aside in,
 * could not read. Fired where that happens; whoever hears of it keeps the record on its topic's
 * dead letters.
 *
 * @param reason for people
 */
public record PassedOver(
        String topic,
        int partition,
        long offset,
        @Nullable String key,
        Map<String, String> headers,
        @Nullable ByteBuffer value,
        String reason) {}
