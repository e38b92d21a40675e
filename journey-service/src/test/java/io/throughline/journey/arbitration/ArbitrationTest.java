package io.throughline.journey.arbitration;

import static org.assertj.core.api.Assertions.assertThat;

import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.message.JourneyRef;
import io.throughline.contracts.message.SuppressionReason;
import io.throughline.contracts.message.Verdict;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.contracts.policy.ContactPolicy.Alike;
import io.throughline.contracts.policy.ContactPolicy.Cap;
import io.throughline.contracts.policy.ContactPolicy.Scope;
import io.throughline.governance.GateAnswer;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ArbitrationTest {

    private static final long SEEDS = 500;
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final Duration DAY = Duration.ofDays(1);
    private static final SharedCap ALL = new SharedCap(Alike.ANY, "", DAY, Set.of());
    private static final SharedCap SMS = new SharedCap(Alike.CHANNEL, "sms", DAY, Set.of());
    private static final String GLOBAL = "cap:global:P1D";
    private static final ContactPolicy POLICY =
            new ContactPolicy(
                    9,
                    List.of(
                            new Cap(Scope.GLOBAL, null, 2, DAY),
                            new Cap(Scope.CHANNEL, Channel.SMS, 1, DAY),
                            new Cap(Scope.JOURNEY, null, 1, Duration.ofDays(7))),
                    Duration.ofHours(1),
                    null,
                    "UTC",
                    Map.of(),
                    Set.of(),
                    List.of());

    @Test
    void theHigherPriorityGoesFirstThenTheValueThenTheTimeThenTheName() {
        Planned high = planned("z", 60, "0", 90, false);
        Planned worth = planned("y", 50, "12.50", 90, false);
        Planned early = planned("x", 50, "3", 10, false);
        Planned named = planned("a", 50, "3", 20, false);
        Planned last = planned("b", 50, "3", 20, false);
        List<Planned> mixed = new ArrayList<>(List.of(last, named, worth, early, high));
        mixed.sort(Planned.BY_RANK);
        assertThat(mixed).containsExactly(high, worth, early, named, last);
    }

    @Test
    void aPlaceThatAMoreImportantContactNeedsIsLeftToIt() {
        Planned better = planned("better", 80, "0", 60, false);
        Ruling ruling = rule(planned("own", 30, "0", 0, false), Map.of(ALL, 1), claim(better, ALL));
        assertThat(ruling)
                .isEqualTo(new Ruling.Yields(better, ALL, new Room.Seen(GLOBAL, 1, 2), 1));
    }

    @Test
    void whereThereIsRoomForBothNobodyWaits() {
        Planned better = planned("better", 80, "0", 60, false);
        assertThat(rule(planned("own", 30, "0", 0, false), Map.of(ALL, 0), claim(better, ALL)))
                .isEqualTo(new Ruling.Goes(List.of()));
    }

    @Test
    void aContactThatCannotGoItselfHoldsNoPlaceForOthers() {
        Planned first = planned("first", 90, "0", 30, false);
        Planned second = planned("second", 80, "0", 60, false);
        Ruling ruling =
                rule(
                        planned("own", 30, "0", 0, false),
                        Map.of(ALL, 0, SMS, 0),
                        claim(first, ALL, SMS),
                        claim(second, ALL, SMS));
        assertThat(ruling).isEqualTo(new Ruling.Goes(List.of()));
    }

    @Test
    void aLessImportantMessageThatIsStillQueuedIsTakenBackWhereThereIsNoRoomForBoth() {
        Planned queued = planned("queued", 10, "0", 0, true);
        Planned waiting = planned("waiting", 10, "0", 30, false);
        assertThat(
                        rule(
                                planned("own", 30, "0", 0, false),
                                Map.of(ALL, 1),
                                claim(queued, ALL),
                                claim(waiting, ALL)))
                .isEqualTo(
                        new Ruling.Goes(
                                List.of(
                                        new Ruling.Displaced(
                                                queued, new Room.Seen(GLOBAL, 1, 2)))));
    }

    @Test
    void whatTheGateCountsAlreadyNeedsNoPlace() {
        Planned handedOver = planned("handed-over", 80, "0", 0, true);
        GateAnswer answer = allowed(Map.of(ALL, 0));
        assertThat(claimOf(handedOver, answer).caps()).containsExactlyInAnyOrder(ALL, SMS);
        assertThat(claimOf(handedOver, answer.ofCounted()).caps()).isEmpty();
    }

    @Test
    void aContactThatTheGateWouldRefuseForGoodHoldsNoPlace() {
        Planned better = planned("better", 80, "0", 60, false);
        GateAnswer refused = new GateAnswer.Denied(SuppressionReason.OPTED_OUT, null, List.of(), 9);
        assertThat(claimOf(better, refused).caps()).isEmpty();
        GateAnswer quiet =
                new GateAnswer.Denied(
                        SuppressionReason.QUIET_HOURS, NOW.plusSeconds(3_600), List.of(), 9);
        assertThat(claimOf(better, quiet).caps()).containsExactlyInAnyOrder(ALL, SMS);
        GateAnswer quietForLong =
                new GateAnswer.Denied(SuppressionReason.QUIET_HOURS, NOW.plus(DAY), List.of(), 9);
        assertThat(claimOf(better, quietForLong).caps()).isEmpty();
    }

    @Test
    void aJourneysOwnCapAndTheGapAreNoPlacesToCompeteFor() {
        Planned better = planned("better", 80, "0", 60, false);
        assertThat(claimOf(better, allowed(Map.of(ALL, 0))).caps())
                .containsExactlyInAnyOrder(ALL, SMS);
    }

    /** Everybody is due at the same time; whoever is let go is counted at once. */
    @Test
    void theOrderOfArrivalDoesNotMatterForWhoGoes() {
        assertThat(LongStream.range(0, SEEDS).boxed())
                .allSatisfy(seed -> {
                    List<Contender> all = contenders(seed);
                    Map<SharedCap, Integer> counts = counts(seed);
                    Set<String> expected = greedy(all, counts);
                    for (int order = 0; order < 5; order++) {
                        List<Contender> arriving = new ArrayList<>(all);
                        Collections.shuffle(arriving, new Random(seed * 31 + order));
                        assertThat(gone(arriving, counts)).as("seed %d", seed).isEqualTo(expected);
                    }
                });
    }

    @Test
    void aLessImportantOneNeverGoesInThePlaceOfAMoreImportantOne() {
        assertThat(LongStream.range(0, SEEDS).boxed())
                .allSatisfy(seed -> {
                    List<Contender> all = contenders(seed);
                    Map<SharedCap, Integer> counts = counts(seed);
                    Set<String> gone = gone(all, counts);
                    for (Contender stayed : all) {
                        if (gone.contains(name(stayed))) {
                            continue;
                        }
                        Map<SharedCap, Integer> before = new HashMap<>(counts);
                        all.stream()
                                .filter(other -> gone.contains(name(other)))
                                .filter(other -> other.planned().goesBefore(stayed.planned()))
                                .forEach(other -> count(other, before));
                        assertThat(fits(stayed, before))
                                .as("seed %d, %s fits among its betters", seed, name(stayed))
                                .isFalse();
                    }
                });
    }

    /** Each asks in turn, the others being planned; who yields asks again when all have. */
    private static Set<String> gone(List<Contender> arriving, Map<SharedCap, Integer> initial) {
        Map<SharedCap, Integer> counts = new HashMap<>(initial);
        Set<String> gone = new HashSet<>();
        List<Contender> waiting = new ArrayList<>(arriving);
        boolean moved = true;
        while (moved) {
            moved = false;
            for (Contender own : List.copyOf(waiting)) {
                if (!fits(own, counts)) {
                    continue;
                }
                List<Contender> others = new ArrayList<>(waiting);
                others.remove(own);
                if (Arbitration.rule(own, others, room(counts)) instanceof Ruling.Goes) {
                    waiting.remove(own);
                    count(own, counts);
                    gone.add(name(own));
                    moved = true;
                }
            }
        }
        return gone;
    }

    private static Set<String> greedy(List<Contender> all, Map<SharedCap, Integer> initial) {
        Map<SharedCap, Integer> counts = new HashMap<>(initial);
        Set<String> gone = new HashSet<>();
        all.stream()
                .sorted((a, b) -> Planned.BY_RANK.compare(a.planned(), b.planned()))
                .filter(contender -> fits(contender, counts))
                .forEach(contender -> {
                    count(contender, counts);
                    gone.add(name(contender));
                });
        return gone;
    }

    private static boolean fits(Contender contender, Map<SharedCap, Integer> counts) {
        return contender.caps().stream().allMatch(cap -> counts.getOrDefault(cap, 0) < limit(cap));
    }

    private static void count(Contender contender, Map<SharedCap, Integer> counts) {
        contender.caps().forEach(cap -> counts.merge(cap, 1, Integer::sum));
    }

    private static int limit(SharedCap cap) {
        return cap.equals(SMS) ? 1 : 2;
    }

    private static List<Contender> contenders(long seed) {
        Random random = new Random(seed);
        return IntStream.range(0, 2 + random.nextInt(6))
                .mapToObj(i -> {
                    Planned planned =
                            planned(
                                    "j" + i,
                                    random.nextInt(4) * 10,
                                    String.valueOf(random.nextInt(3)),
                                    random.nextInt(3) * 10L,
                                    random.nextBoolean());
                    return random.nextBoolean() ? claim(planned, ALL) : claim(planned, ALL, SMS);
                })
                .toList();
    }

    private static Map<SharedCap, Integer> counts(long seed) {
        Random random = new Random(~seed);
        return Map.of(ALL, random.nextInt(3), SMS, random.nextInt(2));
    }

    private static String name(Contender contender) {
        return contender.planned().origin().journey();
    }

    private static Ruling rule(Planned own, Map<SharedCap, Integer> counts, Contender... others) {
        return Arbitration.rule(claim(own, ALL), List.of(others), room(counts));
    }

    private static Contender claim(Planned planned, SharedCap... caps) {
        return new Contender(planned, Set.of(caps));
    }

    private static Contender claimOf(Planned planned, GateAnswer answer) {
        return Arbitration.contender(new Asked(planned, List.of(answer)), POLICY, NOW);
    }

    private static Room room(Map<SharedCap, Integer> counts) {
        Planned asking = planned("asking", 50, "0", 0, false);
        return Room.of(List.of(new Asked(asking, List.of(allowed(counts)))), POLICY);
    }

    private static GateAnswer allowed(Map<SharedCap, Integer> counts) {
        List<Verdict> verdicts = new ArrayList<>();
        verdicts.add(verdict("minimum-gap", 0, 1));
        verdicts.add(verdict("cap:journey:P7D", 0, 1));
        counts.forEach((cap, count) ->
                verdicts.add(
                        verdict(
                                cap.equals(SMS) ? "cap:channel:sms:P1D" : GLOBAL,
                                count,
                                limit(cap))));
        return new GateAnswer.Allowed(new CustomerId(new UUID(1, 1)), NOW, verdicts, 9);
    }

    private static Verdict verdict(String rule, @Nullable Integer count, @Nullable Integer limit) {
        return new Verdict(rule, true, count, limit, DAY, null);
    }

    private static Planned planned(
            String journey, int priority, String value, long minutes, boolean pending) {
        UUID instance = new UUID(7, journey.hashCode());
        return new Planned(
                new JourneyRef(journey, 1, instance, "steps[0].send"),
                MessageId.of(instance, "steps[0].send", 1),
                priority,
                new BigDecimal(value),
                NOW.plus(Duration.ofMinutes(minutes)),
                NOW.plus(DAY),
                List.of(Channel.SMS),
                List.of("+34600111222"),
                Category.MARKETING,
                null,
                pending);
    }
}
