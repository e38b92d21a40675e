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
 * @param askedBefore whether it may be on its way already, so that the answer is to say whether it
 *     counts
 */
public record GateRequest(
        CustomerId customer,
        MessageId message,
        Channel channel,
        Category category,
        @Nullable String topic,
        @Nullable String journey,
        String address,
        boolean askedBefore) {

    /** Of a message that is asked about for itself alone. */
    public GateRequest(
            CustomerId customer,
            MessageId message,
            Channel channel,
            Category category,
            @Nullable String topic,
            @Nullable String journey,
            String address) {
        this(customer, message, channel, category, topic, journey, address, false);
    }

    /** The same of a message that may be on its way already; see {@link GateAnswer#counted}. */
    public GateRequest again() {
        return new GateRequest(customer, message, channel, category, topic, journey, address, true);
    }

    /** The same to another address. */
    public GateRequest to(String another) {
        return new GateRequest(
                customer, message, channel, category, topic, journey, another, askedBefore);
    }
}
