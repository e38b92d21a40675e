package io.throughline.contracts.customer;

import io.throughline.contracts.CustomerId;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An event, as a refund is, ended the silence of a cause, or will end one that is told of later but
 * happened before.
 *
 * @param messageId the accepted event's id
 * @param source the source that told of it
 * @param name the event's name
 * @param cause what {@link SilenceBegun} calls the silence by
 * @param at when it happened: it ends what is of the cause and happened before, and nothing else
 * @param receivedAt when it reached Throughline
 * @param sighting what {@link IdentifiersUnlinked} calls the event by, should it turn out to be
 *     somebody else's
 */
public record SilenceLifted(
        CustomerId customer,
        String messageId,
        String source,
        String name,
        String cause,
        Instant at,
        Instant receivedAt,
        @Nullable UUID sighting)
        implements CustomerEvent {}
