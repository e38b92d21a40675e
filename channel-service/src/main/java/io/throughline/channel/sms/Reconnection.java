package io.throughline.channel.sms;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** How long to wait before a bind is tried again. */
public final class Reconnection {

    private static final Duration FIRST = Duration.ofMillis(500);
    private static final Duration LONGEST = Duration.ofSeconds(30);
    private static final int MOST_DOUBLINGS = 6;

    /** Carriers lock an account that keeps knocking with the wrong password. */
    private static final Duration REFUSED = Duration.ofMinutes(5);

    private Reconnection() {}

    /**
     * Doubles from half a second to half a minute, the upper half of it drawn, so that many binds
     * do not come back at one instant.
     *
     * @param failures in a row before this wait, from 0
     */
    public static Duration afterFailure(int failures, RandomGenerator random) {
        Duration most = FIRST.multipliedBy(1L << Math.min(failures, MOST_DOUBLINGS));
        return jittered(most.compareTo(LONGEST) > 0 ? LONGEST : most, random);
    }

    /** After the carrier said that it does not want this account. */
    public static Duration afterRefusal(RandomGenerator random) {
        return jittered(REFUSED, random);
    }

    private static Duration jittered(Duration most, RandomGenerator random) {
        return most.dividedBy(2).plusMillis(random.nextLong(most.toMillis() / 2 + 1));
    }
}
