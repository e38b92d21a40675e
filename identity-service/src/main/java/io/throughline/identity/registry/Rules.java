package io.throughline.identity.registry;

import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.throughline.identity.resolution.ResolutionRules;
import io.throughline.identity.resolution.RulesInForce;
import io.throughline.identity.store.RuleStore;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import org.jboss.logging.Logger;

/** The rules of resolution in force, read again every second. */
@ApplicationScoped
public class Rules {

    private static final Logger LOG = Logger.getLogger(Rules.class);
    private static final long EVERY_MILLIS = 1_000;

    private final RuleStore store;
    private final Vertx vertx;
    private volatile RulesInForce inForce = new RulesInForce(ResolutionRules.initial());

    Rules(RuleStore store, Vertx vertx) {
        this.store = store;
        this.vertx = vertx;
    }

    void start(@Observes StartupEvent event) {
        Recurring.every(EVERY_MILLIS, vertx, LOG, "the rules cannot be read", this::refresh);
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
