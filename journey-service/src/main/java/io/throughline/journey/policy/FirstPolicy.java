package io.throughline.journey.policy;

import io.quarkus.runtime.StartupEvent;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.journey.store.PolicyStore;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import org.jboss.logging.Logger;

/** Puts the initial policy in force where an installation has none yet. */
@ApplicationScoped
class FirstPolicy {

    private static final Logger LOG = Logger.getLogger(FirstPolicy.class);

    private final PolicyStore policies;

    FirstPolicy(PolicyStore policies) {
        this.policies = policies;
    }

    void begin(@Observes StartupEvent event) {
        policies.begin(ContactPolicy.initial())
                .onFailure()
                .invoke(failure ->
                        LOG.warnf("the first policy waits for the database: %s", failure))
                .onFailure()
                .retry()
                .withBackOff(Duration.ofMillis(100), Duration.ofSeconds(5))
                .indefinitely()
                .subscribe()
                .with(done -> LOG.debug("a contact policy is in force"));
    }
}
