package io.throughline.attribution.suppression;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The way of a conversion from where it happened to the door, each time no earlier than the one
 * before it.
 *
 * @param happenedAt when it happened
 * @param leftAt when its source sent it
 * @param receivedAt when it reached Throughline
 */
public record Way(Instant happenedAt, Instant leftAt, Instant receivedAt) {

    /**
     * Of one event the sender's clock and the network cannot be told apart: what lies between
     * sending by the sender's clock and receiving by ours is both. Up to this much is taken for the
     * network, since a request that takes longer is given up by its client; what is longer, or
     * negative, is a clock that is wrong, and then nothing is known of the network.
     */
    static final Duration LONGEST_TRANSIT = Duration.ofMinutes(1);

    /**
     * @param occurredAt when it happened, corrected as if it had been under way for no time: {@code
     *     receivedAt − (sentAt − originalTimestamp)}
     * @param sentAt by the sender's clock; absent where it does not say
     */
    public static Way of(Instant occurredAt, @Nullable Instant sentAt, Instant receivedAt) {
        Duration transit =
                sentAt == null ? Duration.ZERO : plausible(Duration.between(sentAt, receivedAt));
        Instant left = receivedAt.minus(transit);
        Instant happened = occurredAt.minus(transit);
        return new Way(happened.isAfter(left) ? left : happened, left, receivedAt);
    }

    private static Duration plausible(Duration transit) {
        return transit.isNegative() || transit.compareTo(LONGEST_TRANSIT) > 0
                ? Duration.ZERO
                : transit;
    }
}
