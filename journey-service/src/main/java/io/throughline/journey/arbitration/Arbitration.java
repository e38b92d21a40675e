package io.throughline.journey.arbitration;

import io.throughline.contracts.message.SuppressionReason;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.governance.GateAnswer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Gives the places under the caps to planned contacts in the order of their importance, whoever
 * came first. It only settles who asks: the gate alone lets a message go, so a race costs the best
 * order and never a cap.
 */
public final class Arbitration {

    private static final Set<SuppressionReason> PASSING =
            Set.of(SuppressionReason.QUIET_HOURS, SuppressionReason.MINIMUM_GAP);

    private Arbitration() {}

    /** Whether a contact of either, were it made, could take a place from the other. */
    public static boolean compete(Planned one, Planned other, ContactPolicy policy) {
        Contender first = new Contender(one, caps(one, policy));
        Contender second = new Contender(other, caps(other, policy));
        return first.caps().stream().anyMatch(second::countsUnder)
                || second.caps().stream().anyMatch(first::countsUnder);
    }

    private static Set<SharedCap> caps(Planned planned, ContactPolicy policy) {
        Set<SharedCap> caps = new HashSet<>();
        planned.channels()
                .forEach(channel -> caps.addAll(SharedCap.of(policy, channel, planned).values()));
        return caps;
    }

    /**
     * The caps under which a planned contact holds a place: those it is under whatever channel it
     * takes, as long as it comes before whoever goes now has left their window. None where the gate
     * would refuse it, or counts it already.
     */
    static Contender contender(Asked asked, ContactPolicy policy, Instant now) {
        Planned planned = asked.planned();
        Set<SharedCap> caps = null;
        for (int i = 0; i < asked.answers().size() && !asked.counted(); i++) {
            if (!mayPass(planned, asked.answers().get(i), policy, now)) {
                continue;
            }
            Set<SharedCap> ofChannel =
                    new HashSet<>(SharedCap.of(policy, asked.channel(i), planned).values());
            ofChannel.removeIf(cap -> !planned.due().isBefore(now.plus(cap.window())));
            if (caps == null) {
                caps = ofChannel;
            } else {
                caps.retainAll(ofChannel);
            }
        }
        return new Contender(planned, caps == null ? Set.of() : caps);
    }

    private static boolean mayPass(
            Planned planned, GateAnswer answer, ContactPolicy policy, Instant now) {
        return switch (answer) {
            case GateAnswer.Allowed allowed -> true;
            case GateAnswer.Denied denied -> {
                Instant from = denied.reasonEndsAt();
                Duration window = policy.arbitrationWindow();
                yield PASSING.contains(denied.reason())
                        && from != null
                        && from.isBefore(planned.deadline())
                        && !from.isAfter(now.plus(window));
            }
        };
    }

    /**
     * Whether a contact may ask now.
     *
     * @param own its journey's claim, with the caps of the channel it would take
     * @param others of the same customer, in any order
     */
    static Ruling rule(Contender own, List<Contender> others, Room room) {
        List<Contender> byRank =
                others.stream()
                        .sorted(Comparator.comparing(Contender::planned, Planned.BY_RANK))
                        .toList();
        Room.Places places = room.places();
        List<Contender> before = new ArrayList<>();
        List<Ruling.Displaced> displaced = new ArrayList<>();
        for (Contender other : byRank) {
            if (other.planned().goesBefore(own.planned()) && places.give(other)) {
                before.add(other);
            }
        }
        for (SharedCap cap : room.caps(own)) {
            Ruling.Yields yields = yields(own, cap, before, places, room);
            if (yields != null) {
                return yields;
            }
        }
        places.take(own);
        for (Contender other : byRank) {
            if (other.planned().pending() && own.planned().goesBefore(other.planned())) {
                Ruling.Displaced inTheWay = inTheWay(own, other, places, room);
                if (inTheWay == null) {
                    var _ = places.give(other);
                } else {
                    displaced.addFirst(inTheWay);
                }
            }
        }
        return new Ruling.Goes(displaced);
    }

    /** Whether {@code own} would take the last place that one before it needs; else null. */
    private static Ruling.@Nullable Yields yields(
            Contender own, SharedCap cap, List<Contender> before, Room.Places places, Room room) {
        Room.Seen seen = room.under(cap);
        if (seen == null || !own.countsUnder(cap) || !places.none(cap)) {
            return null;
        }
        int holding = Math.toIntExact(before.stream().filter(c -> c.countsUnder(cap)).count());
        return before.stream()
                .filter(contender -> contender.needs(cap))
                .findFirst()
                .map(first -> new Ruling.Yields(first.planned(), cap, seen, holding))
                .orElse(null);
    }

    /** Whether the other would take the last place that {@code own} needs; else null. */
    private static Ruling.@Nullable Displaced inTheWay(
            Contender own, Contender other, Room.Places places, Room room) {
        for (SharedCap cap : room.caps(own)) {
            Room.Seen seen = room.under(cap);
            if (seen != null && own.needs(cap) && other.countsUnder(cap) && places.none(cap)) {
                return new Ruling.Displaced(other.planned(), seen);
            }
        }
        return null;
    }
}
