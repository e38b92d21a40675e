package io.throughline.identity.http;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.throughline.identity.resolution.ResolutionRules;
import io.throughline.identity.resolution.TypeRule;
import io.throughline.local.testing.EmbeddedInfrastructure;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code /q/openapi} says. */
@QuarkusTest
@QuarkusTestResource(EmbeddedInfrastructure.class)
class DescriptionTest {

    private static final Pattern IDENTIFIER = Pattern.compile("\"identifier\": ?\"([a-z_]+):");

    private JsonNode paths = MissingNode.getInstance();

    @BeforeEach
    void read() {
        paths = Api.ok(given().accept("application/json").get("/q/openapi")).path("paths");
    }

    @Test
    void theDoorForEventsIsDescribedThoughNoResourceServesIt() {
        JsonNode take = paths.path("/v1/{call}").path("post");
        assertThat(statuses(take)).contains("200", "400", "401", "413", "415", "429", "503");
        assertThat(
                        take.at("/requestBody/content/application~1json/examples/batch/value/batch")
                                .size())
                .isEqualTo(2);
    }

    @Test
    void everyRouteOfTheApiTellsHowItRefuses() {
        paths.properties().stream()
                .filter(path -> path.getKey().startsWith("/api/"))
                .forEach(path ->
                        path.getValue()
                                .properties()
                                .forEach(one -> complete(path.getKey(), one.getValue())));
    }

    /**
     * What people copy from an example should get a rule of its own, and not that of all others.
     */
    @Test
    void identifiersInExamplesAreOfTypesThatTheRulesKnow() {
        Set<String> types =
                ResolutionRules.initial().types().stream()
                        .map(TypeRule::type)
                        .collect(Collectors.toSet());
        Matcher named = IDENTIFIER.matcher(paths.toString().replace("\\", ""));
        Set<String> found = new TreeSet<>();
        while (named.find()) {
            found.add(named.group(1));
        }
        assertThat(found).hasSizeGreaterThan(2);
        assertThat(types).containsAll(found);
    }

    @ParameterizedTest
    @CsvSource({
        "/api/imports, post, application/json",
        "/api/imports, post, text/csv",
        "/api/imports, post, application/x-ndjson",
        "/api/imports/{id}/parts/{number}, put, application/octet-stream",
        "/preferences/{token}, post, application/x-www-form-urlencoded",
    })
    void bodiesHaveExamplesWhateverTheyAreWrittenIn(String path, String verb, String type) {
        JsonNode content = paths.path(path).path(verb).path("requestBody").path("content");
        assertThat(content.path(type).path("examples").size()).as(content.toString()).isPositive();
    }

    private static void complete(String path, JsonNode operation) {
        if (!operation.has("responses")) {
            return;
        }
        assertThat(statuses(operation)).as(path).contains("503");
        if (operation.has("requestBody")) {
            assertThat(statuses(operation)).as(path).contains("400", "413", "422");
        }
        if (path.startsWith("/api/customers/{id}")) {
            assertThat(statuses(operation)).as(path).contains("404", "410");
        }
        operation.path("responses").properties().stream()
                .filter(response -> response.getKey().compareTo("400") >= 0)
                .forEach(response ->
                        assertThat(
                                        response.getValue()
                                                .path("content")
                                                .has("application/problem+json"))
                                .as(path + " " + response.getKey())
                                .isTrue());
    }

    private static Set<String> statuses(JsonNode operation) {
        Set<String> statuses = new TreeSet<>();
        operation.path("responses").fieldNames().forEachRemaining(statuses::add);
        return statuses;
    }
}
