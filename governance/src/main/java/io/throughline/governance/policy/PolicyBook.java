package io.throughline.governance.policy;

import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.contracts.policy.PolicyEvent;
import io.throughline.contracts.policy.PolicyEvent.ContactPolicyPublished;
import io.throughline.contracts.policy.PolicyEvent.ConversionRulesPublished;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What is in force after some policy events.
 *
 * @param contactPolicy the one a new installation starts with, until one was published
 * @param contactPolicyAt when it was published
 * @param conversionsByJourney only journeys that have any
 */
record PolicyBook(
        ContactPolicy contactPolicy,
        Instant contactPolicyAt,
        Map<String, ConversionRulesPublished> conversionsByJourney) {

    static final PolicyBook EMPTY = new PolicyBook(ContactPolicy.initial(), Instant.MIN, Map.of());

    /**
     * The newest of a key is in force; a policy that comes again does not take a newer one back.
     */
    PolicyBook with(PolicyEvent event) {
        return switch (event) {
            case ContactPolicyPublished published ->
                    published.at().isBefore(contactPolicyAt)
                            ? this
                            : new PolicyBook(
                                    published.policy(), published.at(), conversionsByJourney);
            case ConversionRulesPublished published -> {
                Map<String, ConversionRulesPublished> next = new TreeMap<>(conversionsByJourney);
                if (published.rules().isEmpty()) {
                    next.remove(published.journey());
                } else {
                    next.put(published.journey(), published);
                }
                yield new PolicyBook(contactPolicy, contactPolicyAt, Map.copyOf(next));
            }
        };
    }

    /** In the order of journey keys. */
    List<ConversionRulesPublished> conversions() {
        return List.copyOf(new TreeMap<>(conversionsByJourney).values());
    }
}
