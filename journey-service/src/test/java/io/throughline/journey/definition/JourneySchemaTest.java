package io.throughline.journey.definition;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import io.throughline.journey.Journeys;
import java.io.IOException;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The schema that editors use and the parser agree on the shape of a document. */
class JourneySchemaTest {

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final JsonSchema SCHEMA =
            JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                    .getSchema(Journeys.text("journey.schema.json"));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "journeys/cart-abandonment.yaml",
                "journeys/everything.yaml",
                "journeys/everything.json"
            })
    void itAcceptsWhatTheParserAccepts(String name) {
        String text = Journeys.text(name);

        assertThat(JourneyParser.parse(text)).isInstanceOf(Parsed.Valid.class);
        assertThat(SCHEMA.validate(tree(text))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    journey  | "Cart"
                    category | "spam"
                    topic    | "a b"
                    priority | 101
                    priority | 1.5
                    priority | "high"
                    entry    | "X"
                    entry    | {}
                    entry    | {"on": ""}
                    entry    | {"on": "X", "wehn": "true"}
                    entry    | {"on": "X", "again-after": "1d"}
                    exit     | {"on": "X"}
                    exit     | [{"when": "true"}]
                    goal     | "X"
                    goal     | {"on": "X", "within": "P"}
                    goal     | {"on": "X", "silence": "PT0S"}
                    goal     | {"on": "X", "covers": "everything"}
                    holdout  | "101%"
                    holdout  | 10
                    holdout  | "1.234%"
                    colour   | "red"
                    steps    | []
                    steps    | {"wait": "PT1S"}
                    steps    | ["wait"]
                    steps    | [{}]
                    steps    | [{"wait": "PT1S", "exit": "a"}]
                    steps    | [{"dance": "x"}]
                    steps    | [{"wait": "5m"}]
                    steps    | [{"wait": "PT0S"}]
                    steps    | [{"wait": "P1M"}]
                    steps    | [{"exit": ""}]
                    steps    | [{"wait-for": {"timeout": "PT1S"}}]
                    steps    | [{"wait-for": {"on": "X"}}]
                    steps    | [{"wait-for": {"on": "X", "timeout": "PT1S", "then": []}}]
                    steps    | [{"send": "sms"}]
                    steps    | [{"send": {"template": "t"}}]
                    steps    | [{"send": {"channel": "sms"}}]
                    steps    | [{"send": {"channel": "fax", "template": "t"}}]
                    steps    | [{"send": {"channel": "sms", "template": "A B"}}]
                    steps    | [{"send": {"channel": "best", "template": "t"}}]
                    steps    | [{"send": {"channel": "best", "among": [], "template": "t"}}]
                    steps    | [{"send": {"channel": "best", "among": ["fax"], "template": "t"}}]
                    steps    | [{"send": {"channel": "best", "among": ["sms", "sms"], "template": "t"}}]
                    steps    | [{"send": {"channel": "sms", "among": ["sms"], "template": "t"}}]
                    steps    | [{"send": {"channel": "sms", "template": "t", "at": "best"}}]
                    steps    | [{"send": {"channel": "sms", "template": "t", "unless-denied": {}}}]
                    steps    | [{"branch": []}]
                    steps    | [{"branch": [{"when": "true"}]}]
                    steps    | [{"branch": [{"then": [{"exit": "a"}]}]}]
                    steps    | [{"branch": [{"else": [{"exit": "a"}]}]}]
                    steps    | [{"branch": [{"when": "true", "then": [{"exit": "a"}]}, {"else": []}]}]
                    """)
    void itRefusesTheStructuralFlawsThatTheParserRefuses(String key, String value)
            throws IOException {
        ObjectNode document =
                (ObjectNode) MAPPER.readTree(Journeys.text("journeys/everything.json"));
        document.set(key, MAPPER.readTree(value));

        assertThat(JourneyParser.parse(document.toString())).isInstanceOf(Parsed.Invalid.class);
        assertThat(SCHEMA.validate(document)).isNotEmpty();
    }

    private static JsonNode tree(String text) {
        return Objects.requireNonNull(DocumentTree.read(text).root());
    }
}
