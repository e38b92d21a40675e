package io.throughline.journey.arbitration;

import io.throughline.contracts.message.SuppressionReason;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.governance.GateAnswer;
import io.throughline.governance.rules.Limit;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
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

    /** Whether a contact, were it made, could take a place from the other. */
    public static boolean compete(Planned one, Planned other, ContactPolicy policy) {
        Set<String> shared = rules(one, policy);
        shared.retainAll(rules(other, policy));
        return !shared.isEmpty();
    }

    private static Set<String> rules(Planned planned, ContactPolicy policy) {
        Set<String> rules = new HashSet<>();
        planned.channels()
                .forEach(channel ->
                        SharedCaps.of(policy, channel, planned)
                                .forEach(limit -> rules.add(limit.rule())));
        return rules;
    }

    /**
     * The caps under which a planned contact holds a place: those it is under whatever channel it
     * takes, as long as it comes before whoever goes now has left their window. None where the gate
     * would refuse it, or counts it already.
     *
     * @param answers of the gate, by the contact's channels
     */
    public static Contender contender(
            Planned planned,
            List<GateAnswer> answers,
            Room room,
            ContactPolicy policy,
            Instant now) {
        Set<String> rules = null;
        for (int i = 0; i < answers.size(); i++) {
            GateAnswer answer = answers.get(i);
            if (room.counts(answer)) {
                return new Contender(planned, Set.of());
            }
            if (!mayPass(planned, answer, policy, now)) {
                continue;
            }
            Set<String> ofChannel = new HashSet<>();
            for (Limit limit : SharedCaps.of(policy, planned.channels().get(i), planned)) {
                if (planned.due().isBefore(now.plus(limit.window()))) {
                    ofChannel.add(limit.rule());
                }
            }
            if (rules == null) {
                rules = ofChannel;
            } else {
                rules.retainAll(ofChannel);
            }
        }
        return new Contender(planned, rules == null ? Set.of() : rules);
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
     * @param own its journey's claim, with the rules of the channel it would take
     * @param others of the same customer, in any order
     */
    public static Ruling rule(Contender own, List<Contender> others, Room room) {
        List<Contender> byRank =
                others.stream()
                        .sorted(Comparator.comparing(Contender::planned, Planned.BY_RANK))
                        .toList();
        Map<String, Integer> places = new HashMap<>(room.places());
        List<Contender> before = new ArrayList<>();
        List<Ruling.Displaced> displaced = new ArrayList<>();
        for (Contender other : byRank) {
            if (other.planned().goesBefore(own.planned()) && take(other, places)) {
                before.add(other);
            }
        }
        for (String rule : own.rules().stream().sorted().toList()) {
            Ruling.Yields yields = yields(rule, before, places, room);
            if (yields != null) {
                return yields;
            }
        }
        var _ = take(own, places);
        for (Contender other : byRank) {
            if (other.planned().pending() && own.planned().goesBefore(other.planned())) {
                Ruling.Displaced leftOut = leftOut(own, other, places, room);
                if (leftOut == null) {
                    var _ = take(other, places);
                } else {
                    displaced.addFirst(leftOut);
                }
            }
        }
        return new Ruling.Goes(displaced);
    }

    private static Ruling.@Nullable Yields yields(
            String rule, List<Contender> before, Map<String, Integer> places, Room room) {
        List<Contender> holding = before.stream().filter(c -> c.rules().contains(rule)).toList();
        Room.Seen seen = room.under(rule);
        return seen == null || holding.isEmpty() || places.getOrDefault(rule, 1) > 0
                ? null
                : new Ruling.Yields(holding.getFirst().planned(), rule, seen, holding.size());
    }

    /** Whether {@code own} took the last place that the other needs; null where it did not. */
    private static Ruling.@Nullable Displaced leftOut(
            Contender own, Contender other, Map<String, Integer> places, Room room) {
        for (String rule : own.rules().stream().sorted().toList()) {
            Room.Seen seen = room.under(rule);
            if (seen != null && other.rules().contains(rule) && places.getOrDefault(rule, 1) <= 0) {
                return new Ruling.Displaced(other.planned(), rule, seen);
            }
        }
        return null;
    }

    /** Takes a place under every rule, or none where one of them has none left. */
    private static boolean take(Contender contender, Map<String, Integer> places) {
        if (contender.rules().stream().anyMatch(rule -> places.getOrDefault(rule, 1) <= 0)) {
            return false;
        }
        contender.rules().forEach(rule -> places.computeIfPresent(rule, (r, left) -> left - 1));
        return true;
    }
}
