package io.throughline.identity.engagement;

import io.throughline.contracts.Channel;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.message.MessageEvent;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What one event says of how a customer takes messages.
 *
 * @param message absent where it is not known which one was answered
 * @param code the carrier's; absent where it refused nothing
 */
public record Sign(
        Kind kind,
        Channel channel,
        @Nullable MessageId message,
        @Nullable String code,
        Instant at) {

    /** What happened. */
    public enum Kind {
        SENT,
        DELIVERED,
        FAILED,
        /** By the customer, not by a proxy or scanner. */
        OPENED,
        CLICKED,
        REPLIED
    }

    /** Empty where the event says nothing of it. */
    public static Optional<Sign> of(MessageEvent event) {
        return switch (event) {
            case MessageEvent.Sent sent -> told(Kind.SENT, sent, null);
            case MessageEvent.Delivered delivered -> told(Kind.DELIVERED, delivered, null);
            case MessageEvent.Failed failed -> told(Kind.FAILED, failed, failed.code());
            case MessageEvent.Opened opened ->
                    opened.machine() ? Optional.empty() : told(Kind.OPENED, opened, null);
            case MessageEvent.Clicked clicked -> told(Kind.CLICKED, clicked, null);
            case MessageEvent.Replied replied ->
                    replied.customer() == null
                            ? Optional.empty()
                            : Optional.of(
                                    new Sign(
                                            Kind.REPLIED,
                                            replied.channel(),
                                            replied.message(),
                                            null,
                                            replied.at()));
            case MessageEvent.Suppressed suppressed -> Optional.empty();
            case MessageEvent.Unknown unknown -> Optional.empty();
            case MessageEvent.Recalled recalled -> Optional.empty();
            case MessageEvent.NotRecalled notRecalled -> Optional.empty();
            case MessageEvent.Unsubscribed unsubscribed -> Optional.empty();
            case MessageEvent.StopInForce inForce -> Optional.empty();
            case MessageEvent.Complained complained -> Optional.empty();
            case MessageEvent.Reassigned reassigned -> Optional.empty();
        };
    }

    private static Optional<Sign> told(
            Kind kind, MessageEvent.OfMessage event, @Nullable String code) {
        return Optional.of(new Sign(kind, event.channel(), event.message(), code, event.at()));
    }

    /** Whether a message was taken notice of by the customer herself. */
    public boolean isEngagement() {
        return switch (kind) {
            case OPENED, CLICKED, REPLIED -> true;
            case SENT, DELIVERED, FAILED -> false;
        };
    }
}
