package io.throughline.identity.registry;

import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.throughline.chassis.stream.Faults;
import io.throughline.chassis.stream.Transactions;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;
import org.jboss.logging.Logger.Level;

/**
 * Looks at customers whose standing time alone may have changed. Any number of processes share
 * them; nobody waits for another.
 */
@ApplicationScoped
class SegmentsDue {

    private static final Logger LOG = Logger.getLogger(SegmentsDue.class);
    private static final long EVERY_MILLIS = 500;
    private static final int AT_ONCE = 500;

    /** A question whose connection died without a word would else be the last. */
    private static final Duration LONGEST = Duration.ofMinutes(5);

    private final Transactions transactions;
    private final SegmentsInForce inForce;
    private final Evaluating evaluating;
    private final Vertx vertx;
    private final AtomicBoolean busy = new AtomicBoolean();

    SegmentsDue(
            Transactions transactions,
            SegmentsInForce inForce,
            Evaluating evaluating,
            Vertx vertx) {
        this.transactions = transactions;
        this.inForce = inForce;
        this.evaluating = evaluating;
        this.vertx = vertx;
    }

    void start(@Observes StartupEvent event) {
        vertx.setPeriodic(EVERY_MILLIS, timer -> goOn());
    }

    private void goOn() {
        if (!busy.compareAndSet(false, true)) {
            return;
        }
        inForce.fresh()
                .chain(segments ->
                        segments.touchedByTime().isEmpty() ? Uni.createFrom().voidItem() : sweep())
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
                                        "segments that are due wait until this passes: %s",
                                        failure));
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
