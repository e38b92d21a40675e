package io.throughline.journey.definition;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import io.throughline.journey.definition.Parsed.Flaw;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The text as a tree. Built token by token rather than by Jackson's own reader, because that one
 * keeps the last of two equal keys and takes a YAML alias for a string.
 *
 * @param root absent where the text could not be read to its end
 * @param flaws of syntax
 */
record DocumentTree(@Nullable JsonNode root, List<Flaw> flaws) {

    private static final JsonFactory JSON = new JsonFactory();

    /** {@code on}, {@code yes} and their like are words here, as in YAML 1.2. */
    private static final YAMLFactory YAML =
            YAMLFactory.builder()
                    .enable(YAMLParser.Feature.PARSE_BOOLEAN_LIKE_WORDS_AS_STRINGS)
                    .build();

    private static final int MAX_DEPTH = 100;

    /** JSON where the text is JSON, YAML otherwise. */
    static DocumentTree read(String text) {
        if (!text.stripLeading().startsWith("{")) {
            return new Builder().read(YAML, text);
        }
        DocumentTree json = new Builder().read(JSON, text);
        if (json.root() != null) {
            return json;
        }
        DocumentTree flowStyle = new Builder().read(YAML, text);
        return flowStyle.root() == null ? json : flowStyle;
    }

    private static final class Builder {

        private final List<Flaw> flaws = new ArrayList<>();

        DocumentTree read(JsonFactory format, String text) {
            try (JsonParser parser = format.createParser(text)) {
                if (parser.nextToken() == null) {
                    flaws.add(new Flaw(JourneyParser.WHOLE, "is empty"));
                    return new DocumentTree(null, flaws);
                }
                JsonNode root = value(parser, "", 0);
                if (parser.nextToken() != null) {
                    flaws.add(new Flaw(JourneyParser.WHOLE, "holds more than one document"));
                }
                return new DocumentTree(root, flaws);
            } catch (IOException e) {
                flaws.add(new Flaw(JourneyParser.WHOLE, syntax(e)));
                return new DocumentTree(null, flaws);
            }
        }

        private JsonNode value(JsonParser parser, String path, int depth) throws IOException {
            if (depth > MAX_DEPTH) {
                throw new IOException("is nested deeper than " + MAX_DEPTH + " levels");
            }
            if (parser instanceof YAMLParser yaml && yaml.isCurrentAlias()) {
                flaws.add(new Flaw(named(path), "is an alias; write it out"));
            }
            JsonToken token = parser.currentToken();
            return switch (token) {
                case START_OBJECT -> object(parser, path, depth);
                case START_ARRAY -> array(parser, path, depth);
                case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT ->
                        JsonNodeFactory.instance.numberNode(parser.getDecimalValue());
                case VALUE_TRUE, VALUE_FALSE ->
                        JsonNodeFactory.instance.booleanNode(parser.getBooleanValue());
                case VALUE_NULL -> NullNode.getInstance();
                default -> JsonNodeFactory.instance.textNode(plain(parser, path));
            };
        }

        private ObjectNode object(JsonParser parser, String path, int depth) throws IOException {
            ObjectNode node = JsonNodeFactory.instance.objectNode();
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String key = parser.currentName();
                String at = path.isEmpty() ? key : path + "." + key;
                parser.nextToken();
                JsonNode value = value(parser, at, depth + 1);
                if (node.has(key)) {
                    flaws.add(new Flaw(at, "stands twice"));
                }
                node.set(key, value);
            }
            return node;
        }

        private ArrayNode array(JsonParser parser, String path, int depth) throws IOException {
            ArrayNode node = JsonNodeFactory.instance.arrayNode();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                node.add(value(parser, path + "[" + node.size() + "]", depth + 1));
            }
            return node;
        }

        private String plain(JsonParser parser, String path) throws IOException {
            String text = parser.getValueAsString("");
            if (text.indexOf(0) >= 0) {
                flaws.add(new Flaw(named(path), "expected no U+0000"));
            }
            return text;
        }

        private static String named(String path) {
            return path.isEmpty() ? JourneyParser.WHOLE : path;
        }

        private static String syntax(IOException e) {
            if (e instanceof JsonProcessingException syntax) {
                String what = syntax.getOriginalMessage().lines().findFirst().orElse("");
                JsonLocation where = syntax.getLocation();
                return "cannot be read"
                        + (where == null
                                ? ""
                                : " at line "
                                        + where.getLineNr()
                                        + ", column "
                                        + where.getColumnNr())
                        + ": "
                        + what;
            }
            return String.valueOf(e.getMessage());
        }
    }
}
