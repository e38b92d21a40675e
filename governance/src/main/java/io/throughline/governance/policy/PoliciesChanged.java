package io.throughline.governance.policy;

import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.contracts.policy.PolicyEvent.ConversionRulesPublished;
import java.util.List;

/**
 * What is about to be in force. Observers hear of it on a worker thread, where they may compile; it
 * comes into force, and the service is ready, when they have returned.
 *
 * @param conversions of every journey that has any, in the order of journey keys
 */
public record PoliciesChanged(
        ContactPolicy contactPolicy, List<ConversionRulesPublished> conversions) {}
