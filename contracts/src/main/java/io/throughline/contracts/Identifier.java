package io.throughline.contracts;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/**
 * A typed, normalised value that stands for a customer, written {@code type:value}, as in {@code
 * email:ana@example.com} or {@code phone:+34600111222}. The set of types is open; the constants are
 * those that Throughline itself reads.
 */
public record Identifier(String type, String value) implements Comparable<Identifier> {

    public static final String USER_ID = "user_id";
    public static final String EMAIL = "email";
    public static final String PHONE = "phone";
    public static final String ANONYMOUS_ID = "anonymous_id";
    public static final String PUSH_TOKEN = "push_token";

    public Identifier {
        if (type.isEmpty() || value.isEmpty() || type.indexOf(':') >= 0) {
            throw new IllegalArgumentException(
                    "an identifier is written type:value, as in email:ana@example.com, with neither side empty");
        }
    }

    /**
     * @throws IllegalArgumentException when the text is not {@code type:value}
     */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static Identifier of(String text) {
        int colon = text.indexOf(':');
        return new Identifier(text.substring(0, Math.max(colon, 0)), text.substring(colon + 1));
    }

    @Override
    public int compareTo(Identifier other) {
        int byType = type.compareTo(other.type);
        return byType != 0 ? byType : value.compareTo(other.value);
    }

    @JsonValue
    @Override
    public String toString() {
        return type + ":" + value;
    }
}
