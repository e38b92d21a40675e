package io.throughline.identity.tracking;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * Corrects the sender's clock: what it says about when it sent tells how wrong it is about when
 * something happened (Segment spec, common fields).
 */
final class Clock {

    /** Senders that disagree with themselves must not put an event into next year. */
    private static final Duration MOST_AHEAD = Duration.ofMinutes(5);

    private Clock() {}

    /**
     * @return {@code receivedAt − (sentAt − original)}; without {@code sentAt} what the sender
     *     says, without both the time of receipt; in whole milliseconds and at most five minutes
     *     ahead
     */
    static Instant corrected(
            @Nullable Instant original, @Nullable Instant sentAt, Instant receivedAt) {
        Instant limit = receivedAt.plus(MOST_AHEAD);
        Instant corrected =
                original == null
                        ? receivedAt
                        : sentAt == null
                                ? original
                                : receivedAt.minus(Duration.between(original, sentAt));
        return (corrected.isAfter(limit) ? limit : corrected).truncatedTo(ChronoUnit.MILLIS);
    }
}
