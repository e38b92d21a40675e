package io.throughline.contracts;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The published schemas are the records' own. After a change of a record, {@code
 * -Dthroughline.golden.update=true} writes them anew, unless a reader of the old schema could not
 * take the new records: that is refused in any case, since such a change needs a new event type.
 */
class SchemaTest {

    private static final Path PUBLISHED = Path.of("src/main/resources/schemas");
    private static final boolean UPDATE = Boolean.getBoolean("throughline.golden.update");

    private final ObjectMapper mapper =
            new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    static Collection<Class<? extends ContractEvent>> events() {
        return EventTypes.all();
    }

    @ParameterizedTest
    @MethodSource("events")
    void everyRecordHasItsPublishedSchema(Class<? extends ContractEvent> event) throws IOException {
        Path file = PUBLISHED.resolve(EventTypes.typeOf(event) + ".json");
        ObjectNode now = new Schemas().of(event);
        if (Files.exists(file)) {
            assertThat(Compatibility.breaks(mapper.readTree(file.toFile()), now))
                    .as(
                            "what a reader of the published schema could not take; use a new event type")
                    .isEmpty();
        }
        golden(file, now);
    }

    @Test
    void nothingIsPublishedThatNoLongerExists() throws IOException {
        TreeSet<String> expected = new TreeSet<>();
        EventTypes.all().forEach(event -> expected.add(EventTypes.typeOf(event) + ".json"));
        try (Stream<Path> files = Files.list(PUBLISHED)) {
            assertThat(files.map(f -> f.getFileName().toString()))
                    .containsExactlyInAnyOrderElementsOf(expected);
        }
    }

    @Test
    void theAsyncApiDocumentNamesEveryTopicAndType() throws IOException {
        golden(Path.of("src/main/resources/asyncapi.json"), AsyncApi.document(mapper));
    }

    @Test
    void aRemovedRequiredFieldBreaksAnOlderReader() throws IOException {
        assertThat(
                        breaks(
                                "{'properties':{'a':{'type':'string'}},'required':['a']}",
                                "{'properties':{}}"))
                .containsExactly("$.a is no longer always there");
    }

    @Test
    void aFieldThatIsNoLongerRequiredBreaksAnOlderReader() throws IOException {
        assertThat(
                        breaks(
                                "{'properties':{'a':{'type':'string'}},'required':['a']}",
                                "{'properties':{'a':{'type':'string'}}}"))
                .containsExactly("$.a is no longer always there");
    }

    @Test
    void aChangedTypeBreaksAnOlderReader() throws IOException {
        assertThat(
                        breaks(
                                "{'properties':{'a':{'type':'string'}}}",
                                "{'properties':{'a':{'type':'integer'}}}"))
                .containsExactly("$.a was string and is integer");
    }

    @Test
    void aNewWordInAnEnumerationBreaksAnOlderReader() throws IOException {
        assertThat(
                        breaks(
                                "{'properties':{'a':{'enum':['x']}}}",
                                "{'properties':{'a':{'enum':['x','y']}}}"))
                .containsExactly("$.a may now be \"y\"");
    }

    @Test
    void aNewOptionalFieldBreaksNobody() throws IOException {
        assertThat(
                        breaks(
                                "{'properties':{}}",
                                "{'properties':{'b':{'type':'string'}},'required':['b']}"))
                .isEmpty();
    }

    private List<String> breaks(String published, String now) throws IOException {
        return Compatibility.breaks(
                mapper.readTree(published.replace('\'', '"')),
                mapper.readTree(now.replace('\'', '"')));
    }

    private void golden(Path file, JsonNode now) throws IOException {
        String text = mapper.writeValueAsString(now) + "\n";
        if (UPDATE) {
            Files.createDirectories(file.getParent());
            Files.writeString(file, text);
        }
        assertThat(Files.readString(file))
                .as(
                        "%s differs; after an intended change run with -Dthroughline.golden.update=true",
                        file)
                .isEqualTo(text);
    }
}
