package io.throughline.journey.definition;

import java.util.Locale;

/** What becomes of a message to which a more important one of another journey leaves no room. */
public enum OnDisplaced {
    /** It is tried again when there may be room, until its step's time is up. */
    DEFER,
    /** The journey goes on without it. */
    DROP;

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static OnDisplaced of(String word) {
        return switch (word) {
            case "defer" -> DEFER;
            case "drop" -> DROP;
            default ->
                    throw new IllegalArgumentException(
                            "unknown rule '" + word + "', expected defer or drop");
        };
    }
}
