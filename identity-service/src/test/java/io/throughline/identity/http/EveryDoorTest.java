package io.throughline.identity.http;

import static io.restassured.RestAssured.given;
import static io.throughline.identity.http.Api.awaitId;
import static io.throughline.identity.http.Api.awaitTimeline;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.throughline.local.testing.EmbeddedInfrastructure;
import java.util.UUID;
import org.hamcrest.Matchers;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What libraries send and ask for beside events: settings, metrics, beacons, images. */
@QuarkusTest
@QuarkusTestResource(EmbeddedInfrastructure.class)
class EveryDoorTest {

    private static final String SHOP = "https://shop.example";

    private String who = "";

    @BeforeEach
    void somebodyElse() {
        who = UUID.randomUUID().toString();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/"})
    void segmentsBrowserLibraryIsToldWhereToSend(String slash) {
        given().header("Origin", SHOP)
                .get("/v1/projects/" + Api.WRITE_KEY + "/settings" + slash)
                .then()
                .statusCode(200)
                .contentType("application/json")
                .header("Access-Control-Allow-Origin", "*")
                .body("integrations.'Segment.io'.apiKey", Matchers.is(Api.WRITE_KEY))
                .body("integrations.'Segment.io'.apiHost", Matchers.is("localhost:8080/v1"))
                .body("integrations.'Segment.io'.protocol", Matchers.is("http"))
                .body("integrations.size()", Matchers.is(1))
                .body("metrics.sampleRate", Matchers.is(0.0f));
    }

    @Test
    void aDeadKeyHasNoSettings() {
        given().get("/v1/projects/dead/settings")
                .then()
                .statusCode(401)
                .contentType("application/problem+json")
                .body("field", Matchers.is("writeKey"));
    }

    @Test
    void segmentsBrowserLibraryMayTellHowItIsUsed() {
        given().header("Origin", SHOP)
                .contentType("text/plain")
                .body(
                        """
                        {"series":[{"type":"Counter","metric":"analytics_js.invoke","value":1,
                          "tags":{"method":"track","library":"analytics.js","library_version":"npm:next-1.84.3"}}]}
                        """)
                .post("/v1/m")
                .then()
                .statusCode(200)
                .body("success", Matchers.is(true));
        given().body("{}")
                .post("/v1/m")
                .then()
                .statusCode(400)
                .body("field", Matchers.is("series"));
        given().body("{").post("/v1/m").then().statusCode(400).body("field", Matchers.is("body"));
    }

    @Test
    void aBeaconOfAPageThatGoesAwayIsTaken() {
        given().header("Origin", SHOP)
                .contentType("text/plain;charset=UTF-8")
                .queryParam("writeKey", Api.WRITE_KEY)
                .body(
                        """
                        {"batch":[{"type":"page","anonymousId":"a-%1$s","messageId":"p-%1$s","name":"Cart"}],
                         "sentAt":"2026-11-23T10:00:03.000Z"}
                        """
                                .formatted(who))
                .post("/beacon/v1/batch")
                .then()
                .statusCode(200)
                .header("Access-Control-Allow-Origin", "*");
        awaitTimeline(
                awaitId("anonymous_id:a-" + who),
                entries -> assertThat(Api.messageIds(entries)).containsExactly("p-" + who));
        given().body("{\"batch\":[]}").post("/beacon/v1/batch").then().statusCode(400);
        given().queryParam("writeKey", "dead")
                .body("{\"batch\":[]}")
                .post("/beacon/v1/batch")
                .then()
                .statusCode(401);
    }

    @ParameterizedTest
    @ValueSource(strings = {"track", "track/", "page"})
    void anImageTakesAnEvent(String call) {
        byte[] image =
                given().queryParam("writeKey", Api.WRITE_KEY)
                        .queryParam("anonymousId", "a-" + who)
                        .queryParam("messageId", "m-" + who)
                        .queryParam("event", "Offer Seen")
                        .queryParam("name", "Offers")
                        .queryParam("properties.offer", "spring")
                        .get("/pixel/v1/" + call)
                        .then()
                        .statusCode(200)
                        .contentType("image/gif")
                        .header("Cache-Control", Matchers.containsString("no-store"))
                        .extract()
                        .asByteArray();
        assertThat(new String(image, java.nio.charset.StandardCharsets.ISO_8859_1))
                .startsWith("GIF89a");
        awaitTimeline(
                awaitId("anonymous_id:a-" + who),
                entries -> {
                    assertThat(Api.messageIds(entries)).containsExactly("m-" + who);
                    assertThat(
                                    entries.path(0)
                                            .path("entry")
                                            .path("properties")
                                            .path("offer")
                                            .asText())
                            .isEqualTo("spring");
                });
    }

    @Test
    void anImageMayHaveALongAddress() {
        given().queryParam("writeKey", Api.WRITE_KEY)
                .queryParam("anonymousId", "a-" + who)
                .queryParam("context.page.referrer", "https://example.com/" + "x".repeat(12_000))
                .get("/pixel/v1/page")
                .then()
                .statusCode(200);
    }

    @Test
    void anImageThatSaysNothingNamesWhatIsMissing() {
        given().queryParam("writeKey", Api.WRITE_KEY)
                .queryParam("anonymousId", "a-" + who)
                .get("/pixel/v1/track")
                .then()
                .statusCode(400)
                .contentType("application/problem+json")
                .body("field", Matchers.is("event"));
        given().queryParam("anonymousId", "a").get("/pixel/v1/page").then().statusCode(401);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/b", "/beacon/v1/batch", "/v1/projects/k/settings", "/v1/m"})
    void aBrowserMayAskBeforeItSends(String path) {
        given().header("Origin", SHOP)
                .header("Access-Control-Request-Method", "POST")
                .header("Access-Control-Request-Headers", "authorization,content-type")
                .options(path)
                .then()
                .statusCode(204)
                .header("Access-Control-Allow-Origin", "*")
                .header("Access-Control-Allow-Methods", Matchers.containsString("POST"))
                .header("Access-Control-Allow-Headers", Matchers.containsString("Authorization"))
                .header("Access-Control-Expose-Headers", "Retry-After");
    }
}
