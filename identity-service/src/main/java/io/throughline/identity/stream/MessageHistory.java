package io.throughline.identity.stream;

import io.smallrye.mutiny.Uni;
import io.throughline.contracts.EventTypes;
import io.throughline.contracts.message.JourneyRef;
import io.throughline.contracts.message.MessageEvent;
import io.throughline.identity.engagement.Engagement;
import io.throughline.identity.store.EngagementStore;
import io.throughline.identity.store.LastEngaged;
import io.throughline.identity.store.TimelineEntry;
import io.throughline.identity.store.TimelineStore;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What became of messages, as entries of customers' histories and as counts by channel. */
@ApplicationScoped
class MessageHistory {

    private static final String KIND = "message";

    private final TimelineStore timeline;
    private final EngagementStore engagements;
    private final LastEngaged engaged;

    MessageHistory(TimelineStore timeline, EngagementStore engagements, LastEngaged engaged) {
        this.timeline = timeline;
        this.engagements = engagements;
        this.engaged = engaged;
    }

    /** After whatever else the transaction does that locks customers. */
    Uni<Void> append(SqlConnection tx, List<MessageEvent> events) {
        return timeline.append(tx, events.stream().flatMap(event -> entry(event).stream()).toList())
                .chain(() -> engagements.note(tx, events))
                .chain(() -> engaged.note(tx, signsOfLife(events)));
    }

    private static List<io.throughline.governance.Engagement> signsOfLife(
            List<MessageEvent> events) {
        return events.stream()
                .filter(Engagement::shows)
                .map(event ->
                        new io.throughline.governance.Engagement(
                                event.tellsOf().getFirst(), event.at()))
                .toList();
    }

    /** Nothing for what a consent tells, which has an entry of its own. */
    private static Optional<TimelineEntry> entry(MessageEvent event) {
        return switch (event) {
            case MessageEvent.Replied reply -> replied(reply);
            case MessageEvent.Unsubscribed told -> Optional.empty();
            case MessageEvent.Complained told -> Optional.empty();
            case MessageEvent.StopInForce told -> Optional.empty();
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
