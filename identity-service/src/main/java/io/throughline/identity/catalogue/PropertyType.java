package io.throughline.identity.catalogue;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.core.JsonToken;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/**
 * What a property's value is, in JSON's words. Each has a bit, so that a set of them is a number.
 */
public enum PropertyType {
    STRING(1),
    INTEGER(2),
    NUMBER(4),
    BOOLEAN(8),
    OBJECT(16),
    ARRAY(32),
    NULL(64);

    /** Stored, so it stays. */
    private final int bit;

    PropertyType(int bit) {
        this.bit = bit;
    }

    @JsonValue
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    @JsonCreator
    static PropertyType of(String word) {
        return valueOf(word.toUpperCase(Locale.ROOT));
    }

    int bit() {
        return bit;
    }

    /** The types whose bits are set. */
    public static Set<PropertyType> of(int bits) {
        EnumSet<PropertyType> types = EnumSet.noneOf(PropertyType.class);
        for (PropertyType type : values()) {
            if ((bits & type.bit()) != 0) {
                types.add(type);
            }
        }
        return types;
    }

    /** Whether a value of the other type does where this one is expected. */
    boolean takes(PropertyType other) {
        return other == this || other == NULL || (this == NUMBER && other == INTEGER);
    }

    static PropertyType of(JsonToken token) {
        return switch (token) {
            case VALUE_NUMBER_INT -> INTEGER;
            case VALUE_NUMBER_FLOAT -> NUMBER;
            case VALUE_TRUE, VALUE_FALSE -> BOOLEAN;
            case START_OBJECT -> OBJECT;
            case START_ARRAY -> ARRAY;
            case VALUE_NULL -> NULL;
            default -> STRING;
        };
    }
}
