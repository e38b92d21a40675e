package io.throughline.identity.registry;

import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.throughline.chassis.stream.SurroundingsFault;
import io.throughline.chassis.time.Recurring;
import io.throughline.identity.resolution.ResolutionRules;
import io.throughline.identity.resolution.RulesInForce;
import io.throughline.identity.store.RuleStore;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The rules of resolution in force, read again every second. Until they have been read once nothing
 * may be decided: by other rules than those in force it would be decided wrongly.
 */
@ApplicationScoped
public class Rules {

    private static final Logger LOG = Logger.getLogger(Rules.class);
    private static final Duration EVERY = Duration.ofSeconds(1);

    private final RuleStore store;
    private final Recurring recurring;
    private volatile @Nullable RulesInForce inForce;

    Rules(RuleStore store, Recurring recurring) {
        this.store = store;
        this.recurring = recurring;
    }

    void start(@Observes StartupEvent event) {
        recurring.nowAndEvery(EVERY, LOG, "the rules cannot be read", this::refresh);
    }

    /**
     * @throws SurroundingsFault where they have not been read yet
     */
    public RulesInForce inForce() {
        RulesInForce known = inForce;
        if (known == null) {
            throw new SurroundingsFault("the rules of resolution have not been read yet");
        }
        return known;
    }

    /** Whether the rules have been read since this process started. */
    boolean areKnown() {
        return inForce != null;
    }

    /** Reads them now; an outage leaves those that are in force. */
    public Uni<Void> refresh() {
        return store.newest()
                .invoke(this::take)
                .onFailure()
                .invoke(failure ->
                        LOG.debugf("the rules of resolution cannot be read now: %s", failure))
                .onFailure()
                .recoverWithNull()
                .replaceWithVoid();
    }

    /**
     * @param newest absent where nobody ever changed them
     */
    private void take(@Nullable ResolutionRules newest) {
        ResolutionRules stored = newest == null ? ResolutionRules.initial() : newest;
        RulesInForce known = inForce;
        if (known == null || stored.version() > known.rules().version()) {
            inForce = new RulesInForce(stored);
        }
    }
}
