package io.throughline.contracts.customer;

import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Identifier;
import io.throughline.contracts.ingest.AcceptedEvent;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A customer did something.
 *
 * @param messageId the accepted event's id
 * @param name the event name of a track call, the page or screen name otherwise
 * @param identifiers those that the event itself carried, so that an unmerge can send it home
 * @param occurredAt corrected event time
 * @param receivedAt when it reached Throughline
 * @param sighting what {@link IdentifiersUnlinked} calls the event by, should it turn out to be
 *     somebody else's; absent on records from before there were any
 */
public record BehaviourRecorded(
        CustomerId customer,
        String messageId,
        String source,
        AcceptedEvent.Kind kind,
        @Nullable String name,
        Map<String, Object> properties,
        Map<String, Object> context,
        List<Identifier> identifiers,
        Instant occurredAt,
        Instant receivedAt,
        @Nullable UUID sighting)
        implements CustomerEvent {

    public BehaviourRecorded(
            CustomerId customer,
            String messageId,
            String source,
            AcceptedEvent.Kind kind,
            @Nullable String name,
            Map<String, Object> properties,
            Map<String, Object> context,
            List<Identifier> identifiers,
            Instant occurredAt,
            Instant receivedAt) {
        this(
                customer,
                messageId,
                source,
                kind,
                name,
                properties,
                context,
                identifiers,
                occurredAt,
                receivedAt,
                null);
    }

    /** That something happened, under no name that anything could wait for. */
    public BehaviourRecorded nameless() {
        return new BehaviourRecorded(
                customer,
                messageId,
                source,
                kind,
                "",
                Map.of(),
                Map.of(),
                identifiers,
                occurredAt,
                receivedAt,
                sighting);
    }
}
