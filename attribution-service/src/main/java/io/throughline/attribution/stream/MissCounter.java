package io.throughline.attribution.stream;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.StartupEvent;
import io.throughline.attribution.store.Misses;
import io.throughline.chassis.stream.Transactions;
import io.throughline.chassis.time.Recurring;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.jboss.logging.Logger;

/**
 * Counts suppression misses by the door they slipped past at, each once among all processes: the
 * database says which were counted. Those of a process that dies just then are not in the metric,
 * and are in the ledger.
 */
@ApplicationScoped
class MissCounter {

    private static final Logger LOG = Logger.getLogger(MissCounter.class);
    private static final Duration BEAT = Duration.ofSeconds(1);
    private static final int AT_ONCE = 500;

    private final Recurring recurring;
    private final Transactions transactions;
    private final Misses misses;
    private final MeterRegistry registry;
    private final InstantSource clock;

    MissCounter(
            Recurring recurring,
            Transactions transactions,
            Misses misses,
            MeterRegistry registry,
            InstantSource clock) {
        this.recurring = recurring;
        this.transactions = transactions;
        this.misses = misses;
        this.registry = registry;
        this.clock = clock;
    }

    void start(@Observes StartupEvent event) {
        recurring.every(
                BEAT,
                LOG,
                "misses cannot be counted",
                () ->
                        transactions
                                .inTransaction(tx -> misses.uncounted(tx, clock.instant(), AT_ONCE))
                                .invoke(this::count));
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
