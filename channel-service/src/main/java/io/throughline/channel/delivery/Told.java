package io.throughline.channel.delivery;

import io.throughline.contracts.ContractEvent;
import io.throughline.contracts.decision.DecisionEvent;
import io.throughline.contracts.message.JourneyRef;
import io.throughline.contracts.message.MessageEvent;
import io.throughline.contracts.message.Verdict;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the others, and the record of the message, are told of an outcome. */
public final class Told {

    private Told() {}

    /** The event of an outcome; a message that only goes back to the queue has none. */
    public static Optional<ContractEvent> event(Outcome outcome) {
        Claim claim = outcome.claim();
        return switch (outcome) {
            case Outcome.Sent sent ->
                    Optional.of(
                            new MessageEvent.Sent(
                                    claim.message(),
                                    claim.customer(),
                                    claim.channel(),
                                    claim.origin(),
                                    claim.template(),
                                    sent.route(),
                                    sent.providerIds().isEmpty()
                                            ? null
                                            : sent.providerIds().getFirst(),
                                    Math.max(1, sent.providerIds().size()),
                                    sent.ruling().verdicts(),
                                    sent.ruling().policyVersion(),
                                    sent.at(),
                                    claim.topic(),
                                    sent.countedAt(),
                                    claim.category()));
            case Outcome.Failed failed ->
                    Optional.of(
                            new MessageEvent.Failed(
                                    claim.message(),
                                    claim.customer(),
                                    claim.channel(),
                                    claim.origin(),
                                    failed.code(),
                                    failed.detail(),
                                    failed.ruling().verdicts(),
                                    failed.ruling().policyVersion(),
                                    failed.at()));
            case Outcome.Unknown unknown ->
                    Optional.of(
                            new MessageEvent.Unknown(
                                    claim.message(),
                                    claim.customer(),
                                    claim.channel(),
                                    claim.origin(),
                                    unknown.answer().detail(),
                                    verdicts(unknown.ruling()),
                                    policy(unknown.ruling()),
                                    unknown.at(),
                                    claim.topic(),
                                    unknown.handedOverAt(),
                                    claim.category()));
            case Outcome.Suppressed suppressed ->
                    Optional.of(
                            new MessageEvent.Suppressed(
                                    claim.message(),
                                    claim.customer(),
                                    claim.channel(),
                                    claim.origin(),
                                    suppressed.reason(),
                                    suppressed.ruling().verdicts(),
                                    suppressed.ruling().policyVersion(),
                                    suppressed.retryAt(),
                                    suppressed.at()));
            case Outcome.Rerouted moved -> moved(moved);
            case Outcome.Requeued _ -> Optional.empty();
        };
    }

    /** Of a message that belongs to no journey it is told by the message that leaves in the end. */
    private static Optional<ContractEvent> moved(Outcome.Rerouted moved) {
        JourneyRef origin = moved.claim().origin();
        return origin == null
                ? Optional.empty()
                : Optional.of(
                        new DecisionEvent.Moved(
                                moved.claim().customer(),
                                origin,
                                moved.claim().message(),
                                moved.claim().channel(),
                                moved.to().channel(),
                                moved.reason(),
                                verdicts(moved.ruling()),
                                policy(moved.ruling()),
                                moved.at()));
    }

    private static @Nullable List<Verdict> verdicts(Outcome.Ruling ruling) {
        return ruling.verdicts().isEmpty() ? null : ruling.verdicts();
    }

    private static @Nullable Integer policy(Outcome.Ruling ruling) {
        return ruling.verdicts().isEmpty() ? null : ruling.policyVersion();
    }

    /** What the message's history keeps beside state and time. */
    public static Map<String, Object> detail(Outcome outcome) {
        Map<String, Object> detail = new LinkedHashMap<>();
        detail.put("channel", outcome.claim().channel().word());
        switch (outcome) {
            case Outcome.Sent sent -> {
                detail.put("route", sent.route());
                detail.put("providerIds", sent.providerIds());
                ruling(sent.ruling(), detail);
            }
            case Outcome.Failed failed -> {
                detail.put("route", failed.route());
                detail.put("code", failed.code());
                detail.put("why", failed.detail());
                ruling(failed.ruling(), detail);
            }
            case Outcome.Unknown unknown -> {
                if (unknown.route() != null) {
                    detail.put("route", unknown.route());
                    detail.put("providerIds", unknown.answer().providerIds());
                }
                detail.put("why", unknown.answer().detail());
                ruling(unknown.ruling(), detail);
            }
            case Outcome.Suppressed suppressed -> {
                detail.put("reason", suppressed.reason().word());
                detail.put("why", suppressed.detail());
                if (suppressed.retryAt() != null) {
                    detail.put("retryAt", suppressed.retryAt());
                }
                ruling(suppressed.ruling(), detail);
            }
            case Outcome.Requeued requeued -> {
                detail.put("why", requeued.why());
                detail.put("notBefore", requeued.notBefore());
                detail.put("attempts", requeued.attempts());
            }
            case Outcome.Rerouted rerouted -> {
                detail.put("reason", rerouted.reason().word());
                detail.put("to", rerouted.to().channel().word());
                detail.put("template", rerouted.to().template());
                ruling(rerouted.ruling(), detail);
            }
        }
        return detail;
    }

    private static void ruling(Outcome.Ruling ruling, Map<String, Object> detail) {
        if (!ruling.verdicts().isEmpty()) {
            detail.put("verdicts", ruling.verdicts());
            detail.put("policyVersion", ruling.policyVersion());
        }
    }
}
