package io.throughline.governance.policy;

import io.throughline.contracts.Topics;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/**
 * Without the policies a service would decide by rules that are no longer in force; the same where
 * a part of it could not take them.
 */
@ApplicationScoped
@Readiness
class PoliciesReadiness implements HealthCheck {

    private final PublishedPolicies policies;

    PoliciesReadiness(PublishedPolicies policies) {
        this.policies = policies;
    }

    @Override
    public HealthCheckResponse call() {
        HealthCheckResponseBuilder response = HealthCheckResponse.named("policies").up();
        CatchUp catchUp = policies.catchUp();
        if (!catchUp.done()) {
            response.down().withData(Topics.POLICIES, catchUp.missing());
        }
        policies.behind().forEach((name, why) -> response.down().withData(name, why));
        return response.build();
    }
}
