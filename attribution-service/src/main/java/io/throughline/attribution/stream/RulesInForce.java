package io.throughline.attribution.stream;

import io.throughline.attribution.conversion.ConversionRules;
import io.throughline.chassis.stream.SurroundingsFault;
import io.throughline.contracts.policy.PolicyEvent.ConversionRulesPublished;
import io.throughline.governance.policy.PublishedPolicies;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import org.jboss.logging.Logger;

/** The conversion rules in force, compiled once for as long as they stay the same. */
@ApplicationScoped
public class RulesInForce {

    private static final Logger LOG = Logger.getLogger(RulesInForce.class);

    private final PublishedPolicies policies;

    private volatile Compiled compiled = new Compiled(List.of(), ConversionRules.of(List.of()));

    RulesInForce(PublishedPolicies policies) {
        this.policies = policies;
    }

    private record Compiled(List<ConversionRulesPublished> published, ConversionRules rules) {}

    /**
     * The rules as of now.
     *
     * @throws SurroundingsFault while it is not known what is in force, as just after a start
     */
    ConversionRules now() {
        if (!policies.caughtUp()) {
            throw new SurroundingsFault("the published policies have not been read yet");
        }
        List<ConversionRulesPublished> published = policies.conversions();
        Compiled known = compiled;
        if (!known.published().equals(published)) {
            known = new Compiled(List.copyOf(published), ConversionRules.of(published));
            known.rules()
                    .broken()
                    .forEach(rule ->
                            LOG.warnf(
                                    "conversion rule is ignored, put the journey again without it: %s",
                                    rule));
            compiled = known;
        }
        return known.rules();
    }

    /** Whether goals of this journey are in force. */
    public boolean has(String journey) {
        return policies.conversions().stream()
                .anyMatch(p -> p.journey().equals(journey) && !p.rules().isEmpty());
    }
}
