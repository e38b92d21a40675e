package io.throughline.contracts;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.UUID;

/**
 * A resolved person. The value is a UUID version 7 (RFC 9562), so that natural order is order of
 * creation: the oldest of two merging customers is the smaller id.
 */
public record CustomerId(@JsonValue UUID value) implements Comparable<CustomerId> {

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public CustomerId {}

    /**
     * @throws IllegalArgumentException when the text is not a UUID
     */
    public static CustomerId of(String text) {
        return new CustomerId(UUID.fromString(text));
    }

    /** Compares as unsigned 128-bit numbers, which is how PostgreSQL orders {@code uuid} too. */
    @Override
    public int compareTo(CustomerId other) {
        int high =
                Long.compareUnsigned(
                        value.getMostSignificantBits(), other.value.getMostSignificantBits());
        return high != 0
                ? high
                : Long.compareUnsigned(
                        value.getLeastSignificantBits(), other.value.getLeastSignificantBits());
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
