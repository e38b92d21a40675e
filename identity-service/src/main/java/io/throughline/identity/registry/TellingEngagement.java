package io.throughline.identity.registry;

import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.throughline.chassis.time.Recurring;
import io.throughline.governance.ContactGate;
import io.throughline.identity.store.LastEngaged;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import org.jboss.logging.Logger;

/**
 * Tells the gate when customers last engaged, once that is committed. It only loosens, so nothing
 * waits for it, and a gate that is away holds nothing up: what it is owed stands in the table.
 * Nothing is locked meanwhile, so of several processes two may tell the same, which is harmless.
 */
@ApplicationScoped
class TellingEngagement {

    private static final Logger LOG = Logger.getLogger(TellingEngagement.class);
    private static final Duration EVERY = Duration.ofMillis(250);
    private static final int AT_ONCE = 500;

    private final LastEngaged engaged;
    private final ContactGate gate;
    private final Recurring recurring;

    TellingEngagement(LastEngaged engaged, ContactGate gate, Recurring recurring) {
        this.engaged = engaged;
        this.gate = gate;
        this.recurring = recurring;
    }

    void start(@Observes StartupEvent event) {
        recurring.every(EVERY, LOG, "the gate cannot be told who engaged", this::tell);
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
