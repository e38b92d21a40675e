package io.throughline.governance.redis;

import io.smallrye.health.api.AsyncHealthCheck;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;
import org.jboss.logging.Logger;

/**
 * A Redis that evicts would forget a stop of an address without a word, and whoever gets the
 * address next would be written to (promise P1). One that does not tell, as a managed one may not,
 * or does not answer is no failure here: whether it is there is another check's to say.
 */
@ApplicationScoped
@Readiness
class EvictionReadiness implements AsyncHealthCheck {

    private static final Logger LOG = Logger.getLogger(EvictionReadiness.class);
    private static final String NAME = "gate memory";

    private final RedisGate gate;
    private final AtomicBoolean told = new AtomicBoolean();

    EvictionReadiness(RedisGate gate) {
        this.gate = gate;
    }

    @Override
    public Uni<HealthCheckResponse> call() {
        return gate.memory()
                .map(EvictionReadiness::evictions)
                .map(this::response)
                .onFailure()
                .recoverWithItem(failure -> {
                    LOG.debugf("Redis does not tell what it does when it is full: %s", failure);
                    return HealthCheckResponse.named(NAME).up().build();
                });
    }

    private static List<Eviction> evictions(List<String> said) {
        return said.stream().flatMap(info -> Eviction.of(info).stream()).toList();
    }

    private HealthCheckResponse response(List<Eviction> evictions) {
        Optional<String> wrong =
                evictions.stream().filter(Eviction::forgets).findFirst().map(Eviction::policy);
        if (wrong.isEmpty()) {
            if (!evictions.isEmpty()) {
                told.set(false);
            }
            return HealthCheckResponse.named(NAME).up().build();
        }
        String text =
                "Redis has maxmemory-policy "
                        + wrong.get()
                        + " and a maxmemory, so it may forget that an address has opted out; set"
                        + " maxmemory-policy to noeviction, on every master";
        if (told.compareAndSet(false, true)) {
            LOG.warnf("not ready: %s", text);
        }
        return HealthCheckResponse.named(NAME).down().withData("redis", text).build();
    }
}
