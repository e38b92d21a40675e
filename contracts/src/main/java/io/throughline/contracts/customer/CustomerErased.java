package io.throughline.contracts.customer;

import io.throughline.contracts.CustomerId;
import io.throughline.contracts.LastWord;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * Everything about a customer is to be forgotten. Nothing that names her, or one of the ids she was
 * known by, may be kept or come back, whatever else of the stream arrives before or after this.
 *
 * @param aliases ids that had been merged into her
 * @param erasure what {@code ErasureConfirmed} answers to
 */
public record CustomerErased(
        CustomerId customer, List<CustomerId> aliases, UUID erasure, Instant erasedAt)
        implements CustomerEvent, LastWord {

    @Override
    public UUID cause() {
        return erasure;
    }

    @Override
    public List<CustomerId> gone() {
        List<CustomerId> gone = new ArrayList<>(aliases);
        gone.add(customer);
        return gone;
    }

    @Override
    public Instant since() {
        return erasedAt;
    }
}
