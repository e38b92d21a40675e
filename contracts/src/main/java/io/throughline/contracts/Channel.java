package io.throughline.contracts;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A kind of conversation with a customer. A route is one way to a carrier or provider of a channel.
 */
public enum Channel {
    EMAIL,
    SMS,
    WHATSAPP,
    PUSH,
    IN_APP;

    /**
     * The word used in documents, bodies and topics: {@code email}, {@code sms}, {@code in_app}.
     */
    @JsonValue
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * @throws IllegalArgumentException naming the known words
     */
    @JsonCreator
    public static Channel of(String word) {
        return parse(word)
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                "unknown channel '"
                                        + word
                                        + "', expected one of "
                                        + Arrays.stream(values())
                                                .map(Channel::word)
                                                .collect(Collectors.joining(", "))));
    }

    public static Optional<Channel> parse(String word) {
        return Arrays.stream(values()).filter(c -> c.word().equals(word)).findFirst();
    }
}
