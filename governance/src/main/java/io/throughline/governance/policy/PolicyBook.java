package io.throughline.governance.policy;

import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.contracts.policy.PolicyEvent;
import io.throughline.contracts.policy.PolicyEvent.ContactPolicyPublished;
import io.throughline.contracts.policy.PolicyEvent.ConversionRulesPublished;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What is in force after some policy events.
 *
 * @param contactPolicy the one a new installation starts with, until one was published
 * @param conversionsByJourney only journeys that have any
 */
record PolicyBook(
        ContactPolicy contactPolicy, Map<String, ConversionRulesPublished> conversionsByJourney) {

    static final PolicyBook EMPTY = new PolicyBook(ContactPolicy.initial(), Map.of());

    /**
     * The newest of a key is in force; a policy that comes again does not take a newer one back.
     * Versions say which is newer, and not the clocks of whoever published them.
     */
    PolicyBook with(PolicyEvent event) {
        return switch (event) {
            case ContactPolicyPublished published ->
                    published.policy().version() < contactPolicy.version()
                            ? this
                            : new PolicyBook(published.policy(), conversionsByJourney);
            case ConversionRulesPublished published -> {
                Map<String, ConversionRulesPublished> next = new TreeMap<>(conversionsByJourney);
                if (published.rules().isEmpty()) {
                    next.remove(published.journey());
                } else {
                    next.put(published.journey(), published);
                }
                yield new PolicyBook(contactPolicy, Map.copyOf(next));
            }
        };
    }

    /** In the order of journey keys. */
    List<ConversionRulesPublished> conversions() {
        return List.copyOf(new TreeMap<>(conversionsByJourney).values());
    }
}
