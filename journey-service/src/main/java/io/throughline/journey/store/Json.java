package io.throughline.journey.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.throughline.contracts.json.ContractJson;

/** What jsonb columns hold, written and read with the contracts' mapper. */
final class Json {

    private static final ObjectMapper MAPPER = ContractJson.mapper();

    private Json() {}

    static String write(Object value) {
        try {
            return MAPPER.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    value.getClass().getSimpleName() + " cannot be written as JSON", e);
        }
    }

    /**
     * @throws IllegalStateException when the column holds something that this version cannot read
     */
    static <T> T read(String json, Class<T> type) {
        try {
            return MAPPER.readValue(json, type);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(
                    "a stored " + type.getSimpleName() + " is unreadable", e);
        }
    }

    /**
     * @throws IllegalStateException when the column holds something that this version cannot read
     */
    static <T> T read(String json, TypeReference<T> type) {
        try {
            return MAPPER.readValue(json, type);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a stored " + type.getType() + " is unreadable", e);
        }
    }
}
