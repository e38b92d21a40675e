package io.throughline.identity.registry;

import io.smallrye.mutiny.Uni;
import io.throughline.chassis.stream.Outbox;
import io.throughline.chassis.stream.SurroundingsFault;
import io.throughline.contracts.ContractEvent;
import io.throughline.contracts.Identifier;
import io.throughline.contracts.customer.CustomersMerged;
import io.throughline.contracts.ingest.AcceptedEvent;
import io.throughline.identity.profile.Profile;
import io.throughline.identity.resolution.Changes;
import io.throughline.identity.resolution.Directory;
import io.throughline.identity.store.ConcurrentChange;
import io.throughline.identity.store.CustomerStore;
import io.throughline.identity.store.TimelineEntry;
import io.throughline.identity.store.TimelineStore;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * One unit of resolution within a transaction: lock the customers it touches, decide in a {@link
 * Directory}, store, put in force, tell.
 */
@ApplicationScoped
class Resolving {

    private final CustomerStore customers;
    private final TimelineStore timeline;
    private final Outbox outbox;
    private final Enforcement enforcement;
    private final Births births;

    Resolving(
            CustomerStore customers,
            TimelineStore timeline,
            Outbox outbox,
            Enforcement enforcement,
            Births births) {
        this.customers = customers;
        this.timeline = timeline;
        this.outbox = outbox;
        this.enforcement = enforcement;
        this.births = births;
    }

    /**
     * Does the work among all customers that hold any of the identifiers, and gives what it gave.
     * Fails with a {@link SurroundingsFault} where another unit of work came first or the gate did
     * not answer: the transaction must then be rolled back, and trying again helps.
     */
    <T> Uni<T> resolve(
            SqlConnection tx, Collection<Identifier> identifiers, Function<Directory, T> work) {
        return customers
                .lockHolders(tx, identifiers)
                .chain(held -> decide(tx, held, work))
                .onFailure(ConcurrentChange.class)
                .transform(lost -> new SurroundingsFault("somebody else came first", lost));
    }

    static List<Identifier> identifiersOf(List<AcceptedEvent> events) {
        return events.stream().flatMap(event -> event.identifiers().stream()).toList();
    }

    private <T> Uni<T> decide(SqlConnection tx, List<Profile> held, Function<Directory, T> work) {
        Directory directory = births.directory(held);
        T result = work.apply(directory);
        Changes changes = directory.changes();
        return changes.isEmpty()
                ? Uni.createFrom().item(result)
                : commit(tx, changes).replaceWith(result);
    }

    private Uni<Void> commit(SqlConnection tx, Changes changes) {
        return customers
                .save(tx, changes)
                .chain(() -> timeline.append(tx, entries(changes)))
                .chain(() -> outbox.append(tx, events(changes)))
                .chain(() -> enforcement.changes(tx, changes));
    }

    private static List<ContractEvent> events(Changes changes) {
        List<ContractEvent> events = new ArrayList<>(changes.merges());
        changes.published().forEach(profile -> events.add(profile.toEvent()));
        return events;
    }

    private static List<TimelineEntry> entries(Changes changes) {
        List<TimelineEntry> entries = new ArrayList<>();
        for (CustomersMerged merge : changes.merges()) {
            entries.add(
                    new TimelineEntry(
                            merge.survivor(),
                            merge.mergedAt(),
                            "merge",
                            Map.of("merged", merge.merged(), "cause", merge.cause())));
        }
        for (Changes.RefusedLink refused : changes.refused()) {
            entries.add(
                    new TimelineEntry(
                            refused.customer(),
                            refused.at(),
                            "link-refused",
                            Map.of(
                                    "identifier",
                                    refused.link().identifier(),
                                    "holder",
                                    refused.link().holder(),
                                    "why",
                                    refused.link().why(),
                                    "cause",
                                    refused.cause())));
        }
        return entries;
    }
}
