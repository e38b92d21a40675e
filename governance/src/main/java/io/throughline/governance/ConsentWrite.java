package io.throughline.governance;

import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A consent to put in force.
 *
 * @param customer absent where only the address is known so far
 * @param address absent where the consent was not given for an address
 * @param topic absent where the whole channel is meant
 */
public record ConsentWrite(
        @Nullable CustomerId customer,
        @Nullable String address,
        Channel channel,
        @Nullable String topic,
        ConsentState state,
        Instant at) {

    public ConsentWrite {
        if (customer == null && address == null) {
            throw new IllegalArgumentException("a consent belongs to a customer or to an address");
        }
    }

    /** The same, said after something else was. */
    public ConsentWrite after(Instant said) {
        return at.isAfter(said)
                ? this
                : new ConsentWrite(customer, address, channel, topic, state, said.plusMillis(1));
    }
}
