package io.throughline.contracts.ingest;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** How far the identifiers that a source names are to be believed. */
public enum Trust {
    /** Who sends has checked them, or they are as good as checked. */
    TRUSTED,
    /** Anybody may have typed them; they join nobody until they are verified. */
    CLAIMED;

    @JsonValue
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * @throws IllegalArgumentException naming the known words
     */
    @JsonCreator
    public static Trust of(String word) {
        for (Trust trust : values()) {
            if (trust.word().equals(word)) {
                return trust;
            }
        }
        throw new IllegalArgumentException("expected trusted or claimed, was '" + word + "'");
    }
}
