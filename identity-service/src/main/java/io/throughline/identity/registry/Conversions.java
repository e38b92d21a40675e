package io.throughline.identity.registry;

import io.throughline.contracts.ingest.AcceptedEvent;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.governance.policy.PoliciesChanged;
import io.throughline.governance.policy.PublishedPolicies;
import io.throughline.identity.conversion.ConversionRules;
import io.throughline.identity.conversion.Silence;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.List;

/** The conversion rules in force, compiled each time they change and before they are. */
@ApplicationScoped
public class Conversions {

    private final PublishedPolicies policies;
    private volatile ConversionRules rules = ConversionRules.of(ContactPolicy.initial(), List.of());

    Conversions(PublishedPolicies policies) {
        this.policies = policies;
    }

    /** The silences that an event begins; empty where it is no conversion. */
    public List<Silence> silencesOf(AcceptedEvent event) {
        return rules.silencesOf(event);
    }

    /** Whether the rules that were in force at the start of this process have been read. */
    boolean areKnown() {
        return policies.caughtUp();
    }

    void compile(@Observes PoliciesChanged change) {
        rules = rules.changedTo(change.contactPolicy(), change.conversions());
    }
}
