package io.throughline.journey.preview;

import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.message.SuppressionReason;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A message that was ready to go, and that nothing but the contact policy could have kept back.
 *
 * @param at since when it counts as a contact; of one that was refused, when that was
 * @param refused why it was not handed over; absent for one that was, or may have been
 * @param retryAt of one that was refused, when waiting would have helped
 * @param takenBackAt since when it does not count after all
 * @param engagedAt when the customer opened it or clicked on it; absent where that is not on record
 */
public record Attempt(
        CustomerId customer,
        MessageId message,
        Channel channel,
        Category category,
        @Nullable String topic,
        @Nullable String journey,
        Instant at,
        @Nullable SuppressionReason refused,
        @Nullable Instant retryAt,
        @Nullable Instant takenBackAt,
        @Nullable List<Instant> engagedAt) {

    /** Of one that was not opened. */
    public Attempt(
            CustomerId customer,
            MessageId message,
            Channel channel,
            Category category,
            @Nullable String topic,
            @Nullable String journey,
            Instant at,
            @Nullable SuppressionReason refused,
            @Nullable Instant retryAt,
            @Nullable Instant takenBackAt) {
        this(
                customer,
                message,
                channel,
                category,
                topic,
                journey,
                at,
                refused,
                retryAt,
                takenBackAt,
                null);
    }

    /** When the customer took notice of it. */
    List<Instant> engagements() {
        return engagedAt == null ? List.of() : engagedAt;
    }
}
