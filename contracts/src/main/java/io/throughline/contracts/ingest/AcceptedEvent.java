package io.throughline.contracts.ingest;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.throughline.contracts.ContractEvent;
import io.throughline.contracts.Identifier;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One call of the Segment tracking API, accepted and not yet resolved.
 *
 * @param messageId the caller's id of the call, or one given at acceptance; what it is deduplicated
 *     by
 * @param source the source whose write key it came with
 * @param name the event name of a track call, the page or screen name otherwise
 * @param identifiers normalised, strongest first, never empty
 * @param occurredAt when it happened, corrected for the sender's clock: {@code receivedAt − (sentAt
 *     − originalTimestamp)}
 * @param receivedAt when it reached Throughline; suppression windows run on this
 * @param integrations which destinations the sender wants it to reach, as Segment spells them;
 *     absent where the call says nothing of it
 * @param trust how far its identifiers are to be believed; absent from events that were accepted
 *     before sources had it, which are trusted
 */
public record AcceptedEvent(
        String messageId,
        String source,
        Kind kind,
        @Nullable String name,
        List<Identifier> identifiers,
        Map<String, Object> properties,
        Map<String, Object> traits,
        Map<String, Object> context,
        Instant occurredAt,
        Instant receivedAt,
        @Nullable Instant originalTimestamp,
        @Nullable Instant sentAt,
        @Nullable Map<String, Object> integrations,
        @Nullable Trust trust)
        implements ContractEvent {

    /** An event whose sender says nothing of destinations, from a source that is trusted. */
    public AcceptedEvent(
            String messageId,
            String source,
            Kind kind,
            @Nullable String name,
            List<Identifier> identifiers,
            Map<String, Object> properties,
            Map<String, Object> traits,
            Map<String, Object> context,
            Instant occurredAt,
            Instant receivedAt,
            @Nullable Instant originalTimestamp,
            @Nullable Instant sentAt) {
        this(
                messageId,
                source,
                kind,
                name,
                identifiers,
                properties,
                traits,
                context,
                occurredAt,
                receivedAt,
                originalTimestamp,
                sentAt,
                null,
                null);
    }

    /** The calls of the tracking API. */
    public enum Kind {
        TRACK,
        IDENTIFY,
        PAGE,
        SCREEN,
        GROUP,
        ALIAS;

        @JsonValue
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        @JsonCreator
        public static Kind of(String word) {
            return valueOf(word.toUpperCase(Locale.ROOT));
        }
    }

    @Override
    public String partitionKey() {
        return identifiers.getFirst().toString();
    }
}
