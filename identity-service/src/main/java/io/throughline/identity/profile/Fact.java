package io.throughline.identity.profile;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** What Throughline itself reads out of events, beside the traits that callers set. */
public enum Fact {
    /** Tz database name, as it was stated of the customer. */
    TIME_ZONE,
    /** Tz database name, of the device that an event came from. */
    EVENT_ZONE,
    /** BCP 47 tag. */
    LOCALE;

    @JsonValue
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    @JsonCreator
    public static Fact of(String word) {
        return valueOf(word.toUpperCase(Locale.ROOT));
    }
}
