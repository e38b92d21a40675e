package io.throughline.contracts.message;

import io.throughline.contracts.ContractEvent;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import java.time.Instant;
import java.util.List;

/**
 * A message that was asked for is not wanted any more. Where it still waits in the queue it is
 * suppressed as {@code withdrawn}; where it is being handed over, or was, nothing happens and its
 * report says so. It may come before the message is asked for, as around a merge, and holds then
 * too.
 *
 * @param reason in a word, for the message's history, as in {@code displaced}
 */
public record WithdrawalRequested(
        MessageId message, CustomerId customer, String reason, Instant requestedAt)
        implements ContractEvent {

    @Override
    public String partitionKey() {
        return customer.toString();
    }

    @Override
    public List<CustomerId> tellsOf() {
        return List.of(customer);
    }
}
