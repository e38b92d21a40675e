package io.throughline.contracts.customer;

import io.throughline.contracts.Category;
import io.throughline.contracts.CustomerId;
import java.time.Instant;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A conversion silenced a customer, or for longer than she was silenced already. Told of what had
 * effect: a conversion whose silence ends no later than one before it begins none.
 *
 * @param messageId the accepted event's id
 * @param source the source that told of the conversion
 * @param name the event's name
 * @param journey the only journey that is silent; absent where all of them are
 * @param until first instant that is not silent any more
 * @param occurredAt when the conversion happened, corrected for the sender's clock by what it says
 *     of when it sent
 * @param sentAt when its sender says that it sent it, by its own clock; absent where it does not
 *     say
 * @param receivedAt when it reached Throughline
 * @param inForceAt when the gate had answered that it is in force
 * @param sighting what {@link IdentifiersUnlinked} calls the event by, should it turn out to be
 *     somebody else's
 * @param cause what it is because of, the rule and the order, which {@link SilenceLifted} names
 *     when it is over; absent from older writers
 * @param categories the only ones it covers; absent where it covers all that heed silences
 * @param causedAt when the last that is known of the cause happened: only a lifting that happened
 *     later ends it; absent from older writers
 */
public record SilenceBegun(
        CustomerId customer,
        String messageId,
        String source,
        String name,
        @Nullable String journey,
        Instant until,
        Instant occurredAt,
        @Nullable Instant sentAt,
        Instant receivedAt,
        Instant inForceAt,
        @Nullable UUID sighting,
        @Nullable String cause,
        @Nullable Set<Category> categories,
        @Nullable Instant causedAt)
        implements CustomerEvent {

    /** As older writers told it: nothing lifts it, and it covers every category. */
    public SilenceBegun(
            CustomerId customer,
            String messageId,
            String source,
            String name,
            @Nullable String journey,
            Instant until,
            Instant occurredAt,
            @Nullable Instant sentAt,
            Instant receivedAt,
            Instant inForceAt,
            @Nullable UUID sighting) {
        this(
                customer,
                messageId,
                source,
                name,
                journey,
                until,
                occurredAt,
                sentAt,
                receivedAt,
                inForceAt,
                sighting,
                null,
                null,
                null);
    }
}
