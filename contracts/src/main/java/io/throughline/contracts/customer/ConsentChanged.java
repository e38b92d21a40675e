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
 */
public record ConsentChanged(
        CustomerId customer,
        Channel channel,
        @Nullable String topic,
        ConsentState state,
        @Nullable String address,
        String source,
        Instant occurredAt,
        Instant recordedAt)
        implements CustomerEvent {}
