package io.throughline.attribution.conversion;

import io.throughline.contracts.CustomerId;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An order, or a part of it, taken back.
 *
 * @param event id of the event that tells of it
 * @param amount what was given back, on the scale of the order's total; absent for all of it
 */
public record Reversal(
        UUID event, CustomerId customer, String orderId, @Nullable BigDecimal amount, Instant at) {}
