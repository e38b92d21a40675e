package io.throughline.journey.store;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** What a journey is doing. */
public enum JourneyStatus {
    /** Put, and never activated. */
    DRAFT,
    /** Customers enter and go on. */
    ACTIVE,
    /** Nobody enters, timers hold, nothing is sent; goals and exits still end instances. */
    PAUSED,
    /** Over: instances leave. */
    ARCHIVED;

    @JsonValue
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * @throws IllegalArgumentException for a word that is none
     */
    public static JourneyStatus of(String word) {
        return valueOf(word.toUpperCase(Locale.ROOT));
    }
}
