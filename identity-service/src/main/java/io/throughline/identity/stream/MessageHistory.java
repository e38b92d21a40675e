package io.throughline.identity.stream;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.smallrye.mutiny.Uni;
import io.throughline.chassis.stream.Reassignments;
import io.throughline.contracts.Channel;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.EventTypes;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.json.ContractJson;
import io.throughline.contracts.message.JourneyRef;
import io.throughline.contracts.message.MessageEvent;
import io.throughline.identity.engagement.Sign;
import io.throughline.identity.store.EngagementStore;
import io.throughline.identity.store.EngagementStore.Seen;
import io.throughline.identity.store.LastEngaged;
import io.throughline.identity.store.TimelineEntry;
import io.throughline.identity.store.TimelineStore;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What became of messages, as entries of customers' histories and as counts by channel. */
@ApplicationScoped
class MessageHistory {

    private static final String KIND = "message";

    /** Types of entries that say how a customer takes messages. */
    private static final Map<String, Sign.Kind> KINDS =
            Map.of(
                    "sent", Sign.Kind.SENT,
                    "delivered", Sign.Kind.DELIVERED,
                    "failed", Sign.Kind.FAILED,
                    "opened", Sign.Kind.OPENED,
                    "clicked", Sign.Kind.CLICKED,
                    "replied", Sign.Kind.REPLIED);

    private final TimelineStore timeline;
    private final EngagementStore engagements;
    private final LastEngaged engaged;
    private final Reassignments reassignments;

    MessageHistory(
            TimelineStore timeline,
            EngagementStore engagements,
            LastEngaged engaged,
            Reassignments reassignments) {
        this.timeline = timeline;
        this.engagements = engagements;
        this.engaged = engaged;
        this.reassignments = reassignments;
    }

    /**
     * After whatever else the transaction does that locks customers, and after it heeded {@link
     * Reassignments}.
     */
    Uni<Void> append(SqlConnection tx, List<MessageEvent> events) {
        List<Seen> seen =
                events.stream()
                        .flatMap(e -> Sign.of(e).map(sign -> new Seen(customer(e), sign)).stream())
                        .toList();
        return timeline.append(tx, events.stream().flatMap(event -> entry(event).stream()).toList())
                .chain(() -> engagements.note(tx, seen))
                .chain(() -> engaged.note(tx, signsOfLife(seen)))
                .chain(() -> settle(tx, events));
    }

    private static CustomerId customer(MessageEvent event) {
        return event.tellsOf().getFirst();
    }

    private static List<io.throughline.governance.Engagement> signsOfLife(List<Seen> seen) {
        return seen.stream()
                .filter(one -> one.sign().isEngagement())
                .map(one ->
                        new io.throughline.governance.Engagement(one.customer(), one.sign().at()))
                .toList();
    }

    /** What is another customer's than it was told of as goes there. */
    private Uni<Void> settle(SqlConnection tx, List<MessageEvent> events) {
        Map<MessageId, Set<CustomerId>> told = new HashMap<>();
        for (MessageEvent event : events) {
            message(event)
                    .ifPresent(message ->
                            told.computeIfAbsent(message, m -> new HashSet<>())
                                    .addAll(event.tellsOf()));
        }
        return reassignments.settle(
                tx,
                told.keySet(),
                owners -> {
                    Set<CustomerId> others = new HashSet<>();
                    owners.forEach((message, owner) ->
                            told.getOrDefault(message, Set.of()).stream()
                                    .filter(customer -> !customer.equals(owner))
                                    .forEach(others::add));
                    return others.isEmpty()
                            ? Uni.createFrom().voidItem()
                            : timeline.reassign(tx, owners, others)
                                    .chain(moved -> recount(tx, moved));
                });
    }

