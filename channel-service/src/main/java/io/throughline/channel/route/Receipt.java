package io.throughline.channel.route;

import io.throughline.contracts.Channel;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a carrier says became of one part of a message.
 *
 * @param route the {@link Route#name()} it went by
 * @param providerId as {@link HandOver.Accepted} gave it
 * @param address whom the message was for, as it was given; absent where the carrier does not say
 * @param code the carrier's reason, as in {@code UNDELIV 045}
 * @param at the carrier's time, or that of arrival where it gives none
 */
public record Receipt(
        String route,
        Channel channel,
        String providerId,
        @Nullable String address,
        Status status,
        String code,
        Instant at) {

    public enum Status {
        /** On its way; says nothing final. */
        ENROUTE,
        DELIVERED,
        /** Not delivered, and not going to be. */
        FAILED,
        /** The carrier does not know either. */
        UNKNOWN
    }
}
