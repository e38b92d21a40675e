package io.throughline.attribution.stream;

import io.throughline.attribution.conversion.ConversionRules;
import io.throughline.chassis.stream.SurroundingsFault;
import io.throughline.governance.policy.PoliciesChanged;
import io.throughline.governance.policy.PoliciesFollower;
import io.throughline.governance.policy.PublishedPolicies;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import org.jboss.logging.Logger;

/** The conversion rules in force, compiled each time they change and before they are. */
@ApplicationScoped
public class RulesInForce implements PoliciesFollower {

    private static final Logger LOG = Logger.getLogger(RulesInForce.class);

    private final PublishedPolicies policies;

    private volatile ConversionRules rules = ConversionRules.of(List.of());

    RulesInForce(PublishedPolicies policies) {
        this.policies = policies;
    }

    @Override
    public void follow(PoliciesChanged change) {
        ConversionRules next = ConversionRules.of(change.conversions());
        next.broken()
                .forEach(rule ->
                        LOG.warnf(
                                "conversion rule is ignored, put the journey again without it: %s",
                                rule));
        rules = next;
    }

    /**
     * The rules as of now.
     *
     * @throws SurroundingsFault while it is not known what is in force, as just after a start
     */
    ConversionRules now() {
        if (!policies.caughtUp()) {
            throw new SurroundingsFault("the published policies have not been read yet");
        }
        return rules;
    }

    /** Whether goals of this journey are in force. */
    public boolean has(String journey) {
        return policies.conversions().stream()
                .anyMatch(p -> p.journey().equals(journey) && !p.rules().isEmpty());
    }
}
