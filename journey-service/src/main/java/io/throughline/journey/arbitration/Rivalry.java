package io.throughline.journey.arbitration;

import io.throughline.contracts.Channel;
import io.throughline.contracts.message.SuppressionReason;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.governance.GateAnswer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What arbitration says of each channel that a message could take now. */
public final class Rivalry {

    /** Nobody else wants anything. */
    public static final Rivalry NONE = new Rivalry(Map.of());

    private final Map<Channel, Ruling> rulings;

    private Rivalry(Map<Channel, Ruling> rulings) {
        this.rulings = rulings;
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
        List<Asked> asked = asked(own, rivals, answers);
        Room room = Room.of(asked, policy);
        List<Contender> contenders =
                asked.stream()
                        .skip(1)
                        .map(rival -> Arbitration.contender(rival, policy, now))
                        .toList();
        Map<Channel, Ruling> rulings = new EnumMap<>(Channel.class);
        for (int i = 0; i < own.channels().size(); i++) {
            Channel channel = own.channels().get(i);
            if (answers.get(i) instanceof GateAnswer.Allowed) {
                Set<SharedCap> caps = Set.copyOf(SharedCap.of(policy, channel, own).values());
                rulings.put(channel, Arbitration.rule(new Contender(own, caps), contenders, room));
            }
        }
        return new Rivalry(rulings);
    }

    private static List<Asked> asked(Planned own, List<Planned> rivals, List<GateAnswer> answers) {
        List<Asked> asked = new ArrayList<>();
        int next = 0;
        for (Planned planned : Stream.concat(Stream.of(own), rivals.stream()).toList()) {
            int to = next + planned.channels().size();
            asked.add(new Asked(planned, answers.subList(next, to)));
            next = to;
        }
        return asked;
    }

    /** The cap for whose sake the message yields on this channel; null where it may go. */
    public @Nullable SuppressionReason yieldsOn(Channel channel) {
        return rulings.get(channel) instanceof Ruling.Yields yields ? yields.reason() : null;
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
