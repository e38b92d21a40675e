package io.throughline.contracts;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * What a customer last said about a channel or a topic of it. Having said nothing is the absence of
 * a state.
 */
public enum ConsentState {
    OPTED_IN,
    OPTED_OUT;

    @JsonValue
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * @throws IllegalArgumentException naming the known words
     */
    @JsonCreator
    public static ConsentState of(String word) {
        return Arrays.stream(values())
                .filter(s -> s.word().equals(word))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                "unknown consent state '"
                                        + word
                                        + "', expected one of "
                                        + Arrays.stream(values())
                                                .map(ConsentState::word)
                                                .collect(Collectors.joining(", "))));
    }
}
