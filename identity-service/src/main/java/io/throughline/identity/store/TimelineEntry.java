package io.throughline.identity.store;

import io.throughline.contracts.CustomerId;
import java.time.Instant;
import java.util.Map;

/**
 * Something in a customer's history.
 *
 * @param kind {@code event}, {@code merge}, {@code consent} or {@code link-refused}
 * @param entry what there is to say of it
 */
public record TimelineEntry(
        CustomerId customer, Instant at, String kind, Map<String, Object> entry) {}
