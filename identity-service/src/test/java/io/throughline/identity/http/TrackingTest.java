package io.throughline.identity.http;

import static io.restassured.RestAssured.given;
import static io.throughline.identity.http.Api.accepted;
import static io.throughline.identity.http.Api.awaitId;
import static io.throughline.identity.http.Api.awaitTimeline;
import static io.throughline.identity.http.Api.json;
import static io.throughline.identity.http.Api.source;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.response.Response;
import io.throughline.chassis.stream.EventPublisher;
import io.throughline.contracts.Topics;
import io.throughline.identity.tracking.TrackingBody;
import io.throughline.local.testing.EmbeddedInfrastructure;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.zip.GZIPOutputStream;
import org.hamcrest.Matchers;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The tracking API as SDKs use it. */
@QuarkusTest
@QuarkusTestResource(EmbeddedInfrastructure.class)
class TrackingTest {

    @Inject EventPublisher publisher;
    @Inject MeterRegistry metrics;

    private String who = "";

    @BeforeEach
    void somebodyElse() {
        who = UUID.randomUUID().toString();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "track",
                "t",
                "identify",
                "i",
                "page",
                "p",
                "screen",
                "s",
                "group",
                "g",
                "alias",
                "a",
                "track/",
                "t/"
            })
    void everyCallIsTakenUnderEveryName(String call) {
        Response response =
                source().body(
                                """
                                {"userId":"u-%1$s","previousId":"a-%1$s","groupId":"g","event":"E"}
                                """
                                        .formatted(who))
                        .post("/v1/" + call);
        assertThat(response.statusCode()).as(response.asString()).isEqualTo(200);
        assertThat(response.asString()).isEqualTo("{\"success\":true}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"batch", "b", "import", "import/"})
    void aBatchIsTakenUnderEveryName(String call) {
        accepted(
                call,
                """
                {"batch":[{"type":"track","userId":"u-%1$s","messageId":"1-%1$s","event":"One"},
                          {"type":"page","userId":"u-%1$s","messageId":"2-%1$s","name":"Home"}]}
                """
                        .formatted(who));
        awaitTimeline(
                awaitId("user_id:u-" + who),
                entries ->
                        assertThat(Api.messageIds(entries))
                                .containsExactlyInAnyOrder("1-" + who, "2-" + who));
    }

    @Test
    void aMessageThatIsSentTwiceCountsOnce() {
        String body =
                """
                {"userId":"u-%1$s","messageId":"m-%1$s","event":"Order Completed",
                 "properties":{"revenue":10,"currency":"EUR"}}
                """
                        .formatted(who);
        accepted("track", body);
        accepted("track", body);
        accepted("track", body.replace("m-" + who, "after-" + who));
        String customer = awaitId("user_id:u-" + who);
        awaitTimeline(
                customer,
                entries ->
                        assertThat(Api.messageIds(entries))
                                .containsExactlyInAnyOrder("after-" + who, "m-" + who));
        assertThat(Api.holding("user_id:u-" + who).path(0).path("orders").asInt()).isEqualTo(2);
    }

    @Test
    void aMessageIdThatComesAgainWithSomethingElseIsDroppedAndCounted() {
        double before = conflicts();
        String body =
                """
                {"userId":"u-%1$s","messageId":"m-%1$s","event":"%2$s","timestamp":"2026-11-23T10:00:00Z"}
                """;
        accepted("track", body.formatted(who, "Order Completed"));
        accepted("track", body.formatted(who, "Order Completed"));
        accepted("track", body.formatted(who, "Order Refunded"));
        accepted("track", body.formatted(who, "After").replace("m-" + who, "after-" + who));
        awaitTimeline(
                awaitId("user_id:u-" + who),
                entries -> {
                    assertThat(Api.messageIds(entries))
                            .containsExactlyInAnyOrder("after-" + who, "m-" + who);
                    assertThat(
                                    entries.valueStream()
                                            .map(e -> e.path("entry").path("name").asText()))
                            .containsExactlyInAnyOrder("After", "Order Completed");
                });
        assertThat(conflicts()).isEqualTo(before + 1);
    }

    private double conflicts() {
        return metrics.counter("throughline.events.conflicting").count();
    }

    @Test
    void theWriteKeyMayBeABearerTokenUnlessTheBodyHasOne() {
        String event = "{\"userId\":\"u-%s\",\"event\":\"E\"%s}";
        given().auth()
                .preemptive()
                .oauth2(Api.WRITE_KEY)
                .body(event.formatted(who, ""))
                .post("/v1/track")
                .then()
                .statusCode(200);
        given().auth()
                .preemptive()
                .oauth2("a-token-of-somebody-else")
                .body(event.formatted(who, ",\"writeKey\":\"" + Api.WRITE_KEY + "\""))
                .post("/v1/track")
                .then()
                .statusCode(200);
        given().auth()
                .preemptive()
                .oauth2(Api.ADMIN_TOKEN)
                .body(event.formatted(who, ""))
                .post("/v1/track")
                .then()
                .statusCode(401);
    }

    @Test
    void theWriteKeyMayStandInTheBodyOrTheQuery() {
        String event =
                "{\"userId\":\"u-%s\",\"event\":\"E\",\"writeKey\":\"%s\"}"
                        .formatted(who, Api.WRITE_KEY);
        given().contentType("text/plain").body(event).post("/v1/t").then().statusCode(200);
        given().contentType("text/plain")
                .queryParam("writeKey", Api.WRITE_KEY)
                .body("{\"userId\":\"u-%s\",\"event\":\"E\"}".formatted(who))
                .post("/v1/t")
                .then()
                .statusCode(200);
    }

    @Test
    void aSourceThatWasAddedMaySend() {
        String key = Api.addSource("app-" + who, "trusted");
        given().auth()
                .preemptive()
                .basic(key, "")
                .body("{\"userId\":\"u-%s\",\"event\":\"E\"}".formatted(who))
                .post("/v1/track")
                .then()
                .statusCode(200);
        awaitTimeline(
                awaitId("user_id:u-" + who),
                entries ->
                        assertThat(entries.path(0).path("entry").path("source").asText())
                                .isEqualTo("app-" + who));
    }

    @Test
    void anUnknownWriteKeyIsRefused() {
        String event = "{\"userId\":\"u-%s\",\"event\":\"E\"}".formatted(who);
        given().auth()
                .preemptive()
                .basic("wrong", "")
                .body(event)
                .post("/v1/track")
                .then()
                .statusCode(401)
                .contentType("application/problem+json")
                .body("field", Matchers.is("writeKey"));
        given().body(event).post("/v1/track").then().statusCode(401);
        given().header("Authorization", "Basic !!!")
                .body(event)
                .post("/v1/track")
                .then()
                .statusCode(401);
        assertThat(Api.holding("user_id:u-" + who)).isEmpty();
    }

    @Test
    void aFaultNamesItsFieldAndNothingOfTheBatchIsStored() {
        Response response =
                Api.send(
                        "batch",
                        """
                        {"batch":[{"type":"identify","userId":"u-%1$s","anonymousId":"a-%1$s"},
                                  {"type":"track","event":"E"}]}
                        """
                                .formatted(who));
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.contentType()).startsWith("application/problem+json");
        assertThat(Api.json(response).path("field").asText()).isEqualTo("batch[1].userId");
        assertThat(Api.json(response).path("detail").asText()).contains("anonymousId");
        assertThat(Api.holding("user_id:u-" + who)).isEmpty();
    }

    @Test
    void whatIsTooLargeIsRefusedNamingTheLimit() {
        String large =
                "{\"userId\":\"u\",\"event\":\"E\",\"properties\":{\"x\":\"%s\"}}"
                        .formatted("x".repeat(TrackingBody.MAX_EVENT));
        Response response = Api.send("track", large);
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.asString()).contains("32 KB");
        assertThat(Api.send("batch", " ".repeat(TrackingBody.MAX_BODY + 1)).asString())
                .contains("500 KB");
        assertThat(Api.send("batch", " ".repeat(3 * 1024 * 1024)).statusCode()).isEqualTo(413);
    }

    @Test
    void whatIsTooLargeWithoutSayingSoBeforehandIsRefusedAndTheConnectionGoesOn() throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            assertThat(inChunks(http, "/v1/track", " ".repeat(3 * 1024 * 1024)).statusCode())
                    .isEqualTo(413);
            assertThat(inChunks(http, "/v1/track", "{\"userId\":\"u\"}").body())
                    .contains("\"event\"");
        }
    }

    private static HttpResponse<String> inChunks(HttpClient http, String path, String body)
            throws Exception {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        return http.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + RestAssured.port + path))
                        .header("Authorization", "Bearer " + Api.WRITE_KEY)
                        .POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(bytes)))
                        .build(),
                BodyHandlers.ofString());
    }

    @Test
    void aCallThatThereIsNotIsNotFound() {
        assertThat(Api.send("tracks", "{}").statusCode()).isEqualTo(404);
        assertThat(Api.send("", "{}").statusCode()).isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/track", "/v1/track/", "//v1/track", "/v1//t"})
    void slashesDoNotMatter(String path) throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            assertThat(inChunks(http, path, "{\"userId\":\"u\"}").body()).contains("\"event\"");
        }
    }

    @Test
    void malformedJsonIsRefusedSayingWhere() {
        Response response = Api.send("track", "{\"userId\":\n \"u\",,}");
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(Api.json(response).path("detail").asText()).contains("line 2");
    }

    @Test
    void anUnknownCallIsNotFound() {
        assertThat(Api.send("teleport", "{}").statusCode()).isEqualTo(404);
    }

    @Test
    void aCompressedBodyIsTaken() throws IOException {
        source().header("Content-Encoding", "gzip")
                .body(gzip("{\"userId\":\"u-%s\",\"event\":\"E\"}".formatted(who)))
                .post("/v1/track")
                .then()
                .statusCode(200);
        awaitId("user_id:u-" + who);
    }

    @Test
    void aBodyThatUnpacksToMoreThanTheLimitIsRefused() throws IOException {
        Response response =
                source().header("Content-Encoding", "gzip")
                        .body(gzip(" ".repeat(40 * 1024 * 1024)))
                        .post("/v1/batch");
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(json(response).path("field").asText()).isEqualTo("body");
    }

    @ParameterizedTest
    @CsvSource({
        "gzip, 400",
        "deflate, 400",
        "br, 415",
        "zstd, 415",
        "'gzip, gzip', 415",
        "identity, 200",
    })
    void anEncodingThatTheBodyIsNotInIsNoOutage(String encoding, int status) {
        Response response =
                source().header("Content-Encoding", encoding)
                        .body("{\"userId\":\"u-%s\",\"event\":\"E\"}".formatted(who))
                        .post("/v1/track");
        assertThat(response.statusCode()).as(response.asString()).isEqualTo(status);
        assertThat(response.contentType())
                .startsWith(status == 200 ? "application/json" : "application/problem+json");
    }

    @Test
    void aBrowserMayAskAndReadRetryAfter() {
        given().header("Origin", "https://shop.example")
                .header("Access-Control-Request-Method", "POST")
                .header(
                        "Access-Control-Request-Headers",
                        "authorization,content-type,x-retry-count,rsa-next")
                .options("/v1/t")
                .then()
                .statusCode(204)
                .header("Access-Control-Allow-Origin", "*")
                .header(
                        "Access-Control-Allow-Headers",
                        Matchers.allOf(
                                Matchers.containsString("Authorization"),
                                Matchers.containsString("X-Retry-Count"),
                                Matchers.containsString("AnonymousId"),
                                Matchers.containsString("SentAt"),
                                Matchers.containsString("rsa-next")))
                .header("Access-Control-Allow-Credentials", Matchers.nullValue())
                .header("Access-Control-Max-Age", "900");
        source().header("Origin", "https://shop.example")
                .body("{\"userId\":\"u-%s\",\"event\":\"E\"}".formatted(who))
                .post("/v1/t")
                .then()
                .statusCode(200)
                .header("Access-Control-Allow-Origin", "*")
                .header("Access-Control-Expose-Headers", "Retry-After");
        given().header("Origin", "https://shop.example")
                .auth()
                .preemptive()
                .oauth2(Api.ADMIN_TOKEN)
                .get("/api/customers?identifier=email:ana@example.com")
                .then()
                .header("Access-Control-Allow-Origin", Matchers.nullValue());
    }

    @Test
    void aPoisonRecordIsSetAsideAndThePartitionGoesOn() {
        publisher
                .publish(
                        List.of(
                                EventPublisher.record(
                                        Topics.EVENTS,
                                        "user_id:u-" + who,
                                        Map.of("ce_type", "io.throughline.accepted-event"),
                                        "{\"not\":\"an event\"".getBytes(StandardCharsets.UTF_8))))
                .await()
                .atMost(Api.SOON);
        accepted("track", "{\"userId\":\"u-%s\",\"event\":\"E\"}".formatted(who));
        awaitId("user_id:u-" + who);
    }

    private static byte[] gzip(String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }
}
