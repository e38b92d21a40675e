package io.throughline.identity.registry;

import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.throughline.chassis.time.Recurring;
import io.throughline.identity.resolution.ResolutionRules;
import io.throughline.identity.resolution.RulesInForce;
import io.throughline.identity.store.RuleStore;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import org.jboss.logging.Logger;

/** The rules of resolution in force, read again every second. */
@ApplicationScoped
public class Rules {

    private static final Logger LOG = Logger.getLogger(Rules.class);
    private static final Duration EVERY = Duration.ofSeconds(1);

    private final RuleStore store;
    private final Recurring recurring;
    private volatile RulesInForce inForce = new RulesInForce(ResolutionRules.initial());

    Rules(RuleStore store, Recurring recurring) {
        this.store = store;
        this.recurring = recurring;
    }

    void start(@Observes StartupEvent event) {
        recurring.nowAndEvery(EVERY, LOG, "the rules cannot be read", this::refresh);
    }

    public RulesInForce inForce() {
        return inForce;
    }

    /** Reads them now; an outage leaves those that are in force. */
    public Uni<Void> refresh() {
        return store.newest()
                .invoke(newest -> {
                    if (newest != null && newest.version() > inForce.rules().version()) {
                        inForce = new RulesInForce(newest);
                    }
                })
                .onFailure()
                .invoke(failure ->
                        LOG.debugf("the rules of resolution cannot be read now: %s", failure))
                .onFailure()
                .recoverWithNull()
                .replaceWithVoid();
    }
}
