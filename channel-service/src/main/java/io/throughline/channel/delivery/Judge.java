package io.throughline.channel.delivery;

import io.throughline.channel.delivery.Outcome.Charge;
import io.throughline.channel.delivery.Outcome.Ruling;
import io.throughline.channel.route.HandOver;
import io.throughline.contracts.Category;
import io.throughline.contracts.message.MessageRequested.Fallback;
import io.throughline.contracts.message.SuppressionReason;
import io.throughline.contracts.message.Verdict;
import io.throughline.governance.GateAnswer;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The rules of delivery: from what is known of a claim to what is done about it. */
public final class Judge {

    /**
     * Right after a hydration these are not final: what was being handed over at that instant is
     * counted then, and may be refused itself.
     */
    private static final Set<SuppressionReason> COUNTING =
            EnumSet.of(
                    SuppressionReason.MINIMUM_GAP,
                    SuppressionReason.JOURNEY_CAP,
                    SuppressionReason.CHANNEL_CAP,
                    SuppressionReason.GLOBAL_CAP);

    private final Backoff backoff;

    public Judge(Backoff backoff) {
        this.backoff = backoff;
    }

    /** Whether the customer's state has been given to the gate in this pass already. */
    public enum Hydration {
        NOT_TRIED,
        TRIED
    }

    public Step afterGate(
            Claim claim,
            GateAnswer answer,
            Hydration hydration,
            Instant now,
            RandomGenerator random) {
        return switch (answer) {
            case GateAnswer.Allowed allowed -> new Step.Go(claim, allowed);
            case GateAnswer.Denied denied
                    when denied.reason() == SuppressionReason.UNKNOWN_CUSTOMER ->
                    hydration == Hydration.NOT_TRIED
                            ? new Step.Hydrate(claim)
                            : new Step.Done(
                                    later(
                                            claim,
                                            "the gate knows nothing of the customer yet",
                                            now,
                                            random));
            case GateAnswer.Denied denied
                    when denied.awaited()
                            || (hydration == Hydration.TRIED
                                    && COUNTING.contains(denied.reason())) ->
                    new Step.Done(
                            later(
                                    claim,
                                    "others that were on their way counted when the gate learnt of the customer",
                                    now,
                                    random));
            case GateAnswer.Denied denied ->
                    new Step.Done(
                            refusedBy(
                                    claim,
                                    denied.reason(),
                                    denied.retryAt(),
                                    rulingOf(denied),
                                    refusingRule(denied.verdicts()),
                                    now));
        };
    }

    /**
     * The message cannot go on its channel. Where another channel could do better, the next
     * fallback is tried; what holds on every channel (caps, silence, quiet hours) ends it.
     */
    public Outcome refusedBy(
            Claim claim,
            SuppressionReason reason,
            @Nullable Instant retryAt,
            Ruling ruling,
            String detail,
            Instant now) {
        List<Fallback> fallbacks = claim.fallbacks();
        if (endsThisChannelOnly(reason) && !fallbacks.isEmpty()) {
            return new Outcome.Rerouted(
                    claim,
                    fallbacks.getFirst(),
                    fallbacks.subList(1, fallbacks.size()),
                    reason,
                    ruling,
                    now);
        }
        return ended(
                new Outcome.Suppressed(claim, reason, retryAt, ruling, detail, now),
                null,
                ruling,
                detail);
    }

    /** What was said to one customer must not reach another. */
    public Outcome unlinked(Claim claim, Instant now) {
        return refusedBy(
                claim,
                SuppressionReason.NO_ADDRESS,
                null,
                Ruling.NONE,
                "the address turned out to be another customer's",
                now);
    }

    /**
     * A message that is not handed over now, nor later. Where an earlier attempt was not answered
     * nobody can say that it did not leave (promise P5).
     */
    private static Outcome ended(
            Outcome notHandedOver, @Nullable String route, Ruling ruling, String why) {
        Claim claim = notHandedOver.claim();
        Instant countedAt = claim.countedAt();
        return countedAt == null
                ? notHandedOver
                : new Outcome.Unknown(
                        claim,
                        route,
                        new HandOver.Unknown("an attempt was not answered, and then: " + why),
                        ruling,
                        countedAt,
                        countedAt,
                        notHandedOver.at());
    }

    /**
     * The leave that a message was handed over by.
     *
     * @param allowed the last that the gate allowed
     * @param at when that was
     * @param heldBack what the gate said afterwards of what was left of it, where it was no
     */
    public record Leave(
            GateAnswer.Allowed allowed, Instant at, GateAnswer.@Nullable Denied heldBack) {}

