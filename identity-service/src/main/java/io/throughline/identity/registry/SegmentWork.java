package io.throughline.identity.registry;

import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.throughline.chassis.stream.Faults;
import io.throughline.chassis.stream.Transactions;
import io.throughline.chassis.time.Recurring;
import io.throughline.identity.store.SegmentWorkStore;
import io.throughline.identity.store.SegmentWorkStore.Claimed;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import org.jboss.logging.Logger;

/**
 * Fills, empties and tries segments, some customers at a time. Each piece of work gets its turn, so
 * that a long one holds up no short one; any process may take the next turn, and what a dead one
 * left is taken up where it was.
 */
@ApplicationScoped
class SegmentWork {

    private static final Logger LOG = Logger.getLogger(SegmentWork.class);
    private static final Duration EVERY = Duration.ofMillis(300);
    private static final Duration PRUNED_EVERY = Duration.ofHours(1);
    private static final Duration TURN = Duration.ofSeconds(2);

    private static final Duration CLAIMED = SegmentSteps.CLAIMED;

    private final Transactions transactions;
    private final SegmentWorkStore work;
    private final SegmentSteps steps;
    private final Recurring recurring;

    SegmentWork(
            Transactions transactions,
            SegmentWorkStore work,
            SegmentSteps steps,
            Recurring recurring) {
        this.transactions = transactions;
        this.work = work;
        this.steps = steps;
        this.recurring = recurring;
    }

    void start(@Observes StartupEvent event) {
        recurring.every(EVERY, LOG, "segments cannot be filled", this::goOn);
        recurring.every(PRUNED_EVERY, LOG, "old previews cannot be pruned", work::prune);
    }

    private Uni<Void> goOn() {
        return transactions
                .inTransaction(tx -> work.claim(tx, SegmentsInForce.KNOWN_EVERYWHERE, CLAIMED))
                .chain(claimed ->
                        claimed.isEmpty() ? Uni.createFrom().voidItem() : turn(claimed.get()));
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
}
