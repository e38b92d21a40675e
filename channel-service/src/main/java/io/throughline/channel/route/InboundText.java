package io.throughline.channel.route;

import io.throughline.contracts.Channel;
import java.time.Instant;

/**
 * A whole text that somebody sent, its parts already joined.
 *
 * @param from E.164 number with {@code +}
 * @param to the number or short code it was sent to
 * @param at when it arrived
 */
public record InboundText(
        String route, Channel channel, String from, String to, String text, Instant at) {}
