package io.throughline.journey.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.inject.Singleton;
import jakarta.ws.rs.BadRequestException;
import org.jspecify.annotations.Nullable;

/**
 * Reads bodies that may be left out, for which a caller need not name a content type, and such as
 * are looked at before they are bound.
 */
@Singleton
class Bodies {

    private final ObjectMapper mapper;

    Bodies(ObjectMapper mapper) {
        this.mapper = mapper;
    }

    /** The body, or what is meant where there is none. */
    <T> T read(@Nullable String text, Class<T> type, T absent) {
        if (text == null || text.isBlank()) {
            return absent;
        }
        try {
            T body = mapper.readValue(text, type);
            return body == null ? absent : body;
        } catch (JsonProcessingException e) {
            throw new BadRequestException(e);
        }
    }

    ObjectNode tree(Object answer) {
        return mapper.valueToTree(answer);
    }

    <T> T bind(JsonNode document, Class<T> type) {
        try {
            return mapper.treeToValue(document, type);
        } catch (JsonProcessingException e) {
            throw new BadRequestException(e);
        }
    }
}
