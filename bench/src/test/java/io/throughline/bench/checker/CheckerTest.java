package io.throughline.bench.checker;

import static org.assertj.core.api.Assertions.assertThat;

import io.throughline.bench.checker.Acknowledgement.Conversion;
import io.throughline.bench.checker.Acknowledgement.OptIn;
import io.throughline.bench.checker.Acknowledgement.Stop;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CheckerTest {

    private static final int SEEDS = 300;
    private static final Duration UNDERWAY = Duration.ofSeconds(1);
    private static final Instant START = Instant.parse("2026-01-05T10:00:00Z");
    private static final List<Cap> CAPS =
            List.of(
                    new Cap(new Cap.Scope.Everything(), 3, Duration.ofSeconds(20)),
                    new Cap(new Cap.Scope.OnChannel("sms"), 2, Duration.ofSeconds(20)),
                    new Cap(new Cap.Scope.EachJourney(), 2, Duration.ofSeconds(60)));

    private final Checker checker = new Checker(UNDERWAY);

    @Test
    void aHistoryThatKeepsThePromisesHasNoViolation() {
        for (int seed = 0; seed < SEEDS; seed++) {
            assertThat(checker.violations(clean(seed))).as("seed %d", seed).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void onePlantedViolationIsFoundAndNoOther(Promise promise) {
        int planted = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            Optional<History> broken =
                    new Planted(clean(seed), UNDERWAY).breaking(promise, new Random(seed));
            if (broken.isPresent()) {
                planted++;
                List<Violation> found = checker.violations(broken.orElseThrow());
                assertThat(found)
                        .as("seed %d", seed)
                        .isNotEmpty()
                        .allMatch(violation -> violation.promise() == promise);
                if (promise != Promise.P3) {
                    assertThat(found).as("seed %d", seed).hasSize(1);
                }
            }
        }
        assertThat(planted).as("seeds that could be planted").isGreaterThan(SEEDS / 2);
    }

    @Test
    void anOptInEndsAStopFromItsSendingOn() {
        Stop stop = new Stop("ana", "sms", at(0), at(1));
        OptIn optIn = new OptIn("ana", "sms", at(10), at(12));
        assertThat(found(List.of(stop, optIn), sms("m1", 9))).containsExactly(Promise.P1);
        assertThat(found(List.of(stop, optIn), sms("m1", 11))).isEmpty();
        assertThat(found(List.of(new OptIn("ana", "sms", at(-2), at(-1)), stop), sms("m1", 9)))
                .as("one from before the stop opens nothing")
                .containsExactly(Promise.P1);
        assertThat(found(List.of(new OptIn("ana", "email", at(3), at(4)), stop), sms("m1", 9)))
                .as("nor does one on another channel")
                .containsExactly(Promise.P1);
    }

    @Test
    void whatWasUnderWayWhenTheStopWasAnsweredIsNotHeldAgainstIt() {
        Stop stop = new Stop("ana", "sms", at(0), at(1));
        assertThat(found(List.of(stop), sms("m1", 2))).isEmpty();
        assertThat(found(List.of(stop), sms("m1", 3))).containsExactly(Promise.P1);
    }

    @Test
    void whatMayHaveWaitedForItsStampIsGivenThatTimeMore() {
        Stop stop = new Stop("ana", "sms", at(0), at(1));
        assertThat(found(List.of(stop), late("m1", 4, 2))).isEmpty();
        assertThat(found(List.of(stop), late("m1", 5, 2))).containsExactly(Promise.P1);
        assertThat(found(List.of(), late("m1", 2, 2), sms("m2", 10), sms("m3", 19))).isEmpty();
        assertThat(found(List.of(), sms("m1", 2), sms("m2", 10), late("m3", 19, 2)))
                .as("the end of a window is no earlier for it")
                .containsExactly(Promise.P3);
    }

    @Test
    void aSilenceIsOverWhenItsTimeIs() {
        Conversion order = new Conversion("ana", at(0), at(1), Duration.ofSeconds(20));
        assertThat(found(List.of(order), sms("m1", 19))).containsExactly(Promise.P2);
        assertThat(found(List.of(order), sms("m1", 20))).isEmpty();
    }

    @Test
    void aWindowRolls() {
        assertThat(found(List.of(), sms("m1", 0), sms("m2", 10), sms("m3", 18)))
                .contains(Promise.P3);
        assertThat(found(List.of(), sms("m1", 0), sms("m2", 10), sms("m3", 20), sms("m4", 30)))
                .isEmpty();
    }

    private List<Promise> found(List<Acknowledgement> acknowledged, Receipt... receipts) {
        return checker.violations(new History(acknowledged, List.of(receipts), CAPS)).stream()
                .map(Violation::promise)
                .toList();
    }

    private static Receipt sms(String message, int second) {
        return new Receipt("ana", "sms", message, message, at(second));
    }

    private static Receipt late(String message, int second, int late) {
        return new Receipt("ana", "sms", message, message, at(second), Duration.ofSeconds(late));
    }

    private static Instant at(int second) {
        return START.plusSeconds(second);
    }

    /** A sender that asks itself before each message, one customer after the other. */
    private static History clean(long seed) {
        Random random = new Random(seed);
        List<Acknowledgement> acknowledged = new ArrayList<>();
        List<Receipt> received = new ArrayList<>();
        for (int n = 0; n < 5; n++) {
            new Sender("customer-" + n, random).live(acknowledged, received);
        }
        return new History(acknowledged, received, CAPS);
    }

    private static final class Sender {

        private static final List<String> CHANNELS = List.of("sms", "email");

        private final String customer;
        private final RandomGenerator random;
        private final List<Receipt> mine = new ArrayList<>();
        private final List<String> stopped = new ArrayList<>();
        private Instant silentUntil = START;
        private Instant now = START;

        Sender(String customer, RandomGenerator random) {
            this.customer = customer;
            this.random = random;
        }

        void live(List<Acknowledgement> acknowledged, List<Receipt> received) {
            for (int i = 0; i < 80; i++) {
                String channel = CHANNELS.get(random.nextInt(CHANNELS.size()));
                Instant sent = now;
                now = now.plusMillis(1 + random.nextInt(3_000));
                switch (random.nextInt(8)) {
                    case 0 -> {
                        stopped.add(channel);
                        acknowledged.add(new Stop(customer, channel, sent, now));
                    }
                    case 1 -> {
                        stopped.removeIf(channel::equals);
                        acknowledged.add(new OptIn(customer, channel, sent, now));
                    }
                    case 2 -> {
                        Duration silence = Duration.ofSeconds(random.nextInt(20));
                        Instant until = now.plus(silence);
                        silentUntil = until.isAfter(silentUntil) ? until : silentUntil;
                        acknowledged.add(new Conversion(customer, sent, now, silence));
                    }
                    default -> send(channel);
                }
            }
            received.addAll(mine);
        }

        private void send(String channel) {
            String journey = "journey-" + random.nextInt(3);
            Receipt next =
                    new Receipt(customer, channel, journey, customer + "-" + mine.size(), now);
            if (!stopped.contains(channel)
                    && !now.isBefore(silentUntil)
                    && within("", 3, 20, mine)
                    && within("sms", 2, 20, channel.equals("sms") ? mine : List.of())
                    && within(journey, 2, 60, mine)) {
                mine.add(next);
            }
        }

        private boolean within(String of, int max, int seconds, List<Receipt> sent) {
            Instant from = now.minusSeconds(seconds);
            return sent.stream()
                            .filter(m ->
                                    of.isEmpty()
                                            || m.journey().equals(of)
                                            || m.channel().equals(of))
                            .filter(m -> m.at().isAfter(from))
                            .count()
                    < max;
        }
    }
}
