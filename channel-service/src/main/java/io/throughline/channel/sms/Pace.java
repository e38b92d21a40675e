package io.throughline.channel.sms;

import java.time.Duration;
import java.time.Instant;
import java.util.random.RandomGenerator;

/**
 * How many messages a bind keeps unanswered: the agreed window, halved each time the carrier says
 * that it is too much, and grown by one for each window's worth of messages taken since. After each
 * halving nothing is sent for a while, the longer the more often it came without a message taken in
 * between.
 *
 * @param window the agreed most
 * @param limit the most now, from 1 to the window
 * @param taken messages taken since the limit last changed
 * @param throttles how often in a row the carrier slowed us
 * @param pausedUntil nothing is sent before
 */
public record Pace(int window, int limit, int taken, int throttles, Instant pausedUntil) {

    private static final Duration SHORTEST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(60);
    private static final int MOST_DOUBLINGS = 6;

    public static Pace full(int window) {
        return new Pace(window, window, 0, 0, Instant.MIN);
    }

    /** How many more may be sent while {@code unanswered} are under way. */
    public int room(int unanswered, Instant now) {
        return now.isBefore(pausedUntil) ? 0 : Math.max(0, limit - unanswered);
    }

    public Pace accepted() {
        return limit < window && taken + 1 >= limit
                ? new Pace(window, limit + 1, 0, 0, pausedUntil)
                : new Pace(window, limit, Math.min(taken + 1, window), 0, pausedUntil);
    }

    /**
     * What was under way when the carrier first complained brings the same complaint; only the
     * first of them counts.
     */
    public Pace throttled(Instant now, RandomGenerator random) {
        if (now.isBefore(pausedUntil)) {
            return this;
        }
        Duration pause = SHORTEST_PAUSE.multipliedBy(1L << Math.min(throttles, MOST_DOUBLINGS));
        Duration most = pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
        Duration jittered = most.dividedBy(2).plusMillis(random.nextLong(most.toMillis() / 2 + 1));
        return new Pace(window, Math.max(1, limit / 2), 0, throttles + 1, now.plus(jittered));
    }

    /** How long it stays silent yet. */
    public Duration pause(Instant now) {
        return now.isBefore(pausedUntil) ? Duration.between(now, pausedUntil) : Duration.ZERO;
    }
}
