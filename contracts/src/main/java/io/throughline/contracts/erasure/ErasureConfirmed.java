package io.throughline.contracts.erasure;

import io.throughline.contracts.ContractEvent;
import io.throughline.contracts.CustomerId;
import java.time.Instant;
import java.util.UUID;

/**
 * A service holds nothing of an erased customer any more.
 *
 * @param service as in {@code channel}
 */
public record ErasureConfirmed(
        UUID erasure, CustomerId customer, String service, Instant confirmedAt)
        implements ContractEvent {

    @Override
    public String partitionKey() {
        return customer.toString();
    }
}
