package io.throughline.contracts.customer;

import io.throughline.contracts.Channel;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Identifier;
import io.throughline.contracts.Whereabouts;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The whole profile after a change; a reader keeps the highest version it has seen.
 *
 * @param version grows by at least one with every change of this customer
 * @param addresses where each channel reaches the customer: an email address, an E.164 number
 * @param timeZone tz database name, where known
 * @param locale BCP 47 tag, where known
 * @param whereabouts where quiet hours take her to be; absent where it was written before that was
 *     told, and {@code timeZone} is all there is
 */
public record ProfileChanged(
        CustomerId customer,
        long version,
        List<Identifier> identifiers,
        Map<String, Object> traits,
        Map<Channel, String> addresses,
        @Nullable String timeZone,
        @Nullable String locale,
        Instant createdAt,
        Instant changedAt,
        @Nullable Whereabouts whereabouts)
        implements CustomerEvent {

    /** Of a customer of whom nothing says where she is but the zone, if that. */
    public ProfileChanged(
            CustomerId customer,
            long version,
            List<Identifier> identifiers,
            Map<String, Object> traits,
            Map<Channel, String> addresses,
            @Nullable String timeZone,
            @Nullable String locale,
            Instant createdAt,
            Instant changedAt) {
        this(
                customer,
                version,
                identifiers,
                traits,
                addresses,
                timeZone,
                locale,
                createdAt,
                changedAt,
                null);
    }
}
