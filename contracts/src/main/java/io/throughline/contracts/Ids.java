package io.throughline.contracts;

import java.time.Instant;
import java.util.UUID;
import java.util.random.RandomGenerator;

/** Makes time-ordered ids. */
public final class Ids {

    private Ids() {}

    /**
     * A UUID version 7: 48 bits of Unix milliseconds, then 74 random bits (RFC 9562, section 5.7).
     */
    public static UUID timeOrdered(Instant now, RandomGenerator random) {
        long high = (now.toEpochMilli() << 16) | 0x7000L | (random.nextLong() & 0x0FFFL);
        long low = 0x8000000000000000L | (random.nextLong() & 0x3FFFFFFFFFFFFFFFL);
        return new UUID(high, low);
    }
}
