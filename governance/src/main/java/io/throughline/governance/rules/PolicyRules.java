package io.throughline.governance.rules;

import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.contracts.policy.ContactPolicy.Alike;
import io.throughline.contracts.policy.ContactPolicy.Among;
import io.throughline.contracts.policy.ContactPolicy.Cap;
import io.throughline.contracts.policy.ContactPolicy.Gap;
import io.throughline.governance.GateRequest;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Everything a policy comes to, worked out once a policy: one {@code T} for every kind of message
 * that there is. Kinds differ by topic and journey only as far as the policy names them.
 */
public final class PolicyRules<T> {

    /** Stands for every topic, or journey, that the policy does not name. */
    private static final String OTHER = "";

    private record Kind(
            Channel channel, Category category, @Nullable String topic, @Nullable String journey) {}

    private final ContactPolicy policy;
    private final Function<Rules, T> plan;
    private final Set<String> topics;
    private final Set<String> journeys;
    private final ConcurrentMap<Kind, T> plans = new ConcurrentHashMap<>();

    public PolicyRules(ContactPolicy policy, Function<Rules, T> plan) {
        this.policy = policy;
        this.plan = plan;
        this.topics = named(policy, Alike.TOPIC);
        this.journeys = named(policy, Alike.JOURNEY);
    }

    private static Set<String> named(ContactPolicy policy, Alike alike) {
        return Stream.concat(
                        policy.caps().stream().map(Cap::among),
                        policy.gaps().stream().map(Gap::among))
                .filter(among -> among.alike() == alike)
                .map(Among::named)
                .flatMap(Stream::ofNullable)
                .collect(Collectors.toUnmodifiableSet());
    }

    public boolean areOf(ContactPolicy other) {
        return policy.equals(other);
    }

    public T plan(GateRequest request) {
        Kind kind =
                new Kind(
                        request.channel(),
                        request.category(),
                        known(topics, request.topic()),
                        known(journeys, request.journey()));
        T known = plans.get(kind);
        return known == null ? plans.computeIfAbsent(kind, this::plan) : known;
    }

    private T plan(Kind kind) {
        return plan.apply(
                Rules.of(policy, kind.channel(), kind.category(), kind.topic(), kind.journey()));
    }

    private static @Nullable String known(Set<String> names, @Nullable String name) {
        return name == null || names.contains(name) ? name : OTHER;
    }
}
