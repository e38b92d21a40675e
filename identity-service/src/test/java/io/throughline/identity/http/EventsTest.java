package io.throughline.identity.http;

import static io.restassured.RestAssured.given;
import static io.throughline.identity.http.Api.accepted;
import static io.throughline.identity.http.Api.admin;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.throughline.local.testing.EmbeddedInfrastructure;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.hamcrest.Matchers;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The catalogue of events, filled from the log. */
@QuarkusTest
@QuarkusTestResource(EmbeddedInfrastructure.class)
class EventsTest {

    private String who = "";

    @BeforeEach
    void somebodyElse() {
        who = UUID.randomUUID().toString();
    }

    @Test
    void whatArrivesIsCountedOnceWithItsProperties() {
        String name = "Quiz Done " + who;
        String event =
                """
                {"type":"track","userId":"u-%1$s","messageId":"%2$s-%1$s","event":"%3$s","timestamp":"2026-11-23T10:00:00Z",
                 "properties":{"score":%4$s,"tags":[]}}
                """;
        String first = event.formatted(who, "a", name, "7");
        accepted(
                "batch",
                "{\"batch\":[" + first + "," + event.formatted(who, "b", name, "\"7\"") + "]}");
        accepted("batch", "{\"batch\":[" + first + "]}");
        accepted("page", "{\"userId\":\"u-%s\",\"name\":\"%s\"}".formatted(who, name));

        JsonNode counted = awaitCount("track", name, 2);
        assertThat(counted.path("specification").isMissingNode()).isTrue();
        assertThat(counted.path("firstSeen").asText()).isNotEmpty();
        assertThat(counted.path("lastSeen").asText())
                .isGreaterThanOrEqualTo(counted.path("firstSeen").asText());
        assertThat(counted.path("properties").toString())
                .contains("{\"name\":\"score\",\"seen\":[\"string\",\"integer\"]}")
                .contains("{\"name\":\"tags\",\"seen\":[\"array\"]}");
        awaitCount("page", name, 1);
        assertThat(awaitCount("track", name, 2).path("count").asInt()).isEqualTo(2);
    }

    @Test
    void aNameThatIsNearlyOneOfASpecificationHasAWarning() {
        accepted(
                "track",
                """
                {"userId":"u-%s","event":"Coupon denied","properties":{"coupon_id":"c"}}
                """
                        .formatted(who));
        accepted(
                "track",
                """
                {"userId":"u-%s","event":"Coupon Denied","properties":{"coupon_id":7}}
                """
                        .formatted(who));
        JsonNode near = awaitCount("track", "Coupon denied", 1);
        assertThat(near.path("warnings").path(0).path("type").asText()).isEqualTo("near-duplicate");
        assertThat(near.path("warnings").path(0).path("of").asText()).isEqualTo("Coupon Denied");
        JsonNode known = awaitCount("track", "Coupon Denied", 1);
        assertThat(known.path("specification").asText()).isEqualTo("ecommerce");
        assertThat(known.path("warnings").path(0).path("type").asText()).isEqualTo("property-type");
        assertThat(known.path("warnings").path(0).path("property").asText()).isEqualTo("coupon_id");
    }

    @Test
    void whatSpecificationsNameIsThereBeforeItComes() {
        List<String> names = new ArrayList<>();
        String cursor = null;
        do {
            JsonNode page =
                    Api.ok(
                            admin().queryParam("specification", "travel")
                                    .queryParam("seen", "false")
                                    .queryParam("limit", 10)
                                    .queryParam("cursor", cursor == null ? "" : cursor)
                                    .get("/api/events"));
            page.path("items").forEach(item -> names.add(item.path("name").asText()));
            cursor = page.path("next").isMissingNode() ? null : page.path("next").asText();
        } while (cursor != null);
        assertThat(names)
                .hasSize(37)
                .isSorted()
                .doesNotHaveDuplicates()
                .contains("Booking Completed");
    }

    @Test
    void onlyThoseMayReadItWhoMayReadAnything() {
        given().get("/api/events").then().statusCode(401);
        given().auth()
                .preemptive()
                .oauth2("local-viewer-token")
                .get("/api/events")
                .then()
                .statusCode(200);
    }

    @ParameterizedTest
    @CsvSource({
        "kind,          group",
        "specification, gaming",
        "seen,          maybe",
        "limit,         0",
        "cursor,        eA",
    })
    void whatIsWrongIsNamed(String parameter, String value) {
        admin().queryParam(parameter, value)
                .get("/api/events")
                .then()
                .statusCode(400)
                .contentType("application/problem+json")
                .body("field", Matchers.is(parameter));
    }

    private JsonNode awaitCount(String kind, String name, int count) {
        return await().atMost(Api.SOON)
                .until(() -> find(kind, name), found -> found.path("count").asInt() >= count);
    }

    private static JsonNode find(String kind, String name) {
        JsonNode items =
                Api.ok(
                                admin().queryParam("kind", kind)
                                        .queryParam("seen", "true")
                                        .queryParam("limit", 500)
                                        .get("/api/events"))
                        .path("items");
        return items.valueStream()
                .filter(item -> item.path("name").asText().equals(name))
                .findFirst()
                .orElse(com.fasterxml.jackson.databind.node.MissingNode.getInstance());
    }
}
