package io.throughline.channel.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.throughline.channel.delivery.Judge.Hydration;
import io.throughline.channel.delivery.Outcome.Charge;
import io.throughline.channel.route.HandOver;
import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.message.MessageRequested.Fallback;
import io.throughline.contracts.message.SuppressionReason;
import io.throughline.contracts.message.Verdict;
import io.throughline.governance.GateAnswer;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayName("What is done about a claim")
class JudgeTest {

    private static final Instant NOW = Instant.parse("2026-03-01T10:00:00Z");
    private static final Fallback EMAIL = new Fallback(Channel.EMAIL, "ana@example.com", "cart");
    private static final Set<SuppressionReason> OF_ONE_CHANNEL =
            EnumSet.of(
                    SuppressionReason.NO_CONSENT,
                    SuppressionReason.OPTED_OUT,
                    SuppressionReason.ADDRESS_OPTED_OUT,
                    SuppressionReason.NO_ADDRESS,
                    SuppressionReason.NO_ROUTE,
                    SuppressionReason.NO_CONTENT);

    private final RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(1);
    private final Judge judge = new Judge(Backoff.DEFAULT);

    @ParameterizedTest
    @EnumSource(SuppressionReason.class)
    void triesAnotherChannelOnlyWhereThatCouldHelp(SuppressionReason reason) {
        if (reason == SuppressionReason.UNKNOWN_CUSTOMER) {
            return;
        }
        Step step = answered(claim(Category.MARKETING, List.of(EMAIL)), denied(reason));

        Class<? extends Outcome> expected =
                OF_ONE_CHANNEL.contains(reason) ? Outcome.Rerouted.class : Outcome.Suppressed.class;
        assertThat(((Step.Done) step).outcome()).isInstanceOf(expected);
    }

    @Test
    void endsWithVerdictsAndWhenToTryWhereNoOtherChannelIsLeft() {
        Instant later = NOW.plusSeconds(60);
        List<Verdict> verdicts =
                List.of(new Verdict("cap:global:P1D", false, 3, 3, Duration.ofDays(1), later));

        Step step =
                answered(
                        claim(Category.MARKETING, List.of()),
                        new GateAnswer.Denied(SuppressionReason.GLOBAL_CAP, later, verdicts, 7));

        assertThat(((Step.Done) step).outcome())
                .isInstanceOfSatisfying(
                        Outcome.Suppressed.class,
                        suppressed -> {
                            assertThat(suppressed.reason()).isEqualTo(SuppressionReason.GLOBAL_CAP);
                            assertThat(suppressed.retryAt()).isEqualTo(later);
                            assertThat(suppressed.ruling())
                                    .isEqualTo(new Outcome.Ruling(verdicts, 7));
                        });
    }

    @Test
    void hydratesAnUnknownCustomerOnceAndThenWaits() {
        Claim claim = claim(Category.MARKETING, List.of(EMAIL));
        GateAnswer unknown = denied(SuppressionReason.UNKNOWN_CUSTOMER);

        assertThat(judge.afterGate(claim, unknown, Hydration.NOT_TRIED, NOW, random))
                .isInstanceOf(Step.Hydrate.class);
        assertThat(judge.afterGate(claim, unknown, Hydration.TRIED, NOW, random))
                .isInstanceOfSatisfying(
                        Step.Done.class,
                        done -> assertThat(done.outcome()).isInstanceOf(Outcome.Requeued.class));
    }

    @ParameterizedTest
    @EnumSource(Category.class)
    void sendsWhatIsUnknownAgainOnlyWhereItIsOwed(Category category) {
        Outcome outcome = after(claim(category, List.of()), new HandOver.Unknown("no answer"));

        assertThat(outcome)
                .isInstanceOf(
                        category == Category.TRANSACTIONAL
                                ? Outcome.Requeued.class
                                : Outcome.Unknown.class);
        assertThat(outcome.charge()).isEqualTo(Charge.KEPT);
        assertThat(judge.abandoned(claim(category, List.of()), NOW, random).getClass())
                .isEqualTo(outcome.getClass());
    }

