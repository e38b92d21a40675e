package io.throughline.identity.store;

import io.throughline.contracts.CustomerId;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Something in a customer's history.
 *
 * @param kind {@code event}, {@code merge}, {@code unlink}, {@code consent} or {@code link-refused}
 * @param entry what there is to say of it
 * @param sighting of an event, which it follows should it turn out to be somebody else's
 */
public record TimelineEntry(
        CustomerId customer,
        Instant at,
        String kind,
        Map<String, Object> entry,
        @Nullable UUID sighting) {

    public TimelineEntry(CustomerId customer, Instant at, String kind, Map<String, Object> entry) {
        this(customer, at, kind, entry, null);
    }
}
