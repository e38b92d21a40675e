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
        SuppressionReason reason) {

    /** Why a message is refused that would be one too many under a cap. */
    public static SuppressionReason reasonOf(ContactPolicy.Alike alike) {
        return switch (alike) {
            case JOURNEY -> SuppressionReason.JOURNEY_CAP;
            case CHANNEL -> SuppressionReason.CHANNEL_CAP;
            // Those over a category or a topic go over all channels.
            case TOPIC, CATEGORY, ANY -> SuppressionReason.GLOBAL_CAP;
        };
    }

    /** Whether it is a cap and no gap. */
    public boolean isCap() {
        return reason != SuppressionReason.MINIMUM_GAP;
    }
}
