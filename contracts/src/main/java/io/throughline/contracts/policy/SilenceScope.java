package io.throughline.contracts.policy;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;

/**
 * Which journey messages a conversion's silence covers. Transactional messages are never covered.
 */
public enum SilenceScope {
    ALL_JOURNEYS("all-journeys"),
    THIS_JOURNEY("this-journey");

    private final String word;

    SilenceScope(String word) {
        this.word = word;
    }

    @JsonValue
    public String word() {
        return word;
    }

    /**
     * @throws IllegalArgumentException naming the known words
     */
    @JsonCreator
    public static SilenceScope of(String word) {
        return Arrays.stream(values())
                .filter(s -> s.word.equals(word))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                "unknown scope '"
                                        + word
                                        + "', expected all-journeys or this-journey"));
    }
}