    private Uni<Void> recount(SqlConnection tx, List<TimelineStore.Moved> moved) {
        if (moved.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        Set<EngagementStore.Key> keys = new HashSet<>();
        Set<CustomerId> customers = new HashSet<>();
        Set<CustomerId> owners = new HashSet<>();
        for (TimelineStore.Moved one : moved) {
            keys.add(new EngagementStore.Key(one.was(), one.channel()));
            keys.add(new EngagementStore.Key(one.owner(), one.channel()));
            customers.add(one.was());
            customers.add(one.owner());
            owners.add(one.owner());
        }
        return engagements
                .recount(
                        tx,
                        keys,
                        () ->
                                timeline.ofMessages(tx, customers)
                                        .map(entries ->
                                                entries.stream()
                                                        .flatMap(e -> seen(e).stream())
                                                        .toList()))
                .chain(seen ->
                        engaged.note(
                                tx,
                                signsOfLife(
                                        seen.stream()
                                                .filter(one -> owners.contains(one.customer()))
                                                .toList())));
    }

    private static Optional<MessageId> message(MessageEvent event) {
        return switch (event) {
            case MessageEvent.OfMessage said -> Optional.of(said.message());
            case MessageEvent.Reassigned reassigned -> Optional.of(reassigned.message());
            case MessageEvent.Replied reply ->
                    reply.customer() == null
                            ? Optional.empty()
                            : Optional.ofNullable(reply.message());
            // These have no entry of their own.
            case MessageEvent.Unsubscribed told -> Optional.empty();
            case MessageEvent.Complained told -> Optional.empty();
            case MessageEvent.StopInForce told -> Optional.empty();
        };
    }

    /** What an entry says that {@link #entryOf} or {@link #replied} wrote. */
    private static Optional<Seen> seen(TimelineStore.OfMessage entry) {
        JsonNode said = read(entry.entry());
        Sign.Kind kind = KINDS.get(said.path("type").asText());
        if (kind == null || said.path("machine").asBoolean()) {
            return Optional.empty();
        }
        MessageId message =
                said.hasNonNull("message") ? MessageId.of(said.path("message").asText()) : null;
        return Optional.of(
                new Seen(
                        entry.customer(),
                        new Sign(
                                kind,
                                Channel.of(said.path("channel").asText()),
                                message,
                                said.path("code").asText(null),
                                entry.at())));
    }

    private static JsonNode read(String entry) {
        try {
            return ContractJson.mapper().readTree(entry);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("column entry holds what is no JSON", e);
        }
    }

    /** Nothing for what a consent tells, which has an entry of its own. */
    private static Optional<TimelineEntry> entry(MessageEvent event) {
        return switch (event) {
            case MessageEvent.Replied reply -> replied(reply);
            case MessageEvent.Unsubscribed told -> Optional.empty();
            case MessageEvent.Complained told -> Optional.empty();
            case MessageEvent.StopInForce told -> Optional.empty();
            case MessageEvent.Reassigned told -> Optional.empty();
            case MessageEvent.OfMessage said ->
                    Optional.of(new TimelineEntry(said.customer(), said.at(), KIND, entryOf(said)));
        };
    }

    private static Optional<TimelineEntry> replied(MessageEvent.Replied reply) {
        if (reply.customer() == null) {
            return Optional.empty();
        }
        Map<String, Object> entry = begin(reply);
        put(entry, "message", reply.message());
        put(entry, "keyword", reply.keyword());
        return Optional.of(new TimelineEntry(reply.customer(), reply.at(), KIND, entry));
    }

    private static Map<String, Object> entryOf(MessageEvent.OfMessage said) {
        Map<String, Object> entry = begin(said);
        entry.put("message", said.message());
        JourneyRef origin = said.origin();
        if (origin != null) {
            entry.put("journey", origin.journey());
            entry.put("step", origin.step());
        }
        switch (said) {
            case MessageEvent.Suppressed suppressed -> {
                entry.put("reason", suppressed.reason());
                put(entry, "retryAt", suppressed.retryAt());
            }
            case MessageEvent.Sent sent -> {
                entry.put("template", sent.template());
                entry.put("route", sent.route());
            }
            case MessageEvent.Failed failed -> {
                entry.put("code", failed.code());
                entry.put("detail", failed.detail());
            }
            case MessageEvent.Unknown unknown -> entry.put("detail", unknown.detail());
            case MessageEvent.Opened opened -> entry.put("machine", opened.machine());
            case MessageEvent.Clicked clicked -> entry.put("url", clicked.url());
            case MessageEvent.Delivered delivered -> {}
            case MessageEvent.Recalled recalled -> entry.put("cause", recalled.cause());
            case MessageEvent.NotRecalled notRecalled -> {
                entry.put("cause", notRecalled.cause());
                entry.put("outcome", notRecalled.outcome());
                entry.put("why", notRecalled.why());
            }
        }
        return entry;
    }

    /** Its type, as in {@code sent}, and its channel. */
    private static Map<String, Object> begin(MessageEvent event) {
        Map<String, Object> entry = new LinkedHashMap<>();
        String type = EventTypes.typeOf(event.getClass());
        entry.put("type", type.substring(type.lastIndexOf('.') + 1));
        entry.put("channel", event.channel());
        return entry;
    }

    private static void put(Map<String, Object> entry, String name, @Nullable Object value) {
        if (value != null) {
            entry.put(name, value);
        }
    }
}
