package io.throughline.governance.rules;

import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.policy.ContactPolicy;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * Everything a policy comes to, worked out once a policy: one {@code T} for every kind of message.
 */
public final class PolicyRules<T> {

    private record Kind(Channel channel, Category category, boolean inJourney) {}

    private final ContactPolicy policy;
    private final Map<Kind, T> plans = new HashMap<>();

    public PolicyRules(ContactPolicy policy, Function<Rules, T> plan) {
        this.policy = policy;
        for (Channel channel : Channel.values()) {
            for (Category category : Category.values()) {
                for (boolean inJourney : new boolean[] {false, true}) {
                    plans.put(
                            new Kind(channel, category, inJourney),
                            plan.apply(Rules.of(policy, channel, category, inJourney)));
                }
            }
        }
    }

    public boolean areOf(ContactPolicy other) {
        return policy.equals(other);
    }

    public T plan(Channel channel, Category category, boolean inJourney) {
        T plan = plans.get(new Kind(channel, category, inJourney));
        if (plan == null) {
            throw new IllegalStateException("every kind has a plan");
        }
        return plan;
    }
}
