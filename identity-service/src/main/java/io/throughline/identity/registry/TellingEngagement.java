package io.throughline.identity.registry;

import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.throughline.governance.ContactGate;
import io.throughline.identity.store.LastEngaged;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;

/**
 * Tells the gate when customers last engaged, once that is committed. It only loosens, so nothing
 * waits for it, and a gate that is away holds nothing up: what it is owed stands in the table.
 * Nothing is locked meanwhile, so of several processes two may tell the same, which is harmless.
 */
@ApplicationScoped
class TellingEngagement {

    private static final Logger LOG = Logger.getLogger(TellingEngagement.class);
    private static final long EVERY_MILLIS = 250;
    private static final int AT_ONCE = 500;

    private final LastEngaged engaged;
    private final ContactGate gate;
    private final Vertx vertx;
    private final AtomicBoolean running = new AtomicBoolean();

    TellingEngagement(LastEngaged engaged, ContactGate gate, Vertx vertx) {
        this.engaged = engaged;
        this.gate = gate;
        this.vertx = vertx;
    }

    void start(@Observes StartupEvent event) {
        vertx.setPeriodic(EVERY_MILLIS, timer -> tellOnce());
    }

    private void tellOnce() {
        if (!running.compareAndSet(false, true)) {
            return;
        }
        tell().onTermination()
                .invoke(() -> running.set(false))
                .subscribe()
                .with(
                        done -> {},
                        failure ->
                                LOG.debugf(
                                        "the gate cannot be told now who engaged, trying again: %s",
                                        failure));
    }

    /** Until nothing is owed any more. */
    private Uni<Void> tell() {
        return engaged.owed(AT_ONCE)
                .chain(owed ->
                        owed.isEmpty()
                                ? Uni.createFrom().voidItem()
                                : gate.engaged(owed)
                                        .chain(() -> engaged.told(owed))
                                        .chain(() ->
                                                owed.size() < AT_ONCE
                                                        ? Uni.createFrom().voidItem()
                                                        : tell()));
    }
}
