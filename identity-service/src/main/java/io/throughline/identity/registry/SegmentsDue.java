package io.throughline.identity.registry;

import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.throughline.chassis.stream.Faults;
import io.throughline.chassis.stream.Transactions;
import io.throughline.chassis.time.Recurring;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import org.jboss.logging.Logger;

/**
 * Looks at customers whose standing time alone may have changed. Any number of processes share
 * them; nobody waits for another.
 */
@ApplicationScoped
class SegmentsDue {

    private static final Logger LOG = Logger.getLogger(SegmentsDue.class);
    private static final Duration EVERY = Duration.ofMillis(500);
    private static final int AT_ONCE = 500;

    private final Transactions transactions;
    private final SegmentsInForce inForce;
    private final Evaluating evaluating;
    private final Recurring recurring;

    SegmentsDue(
            Transactions transactions,
            SegmentsInForce inForce,
            Evaluating evaluating,
            Recurring recurring) {
        this.transactions = transactions;
        this.inForce = inForce;
        this.evaluating = evaluating;
        this.recurring = recurring;
    }

    void start(@Observes StartupEvent event) {
        recurring.every(EVERY, LOG, "segments that are due cannot be looked at", this::goOn);
    }

    private Uni<Void> goOn() {
        return inForce.fresh()
                .chain(segments ->
                        segments.touchedByTime().isEmpty() ? Uni.createFrom().voidItem() : sweep());
    }

    /** One alone where not all of them can be looked at; who cannot be alone is put off. */
    private Uni<Integer> look() {
        return transactions
                .inTransaction(tx -> evaluating.evaluateDue(tx, AT_ONCE))
                .onFailure(failure -> !Faults.passes(failure))
                .recoverWithUni(
                        together -> transactions.inTransaction(tx -> evaluating.evaluateDue(tx, 1)))
                .onFailure(failure -> !Faults.passes(failure))
                .recoverWithUni(failure -> {
                    LOG.errorf(failure, "a customer cannot be looked at, trying again in an hour");
                    return transactions.inTransaction(evaluating::putOff);
                });
    }

    private Uni<Void> sweep() {
        return Multi.createBy()
                .repeating()
                .uni(this::look)
                .whilst(looked -> looked == AT_ONCE)
                .collect()
                .last()
                .replaceWithVoid();
    }
}
