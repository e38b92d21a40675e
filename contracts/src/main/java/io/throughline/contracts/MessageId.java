package io.throughline.contracts;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * One message to one customer; the idempotency key of everything that happens to it, and so stable
 * over retries.
 */
public record MessageId(@JsonValue UUID value) {

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public MessageId {}

    /**
     * @throws IllegalArgumentException when the text is not a UUID
     */
    public static MessageId of(String text) {
        return new MessageId(UUID.fromString(text));
    }

    /**
     * The message that one attempt of one step of one instance asks for: the same three always give
     * the same id.
     */
    public static MessageId of(UUID instance, String step, int attempt) {
        String name = instance + "/" + step + "/" + attempt;
        return new MessageId(UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)));
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
