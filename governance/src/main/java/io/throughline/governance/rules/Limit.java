package io.throughline.governance.rules;

import io.throughline.contracts.message.SuppressionReason;
import io.throughline.contracts.policy.ContactPolicy;
import java.time.Duration;

/**
 * At most {@code max} contacts within a rolling window. The minimum gap is one too: at most one
 * contact within the gap.
 *
 * @param rule as it stands in verdicts
 * @param scope which contacts count: all, the message's channel's, the message's journey's
 * @param reason why a message is refused that would be one too many
 */
public record Limit(
        String rule,
        ContactPolicy.Scope scope,
        int max,
        Duration window,
        SuppressionReason reason) {}
