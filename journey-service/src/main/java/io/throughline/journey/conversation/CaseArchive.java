package io.throughline.journey.conversation;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.throughline.chassis.stream.Outbox;
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
import java.util.Collection;
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
        return each(book.merges(), merge -> merge(tx, merge))
                .chain(() -> customers.save(tx, book.changedCustomers()))
                .chain(() -> instances.save(tx, book.changedInstances(now)))
                .chain(() -> storeTimers(tx, book))
                .chain(() -> entries.save(tx, book.changedEntries()))
                .chain(() -> behaviours.save(tx, book.behaviours()))
                .chain(() -> outbox.append(tx, book.events()));
    }

    private Uni<Void> merge(SqlConnection tx, Merge merge) {
        return customers
                .merge(tx, merge.survivor(), merge.merged())
                .chain(() -> instances.moveLeft(tx, merge.survivor(), merge.merged()))
                .chain(() -> entries.forget(tx, merge.merged()));
    }

    /** What is started comes last: it may have the key of one that is removed. */
    private Uni<Void> storeTimers(SqlConnection tx, Casebook book) {
        return timers.remove(tx, book.removedTimers())
                .chain(() -> timers.hold(tx, book.heldTimers()))
                .chain(() -> timers.cancel(tx, book.cancelled()))
                .chain(() -> timers.clear(tx, book.left()))
                .chain(() -> each(book.moved().entrySet(), owned -> move(tx, owned)))
                .chain(() -> timers.start(tx, book.startedTimers()));
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
