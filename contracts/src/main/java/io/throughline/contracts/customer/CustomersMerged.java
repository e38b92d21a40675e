package io.throughline.contracts.customer;

import io.throughline.contracts.CustomerId;
import java.time.Instant;
import java.util.List;

/**
 * Two customers turned out to be one. What is known of the merged one belongs to the survivor from
 * here on, also what arrives later under its old id.
 *
 * @param survivor the older of the two
 * @param cause the {@code messageId} of the event that linked them
 */
public record CustomersMerged(
        CustomerId survivor, CustomerId merged, String cause, Instant mergedAt)
        implements CustomerEvent {

    @Override
    public CustomerId customer() {
        return survivor;
    }

    @Override
    public List<CustomerId> tellsOf() {
        return List.of(survivor, merged);
    }
}
