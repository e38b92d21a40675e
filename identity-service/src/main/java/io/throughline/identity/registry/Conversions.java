package io.throughline.identity.registry;

import io.throughline.contracts.ingest.AcceptedEvent;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.contracts.policy.PolicyEvent.ConversionRulesPublished;
import io.throughline.governance.policy.PublishedPolicies;
import io.throughline.identity.conversion.ConversionRules;
import io.throughline.identity.conversion.Silence;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.InstantSource;
import java.util.List;

/** The conversion rules in force, compiled once each time they change. */
@ApplicationScoped
public class Conversions {

    /** Comparing what is published with what is compiled costs too much to do for every event. */
    private static final long LOOKED_AT_EVERY_MILLIS = 20;

    private final PublishedPolicies policies;
    private final InstantSource clock;
    private volatile Compiled compiled;

    private record Compiled(
            ContactPolicy policy,
            List<ConversionRulesPublished> journeys,
            ConversionRules rules,
            long lookedAt) {

        Compiled lookedAt(long millis) {
            return new Compiled(policy, journeys, rules, millis);
        }
    }

    Conversions(PublishedPolicies policies, InstantSource clock) {
        this.policies = policies;
        this.clock = clock;
        this.compiled = compile(policies.contactPolicy(), policies.conversions(), clock.millis());
    }

    /** The silences that an event begins; empty where it is no conversion. */
    public List<Silence> silencesOf(AcceptedEvent event) {
        return inForce().silencesOf(event);
    }

    /** Whether the rules that were in force at the start of this process have been read. */
    boolean areKnown() {
        return policies.caughtUp();
    }

    private ConversionRules inForce() {
        long now = clock.millis();
        Compiled current = compiled;
        if (Math.abs(now - current.lookedAt()) >= LOOKED_AT_EVERY_MILLIS) {
            current = refreshed(current, now);
            compiled = current;
        }
        return current.rules();
    }

    private Compiled refreshed(Compiled current, long now) {
        ContactPolicy policy = policies.contactPolicy();
        List<ConversionRulesPublished> journeys = policies.conversions();
        return current.policy().equals(policy) && current.journeys().equals(journeys)
                ? current.lookedAt(now)
                : compile(policy, journeys, now);
    }

    private static Compiled compile(
            ContactPolicy policy, List<ConversionRulesPublished> journeys, long now) {
        return new Compiled(policy, journeys, ConversionRules.of(policy, journeys), now);
    }
}