    /** A stop that came after the crash was not ignored by it. */
    @Test
    void whatACrashedProcessHadLeftWhenItWasClaimedAndCountsFromNowOn() {
        Instant claimed = NOW.minusSeconds(31);
        Claim lost = claim(Category.MARKETING, List.of(), null, claimed);

        assertThat(judge.abandoned(lost, NOW, random))
                .isInstanceOfSatisfying(
                        Outcome.Unknown.class,
                        unknown -> {
                            assertThat(unknown.handedOverAt()).isEqualTo(claimed);
                            assertThat(unknown.countedAt()).isEqualTo(NOW);
                        });
    }

    /** Two that race for somebody the gate does not know would else refuse each other for good. */
    @Test
    void aCapRightAfterAHydrationIsAskedAboutAgain() {
        Claim claim = claim(Category.MARKETING, List.of());
        GateAnswer full = denied(SuppressionReason.GLOBAL_CAP);

        assertThat(judge.afterGate(claim, full, Judge.Hydration.TRIED, NOW, random))
                .isInstanceOfSatisfying(
                        Step.Done.class,
                        done -> assertThat(done.outcome()).isInstanceOf(Outcome.Requeued.class));
        assertThat(judge.afterGate(claim, full, Judge.Hydration.NOT_TRIED, NOW, random))
                .isInstanceOfSatisfying(
                        Step.Done.class,
                        done -> assertThat(done.outcome()).isInstanceOf(Outcome.Suppressed.class));
        assertThat(
                        judge.afterGate(
                                claim,
                                denied(SuppressionReason.OPTED_OUT),
                                Judge.Hydration.TRIED,
                                NOW,
                                random))
                .isInstanceOfSatisfying(
                        Step.Done.class,
                        done -> assertThat(done.outcome()).isInstanceOf(Outcome.Suppressed.class));
    }

    @Test
    void isNotRefusedForGoodByWhatMayNotLeave() {
        Claim claim = claim(Category.MARKETING, List.of());
        GateAnswer awaited =
                new GateAnswer.Denied(
                        SuppressionReason.GLOBAL_CAP, null, List.of(), 1, false, true);
        assertThat(judge.afterGate(claim, awaited, Hydration.NOT_TRIED, NOW, random))
                .isInstanceOfSatisfying(
                        Step.Done.class,
                        done -> assertThat(done.outcome()).isInstanceOf(Outcome.Requeued.class));
    }

    @Test
    void whatWasNotAnsweredOnceIsUnknownHoweverItEndsAndGoesOnCounting() {
        Instant counted = NOW.minusSeconds(60);
        Claim claim = claim(Category.TRANSACTIONAL, List.of(), counted);

        assertThat(
                        List.of(
                                after(claim, new HandOver.Refused("0x0B", "no such number")),
                                judge.deadlinePassed(claim, NOW),
                                ((Step.Done) answered(claim, denied(SuppressionReason.OPTED_OUT)))
                                        .outcome()))
                .allSatisfy(outcome ->
                        assertThat(outcome)
                                .isInstanceOfSatisfying(
                                        Outcome.Unknown.class,
                                        unknown ->
                                                assertThat(unknown.countedAt())
                                                        .isEqualTo(counted)));
        assertThat(after(claim, new HandOver.NotTaken("")).charge()).isEqualTo(Charge.KEPT);
        assertThat(after(claim, new HandOver.Throttled(Duration.ZERO)).charge())
                .isEqualTo(Charge.KEPT);
        assertThat(
                        ((Step.Done)
                                        answered(
                                                claim(
                                                        Category.TRANSACTIONAL,
                                                        List.of(EMAIL),
                                                        counted),
                                                denied(SuppressionReason.OPTED_OUT)))
                                .outcome()
                                .charge())
                .isEqualTo(Charge.KEPT);
    }

    @Test
    void keepsTheChargeOfWhatMayHaveLeftAndReturnsTheOthers() {
        Claim claim = claim(Category.MARKETING, List.of());

        assertThat(after(claim, new HandOver.Accepted(List.of("1"))).charge())
                .isEqualTo(Charge.KEPT);
        assertThat(after(claim, new HandOver.Refused("0x0B", "")).charge())
                .isEqualTo(Charge.RETURNED);
        assertThat(after(claim, new HandOver.NotTaken("")).charge()).isEqualTo(Charge.RETURNED);
        assertThat(after(claim, new HandOver.Throttled(Duration.ZERO)).charge())
                .isEqualTo(Charge.RETURNED);
    }

