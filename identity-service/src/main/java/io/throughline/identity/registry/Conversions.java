package io.throughline.identity.registry;

import io.throughline.contracts.CustomerId;
import io.throughline.contracts.ingest.AcceptedEvent;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.governance.SilenceWrite;
import io.throughline.governance.policy.PoliciesChanged;
import io.throughline.governance.policy.PoliciesFollower;
import io.throughline.governance.policy.PublishedPolicies;
import io.throughline.identity.conversion.ConversionRules;
import jakarta.inject.Singleton;
import java.util.List;

/** The conversion rules in force, compiled each time they change and before they are. */
@Singleton
public class Conversions implements PoliciesFollower {

    private final PublishedPolicies policies;
    private volatile ConversionRules rules = ConversionRules.of(ContactPolicy.initial(), List.of());

    Conversions(PublishedPolicies policies) {
        this.policies = policies;
    }

    /** The silences that an event begins, and those that it lifts. */
    public List<SilenceWrite> silencesOf(CustomerId customer, AcceptedEvent event) {
        return rules.silencesOf(customer, event);
    }

    /** Whether an event begins a silence. */
    public boolean isConversion(AcceptedEvent event) {
        return rules.isConversion(event);
    }

    /** Whether the rules that were in force at the start of this process have been read. */
    boolean areKnown() {
        return policies.caughtUp();
    }

    @Override
    public void follow(PoliciesChanged change) {
        rules = rules.changedTo(change.contactPolicy(), change.conversions());
    }
}
