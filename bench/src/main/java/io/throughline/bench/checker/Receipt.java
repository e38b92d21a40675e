package io.throughline.bench.checker;

import java.time.Duration;
import java.time.Instant;

/**
 * A message as it came to whom the product hands messages over to.
 *
 * @param customer whose address it came to
 * @param message what tells it from every other message that was meant
 * @param at when it was stamped
 * @param late how long it may have waited for its stamp beyond the usual, because whoever stamps
 *     was seen not to answer
 */
public record Receipt(
        String customer,
        String channel,
        String journey,
        String message,
        Instant at,
        Duration late) {

    /** One that was stamped as it came. */
    public Receipt(String customer, String channel, String journey, String message, Instant at) {
        this(customer, channel, journey, message, at, Duration.ZERO);
    }

    @Override
    public String toString() {
        return "%s on %s at %s".formatted(message, channel, at)
                + (late.isZero() ? "" : ", stamped up to %d ms late".formatted(late.toMillis()));
    }
}
