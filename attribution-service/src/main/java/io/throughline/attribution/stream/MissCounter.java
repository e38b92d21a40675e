package io.throughline.attribution.stream;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.throughline.attribution.store.Misses;
import io.throughline.chassis.stream.Transactions;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;

/**
 * Counts suppression misses by the door they slipped past at, each once among all processes: the
 * database says which were counted. Those of a process that dies just then are not in the metric,
 * and are in the ledger.
 */
@ApplicationScoped
class MissCounter {

    private static final Logger LOG = Logger.getLogger(MissCounter.class);
    private static final long BEAT_MILLIS = 1_000;
    private static final int AT_ONCE = 500;

    private final Vertx vertx;
    private final Transactions transactions;
    private final Misses misses;
    private final MeterRegistry registry;
    private final InstantSource clock;
    private final AtomicBoolean working = new AtomicBoolean();
    private volatile boolean running;

    MissCounter(
            Vertx vertx,
            Transactions transactions,
            Misses misses,
            MeterRegistry registry,
            InstantSource clock) {
        this.vertx = vertx;
        this.transactions = transactions;
        this.misses = misses;
        this.registry = registry;
        this.clock = clock;
    }

    void start(@Observes StartupEvent event) {
        running = true;
        long beat = vertx.setPeriodic(BEAT_MILLIS, this::beat);
        LOG.debugf("counting misses, timer %d", beat);
    }

    void stop(@Observes ShutdownEvent event) {
        running = false;
    }

    private void beat(long timer) {
        if (!running) {
            vertx.cancelTimer(timer);
        } else if (working.compareAndSet(false, true)) {
            transactions
                    .inTransaction(tx -> misses.uncounted(tx, clock.instant(), AT_ONCE))
                    .onTermination()
                    .invoke(() -> working.set(false))
                    .subscribe()
                    .with(
                            this::count,
                            failure -> LOG.warnf("misses cannot be counted now: %s", failure));
        }
    }

    private void count(List<Misses.News> news) {
        for (Misses.News one : news) {
            registry.counter(
                            "throughline.suppression.misses",
                            "kind",
                            one.kind(),
                            "door",
                            one.door())
                    .increment((double) one.count());
        }
    }
}
