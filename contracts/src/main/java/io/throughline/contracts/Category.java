package io.throughline.contracts;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Why a message is sent, which settles what of the policy it may pass. */
public enum Category {
    /** Promotion. Needs consent and passes every rule. */
    MARKETING,
    /**
     * About a relation that the customer has: reminders, status. Counts and is capped like
     * marketing.
     */
    SERVICE,
    /**
     * Owed to the customer: receipts, security. Passes caps, gaps, quiet hours and silences; never
     * a legal opt-out.
     */
    TRANSACTIONAL;

    @JsonValue
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * @throws IllegalArgumentException naming the known words
     */
    @JsonCreator
    public static Category of(String word) {
        return Arrays.stream(values())
                .filter(c -> c.word().equals(word))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                "unknown category '"
                                        + word
                                        + "', expected one of "
                                        + Arrays.stream(values())
                                                .map(Category::word)
                                                .collect(Collectors.joining(", "))));
    }
}
