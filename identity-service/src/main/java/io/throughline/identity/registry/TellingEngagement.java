package io.throughline.identity.registry;

import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.throughline.governance.ContactGate;
import io.throughline.identity.store.LastEngaged;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
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

    TellingEngagement(LastEngaged engaged, ContactGate gate, Vertx vertx) {
        this.engaged = engaged;
        this.gate = gate;
        this.vertx = vertx;
    }

    void start(@Observes StartupEvent event) {
        Recurring.every(
                EVERY_MILLIS, vertx, LOG, "the gate cannot be told who engaged", this::tell);
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
