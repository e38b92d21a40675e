package io.throughline.governance.memory;

/** What settling a message came to. */
public enum Settlement {
    /** The gate holds no contact of this message. */
    NOTHING,
    SETTLED,
    /** It had been refunded before: it counts again, and a cap may now be exceeded. */
    OVERRUN
}
