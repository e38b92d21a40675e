package io.throughline.governance.policy;

import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.contracts.policy.PolicyEvent.ConversionRulesPublished;
import java.util.List;

/**
 * What is about to be in force: it comes into force, and the service is ready, when every {@link
 * PoliciesFollower} has heard of it.
 *
 * @param conversions of every journey that has any, in the order of journey keys
 */
public record PoliciesChanged(
        ContactPolicy contactPolicy, List<ConversionRulesPublished> conversions) {}
