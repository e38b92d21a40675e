package io.throughline.channel.delivery;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** How long to wait before another attempt: doubling, with jitter so that a crowd spreads out. */
public record Backoff(Duration first, Duration longest) {

    public static final Backoff DEFAULT = new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(5));

    /**
     * Between half of the attempt's step and all of it.
     *
     * @param attempts those already made, from 0
     */
    public Duration after(int attempts, RandomGenerator random) {
        long step =
                Math.min(
                        longest.toMillis(),
                        first.toMillis() << Math.min(Math.max(attempts, 0), 20));
        return Duration.ofMillis(step / 2 + random.nextLong(step / 2 + 1));
    }
}
