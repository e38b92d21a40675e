package io.throughline.contracts.customer;

import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A customer opted in or out.
 *
 * @param topic absent where the whole channel is meant
 * @param address the address the consent was given for, where one is known: consent follows the
 *     address
 * @param source where it was said, as in {@code preference-centre}, {@code keyword}, {@code api}
 * @param occurredAt when it was said; the later of two wins, and opting out wins a tie
 * @param recordedAt when it was written into the ledger, which comes before whoever said it gets an
 *     answer
 * @param receivedAt when identity got the request to opt out; absent where it was heard elsewhere,
 *     imported, or is no opt-out
 * @param inForceAt when the gate had answered that the opt-out is in force; absent where it was put
 *     in force elsewhere or is no opt-out
 */
public record ConsentChanged(
        CustomerId customer,
        Channel channel,
        @Nullable String topic,
        ConsentState state,
        @Nullable String address,
        String source,
        Instant occurredAt,
        Instant recordedAt,
        @Nullable Instant receivedAt,
        @Nullable Instant inForceAt)
        implements CustomerEvent {

    /** Of which it is not known here when it was in force. */
    public ConsentChanged(
            CustomerId customer,
            Channel channel,
            @Nullable String topic,
            ConsentState state,
            @Nullable String address,
            String source,
            Instant occurredAt,
            Instant recordedAt) {
        this(customer, channel, topic, state, address, source, occurredAt, recordedAt, null, null);
    }
}
