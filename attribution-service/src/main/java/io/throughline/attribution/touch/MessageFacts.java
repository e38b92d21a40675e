package io.throughline.attribution.touch;

import io.throughline.contracts.Channel;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.message.JourneyRef;
import io.throughline.contracts.message.MessageEvent;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one message so far; each time is the first of its kind. Joining facts is
 * commutative, associative and idempotent, so the order of arrival and redelivery do not matter.
 *
 * @param template known from the hand-over
 * @param failedAt one that was taken back failed as well: it reached nobody
 * @param openedAt by the customer as far as can be told: a proxy's or scanner's load is no opening
 */
public record MessageFacts(
        MessageId message,
        CustomerId customer,
        Channel channel,
        @Nullable JourneyRef origin,
        @Nullable String template,
        @Nullable Instant sentAt,
        @Nullable Instant deliveredAt,
        @Nullable Instant failedAt,
        @Nullable Instant unknownAt,
        @Nullable Instant openedAt,
        @Nullable Instant clickedAt) {

    /** Empty where the event tells nothing of what became of a message that left. */
    public static Optional<MessageFacts> of(MessageEvent event) {
        return switch (event) {
            case MessageEvent.Sent e -> Optional.of(bare(e, e.template(), e.at()));
            case MessageEvent.Delivered e -> Optional.of(bare(e).deliveredAt(e.at()));
            case MessageEvent.Failed e -> Optional.of(bare(e).failedAt(e.at()));
            case MessageEvent.Unknown e -> Optional.of(bare(e).unknownAt(e.at()));
            case MessageEvent.Opened e ->
                    e.machine() ? Optional.empty() : Optional.of(bare(e).openedAt(e.at()));
            case MessageEvent.Clicked e -> Optional.of(bare(e).clickedAt(e.at()));
            case MessageEvent.Recalled e -> Optional.of(bare(e).failedAt(e.at()));
            case MessageEvent.NotRecalled e -> Optional.empty();
            case MessageEvent.Suppressed e -> Optional.empty();
            case MessageEvent.Reassigned e -> Optional.empty();
            case MessageEvent.Replied e -> Optional.empty();
            case MessageEvent.Unsubscribed e -> Optional.empty();
            case MessageEvent.StopInForce e -> Optional.empty();
            case MessageEvent.Complained e -> Optional.empty();
        };
    }

    /** Both sets of facts, which are of the same message. */
    public MessageFacts and(MessageFacts other) {
        return new MessageFacts(
                message,
                customer,
                channel,
                origin == null ? other.origin : origin,
                template == null ? other.template : template,
                earlier(sentAt, other.sentAt),
                earlier(deliveredAt, other.deliveredAt),
                earlier(failedAt, other.failedAt),
                earlier(unknownAt, other.unknownAt),
                earlier(openedAt, other.openedAt),
                earlier(clickedAt, other.clickedAt));
    }

    private static @Nullable Instant earlier(@Nullable Instant a, @Nullable Instant b) {
        if (a == null || b == null) {
            return a == null ? b : a;
        }
        return a.isBefore(b) ? a : b;
    }

    private static MessageFacts bare(MessageEvent.OfMessage e) {
        return bare(e, null, null);
    }

    private static MessageFacts bare(
            MessageEvent.OfMessage e, @Nullable String template, @Nullable Instant sentAt) {
        return new MessageFacts(
                e.message(),
                e.customer(),
                e.channel(),
                e.origin(),
                template,
                sentAt,
                null,
                null,
                null,
                null,
                null);
    }

    private MessageFacts deliveredAt(Instant at) {
        return with(at, failedAt, unknownAt, openedAt, clickedAt);
    }

    private MessageFacts failedAt(Instant at) {
        return with(deliveredAt, at, unknownAt, openedAt, clickedAt);
    }

    private MessageFacts unknownAt(Instant at) {
        return with(deliveredAt, failedAt, at, openedAt, clickedAt);
    }

    private MessageFacts openedAt(Instant at) {
        return with(deliveredAt, failedAt, unknownAt, at, clickedAt);
    }

    private MessageFacts clickedAt(Instant at) {
        return with(deliveredAt, failedAt, unknownAt, openedAt, at);
    }

    private MessageFacts with(
            @Nullable Instant delivered,
            @Nullable Instant failed,
            @Nullable Instant unknown,
            @Nullable Instant opened,
            @Nullable Instant clicked) {
        return new MessageFacts(
                message, customer, channel, origin, template, sentAt, delivered, failed, unknown,
                opened, clicked);
    }
}