    @Test
    void doesNotCountAThrottledAttempt() {
        Claim claim = claim(Category.MARKETING, List.of());

        assertThat(after(claim, new HandOver.Throttled(Duration.ofSeconds(2))))
                .isInstanceOfSatisfying(
                        Outcome.Requeued.class,
                        requeued -> {
                            assertThat(requeued.attempts()).isEqualTo(claim.attempts());
                            assertThat(requeued.notBefore())
                                    .isBetween(NOW.plusSeconds(2), NOW.plusSeconds(3));
                        });
        assertThat(after(claim, new HandOver.NotTaken("busy")))
                .isInstanceOfSatisfying(
                        Outcome.Requeued.class,
                        requeued ->
                                assertThat(requeued.attempts()).isEqualTo(claim.attempts() + 1));
    }

    @Test
    void waitsLongerEachTimeAndNeverPastTheDeadline() {
        for (int attempts = 0; attempts < 40; attempts++) {
            Duration wait = Backoff.DEFAULT.after(attempts, random);
            long full = Math.min(300_000, 1_000L << Math.min(attempts, 20));
            assertThat(wait.toMillis()).isBetween(full / 2, full);
        }
        Claim claim = claim(Category.MARKETING, List.of());
        Outcome last = judge.later(claim, "busy", claim.deadline().minusMillis(1), random);
        assertThat(((Outcome.Requeued) last).notBefore()).isEqualTo(claim.deadline());
    }

    private Step answered(Claim claim, GateAnswer answer) {
        return judge.afterGate(claim, answer, Hydration.NOT_TRIED, NOW, random);
    }

    @Test
    void whatStoppedTheRestOfATextIsInItsRecord() {
        Claim claim = claim(Category.MARKETING, List.of());
        Verdict stop = new Verdict("consent", false, null, null, null, null);
        GateAnswer.Denied heldBack =
                new GateAnswer.Denied(SuppressionReason.OPTED_OUT, null, List.of(stop), 2);
        Outcome halved =
                after(claim, new HandOver.Unknown("its lease was over after part 1"), heldBack);
        assertThat(((Outcome.Unknown) halved).ruling())
                .isEqualTo(new Outcome.Ruling(List.of(stop), 2));
        Outcome taken = after(claim, new HandOver.Accepted(List.of("1", "2")), heldBack);
        assertThat(((Outcome.Sent) taken).ruling()).isEqualTo(new Outcome.Ruling(List.of(), 1));
    }

    private Outcome after(Claim claim, HandOver answer) {
        return after(claim, answer, null);
    }

    private Outcome after(Claim claim, HandOver answer, GateAnswer.@Nullable Denied heldBack) {
        return judge.afterHandOver(
                claim,
                "smpp",
                new Judge.Leave(
                        new GateAnswer.Allowed(claim.customer(), NOW.plusSeconds(1), List.of(), 1),
                        NOW,
                        heldBack),
                answer,
                NOW,
                random);
    }

    private static GateAnswer denied(SuppressionReason reason) {
        return new GateAnswer.Denied(reason, null, List.of(), 1);
    }

    private static Claim claim(Category category, List<Fallback> fallbacks) {
        return claim(category, fallbacks, null);
    }

    private static Claim claim(
            Category category, List<Fallback> fallbacks, @Nullable Instant countedAt) {
        return claim(category, fallbacks, countedAt, null);
    }

    private static Claim claim(
            Category category,
            List<Fallback> fallbacks,
            @Nullable Instant countedAt,
            @Nullable Instant lostSince) {
        return new Claim(
                new MessageId(new UUID(1, 1)),
                new CustomerId(new UUID(2, 2)),
                Channel.SMS,
                "+34600111222",
                "cart",
                category,
                null,
                null,
                Map.of(),
                null,
                fallbacks,
                NOW.plusSeconds(3600),
                2,
                NOW.plusSeconds(30),
                countedAt,
                lostSince,
                false);
    }
}
