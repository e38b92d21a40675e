package io.throughline.journey.arbitration;

import io.throughline.contracts.Channel;
import io.throughline.contracts.message.SuppressionReason;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.governance.GateAnswer;
import io.throughline.governance.rules.Limit;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What arbitration says of each channel that a message could take now. */
public final class Rivalry {

    /** Nobody else wants anything. */
    public static final Rivalry NONE = new Rivalry(Map.of(), Map.of());

    private final Map<Channel, Ruling> rulings;
    private final Map<String, SuppressionReason> reasons;

    private Rivalry(Map<Channel, Ruling> rulings, Map<String, SuppressionReason> reasons) {
        this.rulings = rulings;
        this.reasons = reasons;
    }

    /**
     * @param answers of the gate: those of {@code own}'s channels, then those of each rival's
     */
    public static Rivalry between(
            Planned own,
            List<Planned> rivals,
            List<GateAnswer> answers,
            ContactPolicy policy,
            Instant now) {
        Room room = Room.of(answers);
        List<Contender> contenders = new ArrayList<>();
        int next = own.channels().size();
        for (Planned rival : rivals) {
            int to = next + rival.channels().size();
            contenders.add(
                    Arbitration.contender(rival, answers.subList(next, to), room, policy, now));
            next = to;
        }
        Map<Channel, Ruling> rulings = new EnumMap<>(Channel.class);
        Map<String, SuppressionReason> reasons = new java.util.HashMap<>();
        for (int i = 0; i < own.channels().size(); i++) {
            Channel channel = own.channels().get(i);
            if (answers.get(i) instanceof GateAnswer.Allowed) {
                List<Limit> limits = SharedCaps.of(policy, channel, own);
                limits.forEach(limit -> reasons.put(limit.rule(), limit.reason()));
                Set<String> rules = limits.stream().map(Limit::rule).collect(Collectors.toSet());
                rulings.put(channel, Arbitration.rule(new Contender(own, rules), contenders, room));
            }
        }
        return new Rivalry(rulings, reasons);
    }

    /** The cap for whose sake the message yields on this channel; null where it may go. */
    public @Nullable SuppressionReason yieldsOn(Channel channel) {
        return rulings.get(channel) instanceof Ruling.Yields yields
                ? reasons.get(yields.rule())
                : null;
    }

    /** The first of the channels on which it yields, told; null where it yields on none. */
    public Ruling.@Nullable Yields yields(List<Channel> channels) {
        for (Channel channel : channels) {
            if (rulings.get(channel) instanceof Ruling.Yields yields) {
                return yields;
            }
        }
        return null;
    }

    /** What is to be taken back if it goes on this channel. */
    public List<Ruling.Displaced> displacedOn(Channel channel) {
        return rulings.get(channel) instanceof Ruling.Goes goes ? goes.displaced() : List.of();
    }
}
