package io.throughline.attribution.credit;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * One touch's part of a conversion.
 *
 * @param share of the conversion, in millionths; the shares of a path add up to exactly one
 * @param amount of the conversion's value, in its currency; the amounts of a path add up to exactly
 *     that value; absent where the conversion has none
 */
public record Credit(Touch touch, BigDecimal share, @Nullable BigDecimal amount) {}
