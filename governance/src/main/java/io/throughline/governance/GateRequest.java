package io.throughline.governance;

import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import org.jspecify.annotations.Nullable;

/**
 * What the gate is asked about.
 *
 * @param message makes the request idempotent: asked again, the message is not counted twice
 * @param topic the consent topic; absent where the channel's consent alone counts
 * @param journey the journey's key; absent for a message that belongs to none
 * @param address where it would go; an opted-out address is refused whoever it belongs to
 */
public record GateRequest(
        CustomerId customer,
        MessageId message,
        Channel channel,
        Category category,
        @Nullable String topic,
        @Nullable String journey,
        String address) {

    /** The same to another address. */
    public GateRequest to(String another) {
        return new GateRequest(customer, message, channel, category, topic, journey, another);
    }
}
