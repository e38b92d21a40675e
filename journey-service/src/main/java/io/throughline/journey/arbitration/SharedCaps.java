package io.throughline.journey.arbitration;

import io.throughline.contracts.Channel;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.governance.rules.Limit;
import io.throughline.governance.rules.Rules;
import java.util.List;

/**
 * The caps under which messages of different journeys take each other's places. A journey's own cap
 * is none of them, and neither is the minimum gap: it delays and takes nothing away.
 */
final class SharedCaps {

    private static final String CAP = "cap:";
    private static final String OF_JOURNEY = "cap:journey:";

    private SharedCaps() {}

    /** Whether a rule of a verdict is one: the same name then means the same places. */
    static boolean isOne(String rule) {
        return rule.startsWith(CAP) && !rule.startsWith(OF_JOURNEY);
    }

    /** Those that a planned contact is under on a channel. */
    static List<Limit> of(ContactPolicy policy, Channel channel, Planned planned) {
        String journey = planned.origin().journey();
        return Rules.of(policy, channel, planned.category(), planned.topic(), journey)
                .limits()
                .stream()
                .filter(limit -> isOne(limit.rule()))
                .toList();
    }
}
