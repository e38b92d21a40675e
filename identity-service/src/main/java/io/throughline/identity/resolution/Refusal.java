package io.throughline.identity.resolution;

import io.throughline.contracts.Identifier;

/**
 * A link that evidence suggested and that was not made: the identifier stays where it is.
 *
 * @param detail for people, as in {@code more than 1 user_id}
 */
public record Refusal(Identifier identifier, Why why, String detail) {

    /** Which rule was in the way. */
    public enum Why {
        /** The customer would have more values of a type than one customer may have. */
        LIMIT,
        /** Only a device connects the two, and each has a user id, email or phone of its own. */
        DEVICE,
        /** Somebody took the two apart by hand. */
        SEPARATED,
        /** The profile has grown as far as profiles may; somebody has to look at it. */
        QUARANTINED
    }
}
