package io.throughline.identity.registry;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Before the rules of resolution have been read, whose an event is cannot be said. */
@ApplicationScoped
@Readiness
class RulesReadiness implements HealthCheck {

    private final Rules rules;

    RulesReadiness(Rules rules) {
        this.rules = rules;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("identity-rules").status(rules.areKnown()).build();
    }
}
