package io.throughline.channel.delivery;

import io.throughline.contracts.message.MessageEvent;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What the others, and the record of the message, are told of an outcome. */
public final class Told {

    private Told() {}

    /** The event of an outcome; a message that only goes back to the queue has none. */
    public static Optional<MessageEvent> event(Outcome outcome) {
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
                                    sent.at()));
            case Outcome.Failed failed ->
                    Optional.of(
                            new MessageEvent.Failed(
                                    claim.message(),
                                    claim.customer(),
                                    claim.channel(),
                                    claim.origin(),
                                    failed.code(),
                                    failed.detail(),
                                    failed.at()));
            case Outcome.Unknown unknown ->
                    Optional.of(
                            new MessageEvent.Unknown(
                                    claim.message(),
                                    claim.customer(),
                                    claim.channel(),
                                    claim.origin(),
                                    unknown.answer().detail(),
                                    unknown.at()));
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
            case Outcome.Requeued _, Outcome.Rerouted _ -> Optional.empty();
        };
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
