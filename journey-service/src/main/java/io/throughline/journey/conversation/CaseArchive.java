package io.throughline.journey.conversation;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.throughline.chassis.stream.Outbox;
import io.throughline.chassis.stream.Statements;
import io.throughline.contracts.CustomerId;
import io.throughline.journey.conversation.Casebook.Merge;
import io.throughline.journey.store.BehaviourStore;
import io.throughline.journey.store.CustomerStore;
import io.throughline.journey.store.EntryStore;
import io.throughline.journey.store.InstanceStore;
import io.throughline.journey.store.TimerStore;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;

/** Puts back what a unit of work changed, one statement a table, and the events that tell of it. */
@ApplicationScoped
class CaseArchive {

    private final CustomerStore customers;
    private final InstanceStore instances;
    private final TimerStore timers;
    private final EntryStore entries;
    private final BehaviourStore behaviours;
    private final Outbox outbox;

    CaseArchive(
            CustomerStore customers,
            InstanceStore instances,
            TimerStore timers,
            EntryStore entries,
            BehaviourStore behaviours,
            Outbox outbox) {
        this.customers = customers;
        this.instances = instances;
        this.timers = timers;
        this.entries = entries;
        this.behaviours = behaviours;
        this.outbox = outbox;
    }

    Uni<Void> store(SqlConnection tx, Casebook book, Instant now) {
        List<Uni<Void>> statements = new ArrayList<>();
        statements.add(customers.save(tx, book.changedCustomers()));
        statements.add(instances.save(tx, book.changedInstances(now)));
        statements.addAll(storeTimers(tx, book));
        statements.add(entries.save(tx, book.changedEntries()));
        statements.add(behaviours.save(tx, book.behaviours()));
        statements.add(outbox.append(tx, book.events()));
        return each(book.merges(), merge -> merge(tx, merge))
                .chain(() -> Statements.inOneGo(statements))
                // After the behaviour of the same batch, which was told before it.
                .chain(() ->
                        each(
                                book.unlinks(),
                                u -> behaviours.move(tx, u.customer(), u.to(), u.sightings())));
    }

    private Uni<Void> merge(SqlConnection tx, Merge merge) {
        return customers
                .merge(tx, merge.survivor(), merge.merged())
                .chain(() -> instances.moveLeft(tx, merge.survivor(), merge.merged()))
                .chain(() -> entries.forget(tx, merge.merged()));
    }

    /** What is started comes last: it may have the key of one that is removed. */
    private List<Uni<Void>> storeTimers(SqlConnection tx, Casebook book) {
        return List.of(
                timers.remove(tx, book.removedTimers()),
                timers.hold(tx, book.heldTimers()),
                timers.cancel(tx, book.cancelled()),
                timers.clear(tx, book.left()),
                Statements.inOneGo(
                        book.moved().entrySet().stream().map(owned -> move(tx, owned)).toList()),
                timers.start(tx, book.startedTimers()));
    }

    private Uni<Void> move(SqlConnection tx, Map.Entry<CustomerId, Set<UUID>> owned) {
        return timers.move(tx, owned.getKey(), owned.getValue());
    }

    private static <T> Uni<Void> each(
            Collection<T> items, Function<? super T, Uni<? extends Void>> work) {
        return items.isEmpty()
                ? Uni.createFrom().voidItem()
                : Multi.createFrom()
                        .iterable(items)
                        .onItem()
                        .transformToUniAndConcatenate(work)
                        .collect()
                        .last()
                        .replaceWithVoid();
    }
}
