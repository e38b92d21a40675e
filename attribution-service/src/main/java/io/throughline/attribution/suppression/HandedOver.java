package io.throughline.attribution.suppression;

import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.message.MessageEvent;
import io.throughline.contracts.message.Verdict;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What one event tells of a message that was handed over, or may have been. Joining is commutative,
 * associative and idempotent.
 *
 * @param topic absent where the channel's consent alone counts
 * @param category absent from older writers, and where the event tells of a recall
 * @param heedsConsent whether an opt-out keeps it back, as the gate's verdicts at its hand-over say
 * @param heedsSilence the same of a conversion's silence
 * @param at when the gate last let it go; absent where the event tells of a recall
 * @param recall what came of taking it back; absent where that was not tried
 */
public record HandedOver(
        MessageId message,
        CustomerId customer,
        Channel channel,
        @Nullable String journey,
        @Nullable String topic,
        @Nullable String category,
        boolean heedsConsent,
        boolean heedsSilence,
        @Nullable Instant at,
        @Nullable String recall) {

    /** As it stands beside the outcomes of recalls that came to nothing. */
    public static final String RECALLED = "recalled";

    private static final String CONSENT = "consent";
    private static final String SILENCE = "silence";

    /** Empty where the event tells neither of a hand-over nor of a recall. */
    public static Optional<HandedOver> of(MessageEvent event) {
        return switch (event) {
            case MessageEvent.Sent e ->
                    Optional.of(
                            left(
                                    e,
                                    e.topic(),
                                    e.category(),
                                    e.verdicts(),
                                    e.handedOverAt() == null ? e.at() : e.handedOverAt()));
            case MessageEvent.Unknown e ->
                    Optional.of(
                            left(
                                    e,
                                    e.topic(),
                                    e.category(),
                                    e.verdicts(),
                                    e.handedOverAt() == null ? e.at() : e.handedOverAt()));
            case MessageEvent.Recalled e -> Optional.of(tried(e, RECALLED));
            case MessageEvent.NotRecalled e -> Optional.of(tried(e, e.outcome().word()));
            case MessageEvent.OfMessage e -> Optional.empty();
            case MessageEvent.FromAddress e -> Optional.empty();
            case MessageEvent.Reassigned e -> Optional.empty();
        };
    }

    /** Where nobody knows any more which rules there were, it had to heed all of them. */
    private static HandedOver left(
            MessageEvent.OfMessage e,
            @Nullable String topic,
            @Nullable Category category,
            @Nullable List<Verdict> verdicts,
            Instant at) {
        return new HandedOver(
                e.message(),
                e.customer(),
                e.channel(),
                journey(e),
                topic,
                category == null ? null : category.word(),
                verdicts == null || has(verdicts, CONSENT),
                verdicts == null || has(verdicts, SILENCE),
                at,
                null);
    }

    private static boolean has(List<Verdict> verdicts, String rule) {
        return verdicts.stream().anyMatch(v -> v.rule().equals(rule));
    }

    private static HandedOver tried(MessageEvent.OfMessage e, String outcome) {
        return new HandedOver(
                e.message(),
                e.customer(),
                e.channel(),
                journey(e),
                null,
                null,
                false,
                false,
                null,
                outcome);
    }

    private static @Nullable String journey(MessageEvent.OfMessage e) {
        return e.origin() == null ? null : e.origin().journey();
    }

    /** Both tellings, which are of the same message. */
    public HandedOver and(HandedOver other) {
        return new HandedOver(
                message,
                customer,
                at == null ? other.channel : channel,
                journey == null ? other.journey : journey,
                topic == null ? other.topic : topic,
                category == null ? other.category : category,
                heedsConsent || other.heedsConsent,
                heedsSilence || other.heedsSilence,
                Suppression.earlier(at, other.at),
                first(recall, other.recall));
    }

    private static @Nullable String first(@Nullable String a, @Nullable String b) {
        if (a == null || b == null) {
            return a == null ? b : a;
        }
        return a.compareTo(b) <= 0 ? a : b;
    }
}
