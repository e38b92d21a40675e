package io.throughline.identity.tracking;

import io.throughline.contracts.Identifier;
import io.throughline.contracts.ingest.AcceptedEvent;
import io.throughline.contracts.ingest.AcceptedEvent.Kind;
import io.throughline.identity.identifier.Extraction;
import io.throughline.identity.identifier.Identifiers;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Turns the fields of one event into an accepted event, or notes what is wrong with it.
 *
 * @param batchSentAt when the body says it was sent; an event's own wins
 * @param batchContext what all events of the batch share; an event's own fields win
 * @param batchIntegrations the same for the destinations
 */
record EventReader(
        Reception reception,
        @Nullable Instant batchSentAt,
        Map<String, Object> batchContext,
        Map<String, Object> batchIntegrations,
        Supplier<String> newMessageId) {

    private static final int MAX_MESSAGE_ID = 100;
    private static final int MAX_NAME = 500;

    /**
     * Reads an event.
     *
     * @param kind absent where the event itself says it in {@code type}
     * @return nothing where a fault was noted
     */
    Optional<AcceptedEvent> read(@Nullable Kind kind, Fields event) {
        int before = event.faults().size();
        Kind known = kind == null ? kindOf(event) : kind;
        if (known == null) {
            return Optional.empty();
        }
        AcceptedEvent accepted = read(known, event, context(event));
        return event.faults().size() == before ? Optional.of(accepted) : Optional.empty();
    }

    private AcceptedEvent read(Kind kind, Fields event, Map<String, Object> context) {
        Map<String, Object> traits = event.object("traits");
        List<Identifier> identifiers = identifiers(kind, event, traits, context);
        Instant sent = event.instant("sentAt");
        Instant sentAt = sent == null ? batchSentAt : sent;
        Instant original = original(event);
        String messageId = event.text("messageId", MAX_MESSAGE_ID);
        Map<String, Object> integrations =
                Inheritance.merged(batchIntegrations, event.object("integrations"));
        return new AcceptedEvent(
                messageId == null || messageId.isBlank() ? newMessageId.get() : messageId,
                reception.source(),
                kind,
                name(kind, event),
                identifiers,
                properties(kind, event),
                traits,
                context,
                Clock.corrected(original, sentAt, reception.receivedAt()),
                reception.receivedAt(),
                original,
                sentAt,
                integrations.isEmpty() ? null : integrations,
                reception.trust());
    }

    private static @Nullable Kind kindOf(Fields event) {
        Object word = event.values().get("type");
        for (Kind kind : Kind.values()) {
            if (kind.word().equals(word)) {
                return kind;
            }
        }
        event.fault(
                "type",
                "expected one of "
                        + Arrays.stream(Kind.values())
                                .map(Kind::word)
                                .collect(Collectors.joining(", "))
                        + (word instanceof String s ? ", was '" + s + "'" : ""));
        return null;
    }

    private Map<String, Object> context(Fields event) {
        Map<String, Object> context = Inheritance.merged(batchContext, event.object("context"));
        String address = reception.address();
        return address != null && Boolean.TRUE.equals(context.get("direct"))
                ? with(context, "ip", address)
                : context;
    }

    /**
     * A client's {@code timestamp}; libraries that forward events say {@code originalTimestamp}.
     */
    private static @Nullable Instant original(Fields event) {
        Instant forwarded = event.instant("originalTimestamp");
        Instant timestamp = event.instant("timestamp");
        return forwarded == null ? timestamp : forwarded;
    }

    private List<Identifier> identifiers(
            Kind kind, Fields event, Map<String, Object> traits, Map<String, Object> context) {
        int before = event.faults().size();
        String userId = event.text("userId", Identifiers.MAX_LENGTH);
        String anonymousId = anonymousId(event);
        String previousId = null;
        if (kind == Kind.ALIAS) {
            previousId =
                    event.required(
                            "previousId",
                            Identifiers.MAX_LENGTH,
                            "what the customer was called until now");
            event.required("userId", Identifiers.MAX_LENGTH, "the new id of the customer");
        }
        List<Identifier> identifiers =
                Extraction.of(
                        userId,
                        anonymousId,
                        previousId,
                        kind == Kind.GROUP ? Map.of() : traits,
                        context,
                        reception.region());
        boolean named = userId != null || anonymousId != null || kind == Kind.ALIAS;
        if (event.faults().size() > before) {
            return identifiers;
        }
        if (!named) {
            event.fault("userId", "expected a userId or an anonymousId, both were missing");
        } else if (identifiers.isEmpty()) {
            event.fault(
                    userId == null ? "anonymousId" : "userId",
                    "expected a value that identifies somebody, was empty or a placeholder such as null or 0");
        }
        return identifiers;
    }

    /** The event's own; what the cookie says where it has none, or one that means nobody. */
    private @Nullable String anonymousId(Fields event) {
        String own = event.text("anonymousId", Identifiers.MAX_LENGTH);
        String remembered = reception.anonymousId();
        boolean meansSomebody =
                own != null
                        && Identifiers.normalise(Identifier.ANONYMOUS_ID, own, null).isPresent();
        return meansSomebody || remembered == null ? own : remembered;
    }

    private static @Nullable String name(Kind kind, Fields event) {
        return switch (kind) {
            case TRACK -> event.required("event", MAX_NAME, "the event's name");
            case PAGE, SCREEN -> {
                String name = event.text("name", MAX_NAME);
                yield name == null ? event.text("category", MAX_NAME) : name;
            }
            case IDENTIFY, GROUP, ALIAS -> null;
        };
    }

    /** What stands beside the properties in the call and belongs to what happened. */
    private static Map<String, Object> properties(Kind kind, Fields event) {
        Map<String, Object> properties = event.object("properties");
        return switch (kind) {
            case TRACK, IDENTIFY, ALIAS -> properties;
            case PAGE, SCREEN -> with(properties, "category", event.text("category", MAX_NAME));
            case GROUP ->
                    with(
                            properties,
                            "groupId",
                            event.required("groupId", MAX_NAME, "the group's id"));
        };
    }

    private static Map<String, Object> with(
            Map<String, Object> properties, String name, @Nullable String value) {
        if (value == null || properties.containsKey(name)) {
            return properties;
        }
        Map<String, Object> more = new LinkedHashMap<>(properties);
        more.put(name, value);
        return more;
    }
}