    /** What the carrier's answer leads to. */
    public Outcome afterHandOver(
            Claim claim,
            String route,
            Leave leave,
            HandOver handOver,
            Instant now,
            RandomGenerator random) {
        GateAnswer.Allowed allowed = leave.allowed();
        Instant countedAt = leave.at();
        Ruling ruling = new Ruling(allowed.verdicts(), allowed.policyVersion());
        return switch (handOver) {
            case HandOver.Accepted(List<String> ids) ->
                    new Outcome.Sent(claim, route, ids, ruling, countedAt, now);
            case HandOver.Refused(String code, String detail) ->
                    ended(
                            new Outcome.Failed(claim, route, code, detail, ruling, now),
                            route,
                            ruling,
                            detail);
            case HandOver.Throttled(Duration after) -> throttled(claim, after, now, random);
            case HandOver.NotTaken(String detail) -> later(claim, detail, now, random);
            case HandOver.Unknown unknown ->
                    unknown(
                            claim,
                            route,
                            unknown,
                            leave.heldBack() == null ? ruling : rulingOf(leave.heldBack()),
                            countedAt,
                            countedAt,
                            now,
                            random);
        };
    }

    private static Ruling rulingOf(GateAnswer.Denied denied) {
        return new Ruling(denied.verdicts(), denied.policyVersion());
    }

    /**
     * A process claimed it and was not heard of again: what P5 says of a crash. It counts from now
     * on, which is the latest, and left when it was claimed, if it did.
     */
    public Outcome abandoned(Claim claim, Instant now, RandomGenerator random) {
        return unknown(
                claim,
                null,
                new HandOver.Unknown(
                        "the process that was handing it over ended before it could tell"),
                Ruling.NONE,
                now,
                Objects.requireNonNullElse(claim.lostSince(), now),
                now,
                random);
    }

    /** Nothing was handed over and nothing is known against it: it is tried again. */
    public Outcome later(Claim claim, String why, Instant now, RandomGenerator random) {
        return new Outcome.Requeued(
                claim,
                atMost(claim.deadline(), now.plus(backoff.after(claim.attempts(), random))),
                claim.attempts() + 1,
                why,
                Charge.notHandedOver(claim),
                now);
    }

    public Outcome deadlinePassed(Claim claim, Instant now) {
        String detail = "its deadline was " + claim.deadline();
        return ended(
                new Outcome.Suppressed(
                        claim, SuppressionReason.DEADLINE_PASSED, null, Ruling.NONE, detail, now),
                null,
                Ruling.NONE,
                detail);
    }

    private static Outcome throttled(
            Claim claim, Duration after, Instant now, RandomGenerator random) {
        Duration jitter = Duration.ofMillis(random.nextLong(Math.max(after.toMillis(), 0) / 2 + 1));
        return new Outcome.Requeued(
                claim,
                atMost(claim.deadline(), now.plus(after).plus(jitter)),
                claim.attempts(),
                "the carrier takes no more for now",
                Charge.notHandedOver(claim),
                now);
    }

    private Outcome unknown(
            Claim claim,
            @Nullable String route,
            HandOver.Unknown answer,
            Ruling ruling,
            Instant countedAt,
            Instant handedOverAt,
            Instant now,
            RandomGenerator random) {
        return switch (claim.category()) {
            case Category.MARKETING, Category.SERVICE ->
                    new Outcome.Unknown(claim, route, answer, ruling, countedAt, handedOverAt, now);
            case Category.TRANSACTIONAL ->
                    new Outcome.Requeued(
                            claim,
                            atMost(
                                    claim.deadline(),
                                    now.plus(backoff.after(claim.attempts(), random))),
                            claim.attempts() + 1,
                            answer.detail(),
                            Charge.KEPT,
                            now);
        };
    }

    private static boolean endsThisChannelOnly(SuppressionReason reason) {
        return switch (reason) {
            case NO_CONSENT, OPTED_OUT, ADDRESS_OPTED_OUT, NO_ADDRESS, NO_ROUTE, NO_CONTENT -> true;
            case UNKNOWN_CUSTOMER,
                    SILENCED,
                    QUIET_HOURS,
                    MINIMUM_GAP,
                    JOURNEY_CAP,
                    CHANNEL_CAP,
                    GLOBAL_CAP,
                    WITHDRAWN,
                    DEADLINE_PASSED ->
                    false;
        };
    }

    private static String refusingRule(List<Verdict> verdicts) {
        return Verdict.refusing(verdicts).map(Verdict::rule).orElse("the gate refused");
    }

    private static Instant atMost(Instant latest, Instant wanted) {
        return wanted.isAfter(latest) ? latest : wanted;
    }
}
