package io.throughline.identity.erasure;

import io.throughline.contracts.CustomerId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * How far an erasure has come.
 *
 * @param aliases ids that had been merged into the customer
 * @param confirmed when each service held nothing any more, by service
 * @param logsUntil when, by their settings, no log keeps a record from before any more; absent
 *     where one is kept for ever, or nobody has looked yet
 * @param logsGoneAt when the logs were found to keep none; absent until then
 */
public record Erasure(
        UUID id,
        CustomerId customer,
        List<CustomerId> aliases,
        Instant askedAt,
        Map<String, Instant> confirmed,
        @Nullable Instant logsUntil,
        @Nullable Instant logsGoneAt) {

    public static final String IDENTITY = "identity";

    /** All that keep something of customers. */
    public static final List<String> SERVICES =
            List.of(IDENTITY, "journey", "channel", "attribution");

    /** Whether every service has confirmed. */
    public boolean isComplete() {
        return confirmed.keySet().containsAll(SERVICES);
    }
}
