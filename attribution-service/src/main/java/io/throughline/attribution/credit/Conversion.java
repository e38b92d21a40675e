package io.throughline.attribution.credit;

import io.throughline.contracts.Money;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What the credit is for.
 *
 * @param value in whole minor units of its currency, after reversals; absent where the conversion
 *     has no value, which is not the same as a value of zero
 */
public record Conversion(UUID id, Instant at, @Nullable Money value) {}
