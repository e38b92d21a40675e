package io.throughline.identity.resolution;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What an identifier type is worth.
 *
 * @param type as in {@code email}; {@code *} for every type that has no rule of its own
 * @param unique whether a value stands for one customer; where it does not, it joins nobody
 * @param most how many values one customer may have
 * @param within counted over so long before the newest; absent for ever
 * @param sharedAbove a value that was seen with more different user ids than this is a shop's
 *     tablet or a family's phone and joins nobody any more; 0 for never
 * @param firstHand whether a device carries it itself, so that it counts also from a source that
 *     only claims
 */
public record TypeRule(
        String type,
        boolean unique,
        int most,
        @Nullable Duration within,
        int sharedAbove,
        boolean firstHand) {

    public static final String ANY = "*";

    public TypeRule {
        if (type.isEmpty() || most < 1 || sharedAbove < 0) {
            throw new IllegalArgumentException(
                    "a rule names a type, allows at least one value, and is shared above 0 or more");
        }
        if (within != null && (within.isNegative() || within.isZero())) {
            throw new IllegalArgumentException("a limit's window is longer than nothing");
        }
    }
}
