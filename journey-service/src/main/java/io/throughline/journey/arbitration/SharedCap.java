package io.throughline.journey.arbitration;

import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.message.SuppressionReason;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.contracts.policy.ContactPolicy.Alike;
import io.throughline.governance.rules.Limit;
import io.throughline.governance.rules.Rules;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * A cap under which messages of different journeys take each other's places, as the messages of one
 * kind see it: by the contacts that it counts, since its name may leave out for which topic it is,
 * and never says whose categories count. A journey's own cap is none, and neither is a gap: it
 * delays and takes nothing away.
 *
 * @param alike what the contacts that it counts have in common
 * @param value the channel, category or topic that they have in common; empty for any contacts
 * @param uncounted categories whose contacts do not count
 */
record SharedCap(Alike alike, String value, Duration window, Set<Category> uncounted) {

    SharedCap {
        uncounted = Set.copyOf(uncounted);
    }

    /** Those that a planned contact is under on a channel, by how they stand in its verdicts. */
    static Map<String, SharedCap> of(ContactPolicy policy, Channel channel, Planned planned) {
        String journey = planned.origin().journey();
        Rules rules = Rules.of(policy, channel, planned.category(), planned.topic(), journey);
        Map<String, SharedCap> caps = new HashMap<>();
        for (Limit limit : rules.limits()) {
            if (limit.isCap() && limit.alike() != Alike.JOURNEY) {
                String value =
                        limit.alike()
                                .valueOf(channel, planned.category(), planned.topic(), journey);
                caps.put(
                        limit.rule(),
                        new SharedCap(
                                limit.alike(),
                                Objects.requireNonNull(value),
                                limit.window(),
                                rules.uncounted()));
            }
        }
        return caps;
    }

    /** Why a message is refused that would be one too many under it. */
    SuppressionReason reason() {
        return Limit.reasonOf(alike);
    }

    /** Whether a contact of a category that is under the other takes a place under this. */
    boolean counts(Category category, SharedCap other) {
        return alike == other.alike
                && value.equals(other.value)
                && window.equals(other.window)
                && !uncounted.contains(category);
    }
}
