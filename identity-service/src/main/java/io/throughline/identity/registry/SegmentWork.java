package io.throughline.identity.registry;

import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.throughline.chassis.stream.Faults;
import io.throughline.chassis.stream.Transactions;
import io.throughline.identity.store.SegmentWorkStore;
import io.throughline.identity.store.SegmentWorkStore.Claimed;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;
import org.jboss.logging.Logger.Level;

/**
 * Fills, empties and tries segments, some customers at a time. Each piece of work gets its turn, so
 * that a long one holds up no short one; any process may take the next turn, and what a dead one
 * left is taken up where it was.
 */
@ApplicationScoped
class SegmentWork {

    private static final Logger LOG = Logger.getLogger(SegmentWork.class);
    private static final long EVERY_MILLIS = 300;
    private static final long PRUNED_EVERY_MILLIS = Duration.ofHours(1).toMillis();
    private static final Duration TURN = Duration.ofSeconds(2);

    /** A question whose connection died without a word would else be the last. */
    private static final Duration LONGEST = Duration.ofMinutes(2);

    private static final Duration CLAIMED = SegmentSteps.CLAIMED;

    private final Transactions transactions;
    private final SegmentWorkStore work;
    private final SegmentSteps steps;
    private final Vertx vertx;
    private final AtomicBoolean busy = new AtomicBoolean();

    SegmentWork(Transactions transactions, SegmentWorkStore work, SegmentSteps steps, Vertx vertx) {
        this.transactions = transactions;
        this.work = work;
        this.steps = steps;
        this.vertx = vertx;
    }

    void start(@Observes StartupEvent event) {
        vertx.setPeriodic(EVERY_MILLIS, timer -> goOn());
        vertx.setPeriodic(PRUNED_EVERY_MILLIS, timer -> prune());
    }

    private void goOn() {
        if (!busy.compareAndSet(false, true)) {
            return;
        }
        transactions
                .inTransaction(tx -> work.claim(tx, SegmentsInForce.KNOWN_EVERYWHERE, CLAIMED))
                .chain(claimed ->
                        claimed.isEmpty() ? Uni.createFrom().voidItem() : turn(claimed.get()))
                .ifNoItem()
                .after(LONGEST)
                .fail()
                .onTermination()
                .invoke(() -> busy.set(false))
                .subscribe()
                .with(
                        done -> {},
                        failure ->
                                LOG.logf(
                                        Faults.passes(failure) ? Level.DEBUG : Level.WARN,
                                        "segments cannot be filled now, going on later: %s",
                                        failure));
    }

    private Uni<Void> turn(Claimed claimed) {
        long until = System.nanoTime() + TURN.toNanos();
        return Multi.createBy()
                .repeating()
                .uni(() -> step(claimed))
                .whilst(more -> more && System.nanoTime() - until < 0)
                .collect()
                .last()
                .chain(() -> work.release(claimed.id()));
    }

    /** One customer alone where not all of them can be looked at, and none left out for another. */
    private Uni<Boolean> step(Claimed claimed) {
        return transactions
                .inTransaction(tx -> steps.step(tx, claimed, SegmentSteps.AT_ONCE))
                .onFailure(failure -> !Faults.passes(failure))
                .recoverWithUni(
                        together -> transactions.inTransaction(tx -> steps.step(tx, claimed, 1)))
                .onFailure(failure -> !Faults.passes(failure))
                .invoke(failure -> LOG.errorf(failure, "a step of segment %s", claimed.segment()))
                .onFailure(failure -> !Faults.passes(failure))
                .recoverWithUni(
                        alone -> transactions.inTransaction(tx -> steps.leaveOut(tx, claimed)));
    }

    private void prune() {
        work.prune()
                .subscribe()
                .with(
                        done -> {},
                        failure -> LOG.debugf("old previews cannot be pruned now: %s", failure));
    }
}
