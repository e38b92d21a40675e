package io.throughline.contracts.message;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** Why a message could not be taken back. */
public enum RecallOutcome {
    /** No message of its route can be. */
    IMPOSSIBLE,
    /** The carrier had delivered it, or some of it, or was not holding it any more. */
    TOO_LATE,
    /** The carrier holds it and does not give it back. */
    REFUSED,
    /** Nobody can say. */
    UNKNOWN;

    @JsonValue
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    @JsonCreator
    public static RecallOutcome of(String word) {
        return valueOf(word.toUpperCase(Locale.ROOT));
    }
}
