package io.throughline.attribution.conversion;

import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Money;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A conversion as it happened, for one journey or for the shop.
 *
 * @param event id of the event that tells of it
 * @param journey whose goal it is; {@link #SHOP} for the one that counts whatever the journeys say
 * @param name the event's name
 * @param orderId the shop's; the same order of the same customer counts once
 * @param value absent where it has none
 * @param gross what was paid with tax and shipping, in the value's currency: what a refund's total
 *     is measured against; absent where unknown
 * @param within how long after entry it counts as the journey's goal; absent for always
 */
public record Achieved(
        UUID event,
        String journey,
        CustomerId customer,
        String name,
        Instant at,
        @Nullable String orderId,
        @Nullable Money value,
        @Nullable BigDecimal gross,
        @Nullable Duration within) {

    /** In place of a journey's key. */
    public static final String SHOP = "";
}
