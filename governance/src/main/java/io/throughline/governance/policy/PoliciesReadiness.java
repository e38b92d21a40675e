package io.throughline.governance.policy;

import io.throughline.contracts.Topics;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Without the policies a service would decide by rules that are no longer in force. */
@ApplicationScoped
@Readiness
class PoliciesReadiness implements HealthCheck {

    private final PublishedPolicies policies;

    PoliciesReadiness(PublishedPolicies policies) {
        this.policies = policies;
    }

    @Override
    public HealthCheckResponse call() {
        CatchUp catchUp = policies.catchUp();
        return catchUp.done()
                ? HealthCheckResponse.named("policies").up().build()
                : HealthCheckResponse.named("policies")
                        .down()
                        .withData(Topics.POLICIES, catchUp.missing())
                        .build();
    }
}
