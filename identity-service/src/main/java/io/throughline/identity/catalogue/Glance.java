package io.throughline.identity.catalogue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.throughline.contracts.ingest.AcceptedEvent.Kind;
import io.throughline.contracts.json.ContractJson;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * As much of an accepted event as the catalogue wants, read past everything else: the log has
 * another reader who needs it whole.
 *
 * @param properties on the first level, at most {@link #MOST_PROPERTIES}
 */
public record Glance(EventName event, Map<String, PropertyType> properties) {

    static final int MOST_PROPERTIES = 200;

    /** Longer keys are data that somebody put in the wrong place. */
    static final int LONGEST_PROPERTY = 100;

    private static final JsonFactory JSON = ContractJson.mapper().getFactory();

    /** Empty where the event has no name, or cannot be read. */
    public static Optional<Glance> at(byte[] event) {
        try (JsonParser parser = JSON.createParser(event)) {
            return parser.nextToken() == JsonToken.START_OBJECT ? read(parser) : Optional.empty();
        } catch (IOException unreadable) {
            return Optional.empty();
        }
    }

    private static Optional<Glance> read(JsonParser parser) throws IOException {
        Kind kind = null;
        String name = null;
        Map<String, PropertyType> properties = Map.of();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String field = parser.currentName();
            JsonToken value = parser.nextToken();
            switch (field) {
                case "kind" -> kind = kind(parser.getText());
                case "name" -> name = value == JsonToken.VALUE_STRING ? parser.getText() : null;
                case "properties" -> properties = properties(parser, value);
                default -> parser.skipChildren();
            }
        }
        return kind == null || name == null || name.isBlank()
                ? Optional.empty()
                : Optional.of(new Glance(new EventName(kind, name), properties));
    }

    private static @Nullable Kind kind(String word) {
        for (Kind kind : Kind.values()) {
            if (kind.word().equals(word)) {
                return kind;
            }
        }
        return null;
    }

    private static Map<String, PropertyType> properties(JsonParser parser, JsonToken start)
            throws IOException {
        Map<String, PropertyType> properties = new LinkedHashMap<>();
        if (start != JsonToken.START_OBJECT) {
            parser.skipChildren();
            return properties;
        }
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String property = parser.currentName();
            PropertyType type = PropertyType.of(parser.nextToken());
            parser.skipChildren();
            if (properties.size() < MOST_PROPERTIES && property.length() <= LONGEST_PROPERTY) {
                properties.put(property, type);
            }
        }
        return properties;
    }
}
