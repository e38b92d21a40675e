package io.throughline.identity.registry;

import io.smallrye.mutiny.Uni;
import io.throughline.chassis.stream.Outbox;
import io.throughline.chassis.stream.Statements;
import io.throughline.contracts.customer.BehaviourRecorded;
import io.throughline.contracts.ingest.AcceptedEvent;
import io.throughline.governance.Engagement;
import io.throughline.governance.rules.SignsOfLife;
import io.throughline.identity.resolution.Statement;
import io.throughline.identity.store.CustomerStore;
import io.throughline.identity.store.LastEngaged;
import io.throughline.identity.store.TimelineEntry;
import io.throughline.identity.store.TimelineStore;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Applies accepted events, each once: resolves whose they are, folds them into the profiles, writes
 * them into the histories, tells the other services.
 */
@ApplicationScoped
public class BehindTheLog {

    private final CustomerStore customers;
    private final ErasedBefore erased;
    private final Resolving resolving;
    private final Silencing silencing;
    private final Telling telling;

    /** Where it is written down what customers did, for people and for the other services. */
    @ApplicationScoped
    static class Telling {

        private final TimelineStore timeline;
        private final LastEngaged engaged;
        private final Conversions conversions;
        private final Outbox outbox;

        Telling(
                TimelineStore timeline,
                LastEngaged engaged,
                Conversions conversions,
                Outbox outbox) {
            this.timeline = timeline;
            this.engaged = engaged;
            this.conversions = conversions;
            this.outbox = outbox;
        }

        Uni<Void> tell(SqlConnection tx, List<Owned> events) {
            return Statements.inOneGo(
                    List.of(
                            timeline.append(tx, events.stream().map(BehindTheLog::entry).toList()),
                            engaged.note(tx, signsOfLife(events)),
                            outbox.append(
                                    tx, events.stream().map(BehindTheLog::behaviour).toList())));
        }

        private List<Engagement> signsOfLife(List<Owned> events) {
            return events.stream()
                    .filter(owned -> shows(owned.event()))
                    .map(owned ->
                            new Engagement(
                                    owned.customer(),
                                    SignsOfLife.at(
                                            owned.event().occurredAt(),
                                            owned.event().receivedAt())))
                    .toList();
        }

        private boolean shows(AcceptedEvent event) {
            return SignsOfLife.shows(event.kind(), event.name(), event.context())
                    || conversions.isConversion(event);
        }
    }

    BehindTheLog(
            CustomerStore customers,
            ErasedBefore erased,
            Resolving resolving,
            Silencing silencing,
            Telling telling) {
        this.customers = customers;
        this.erased = erased;
        this.resolving = resolving;
        this.silencing = silencing;
        this.telling = telling;
    }

    /** Applies a batch in the caller's transaction; messages that were applied before are left. */
    public Uni<Void> apply(SqlConnection tx, List<AcceptedEvent> events) {
        return customers
                .accept(tx, events)
                .chain(fresh -> erased.without(tx, fresh))
                .chain(fresh ->
                        fresh.isEmpty()
                                ? Uni.createFrom().voidItem()
                                : resolve(tx, fresh)
                                        .call(() -> erased.since(tx, fresh))
                                        .chain(owned -> tell(tx, owned)));
    }

    private Uni<List<Owned>> resolve(SqlConnection tx, List<AcceptedEvent> events) {
        return resolving
                .resolve(tx, events.stream().map(Statement::of).toList())
                .map(owner -> Owned.all(events, Statement::of, owner));
    }

    private Uni<Void> tell(SqlConnection tx, List<Owned> events) {
        return silencing.begin(tx, events).chain(() -> telling.tell(tx, events));
    }

    private static BehaviourRecorded behaviour(Owned owned) {
        AcceptedEvent event = owned.event();
        return new BehaviourRecorded(
                owned.customer(),
                event.messageId(),
                event.source(),
                event.kind(),
                event.name(),
                event.properties(),
                event.context(),
                event.identifiers(),
                event.occurredAt(),
                event.receivedAt(),
                owned.sighting());
    }

    private static TimelineEntry entry(Owned owned) {
        AcceptedEvent event = owned.event();
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("type", event.kind());
        if (event.name() != null) {
            entry.put("name", event.name());
        }
        entry.put("messageId", event.messageId());
        entry.put("source", event.source());
        entry.put("properties", event.properties());
        if (!event.traits().isEmpty()) {
            entry.put("traits", event.traits());
        }
        entry.put("identifiers", event.identifiers());
        entry.put("receivedAt", event.receivedAt());
        return new TimelineEntry(
                owned.customer(), event.occurredAt(), "event", entry, owned.sighting());
    }
}
