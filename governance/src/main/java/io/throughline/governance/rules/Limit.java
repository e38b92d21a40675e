package io.throughline.governance.rules;

import io.throughline.contracts.message.SuppressionReason;
import io.throughline.contracts.policy.ContactPolicy;
import java.time.Duration;

/**
 * At most {@code max} contacts within a rolling window. A gap is one too: at most one contact
 * within it.
 *
 * @param rule as it stands in verdicts
 * @param alike which contacts count: any, or those with the message's channel, category, topic,
 *     journey
 * @param reason why a message is refused that would be one too many
 */
public record Limit(
        String rule,
        ContactPolicy.Alike alike,
        int max,
        Duration window,
        SuppressionReason reason) {}
