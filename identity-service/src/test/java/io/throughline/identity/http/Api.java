package io.throughline.identity.http;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import io.throughline.contracts.json.ContractJson;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** The service as its callers see it. */
final class Api {

    static final String WRITE_KEY = "local-write-key";
    static final String ADMIN_TOKEN = "local-admin-token";
    static final String SERVICE_TOKEN = "local-service-token";
    static final Duration SOON = Duration.ofSeconds(20);

    private Api() {}

    static RequestSpecification source() {
        return given().auth().preemptive().basic(WRITE_KEY, "").contentType("application/json");
    }

    static RequestSpecification admin() {
        return given().auth().preemptive().oauth2(ADMIN_TOKEN).contentType("application/json");
    }

    /** Adds a source and gives its write key. */
    static String addSource(String name, String trust) {
        Response response =
                admin().body("{\"name\":\"%s\",\"trust\":\"%s\"}".formatted(name, trust))
                        .post("/api/sources");
        assertThat(response.statusCode()).as(response.asString()).isEqualTo(201);
        return json(response).path("writeKey").asText();
    }

    static Response send(String call, String body) {
        return source().body(body).post("/v1/" + call);
    }

    /**
     * Sends as an SDK does, again where it is told to: a process that has just started does not
     * know the conversion rules yet.
     */
    static void accepted(String call, String body) {
        await().atMost(SOON)
                .untilAsserted(() -> {
                    Response response = send(call, body);
                    assertThat(response.statusCode()).as(response.asString()).isEqualTo(200);
                });
    }

    /** The customers (one or none) that hold an identifier. */
    static JsonNode holding(String identifier) {
        return ok(admin().queryParam("identifier", identifier).get("/api/customers")).path("items");
    }

    static String idOf(String identifier) {
        JsonNode items = holding(identifier);
        assertThat(items.size()).as(identifier).isEqualTo(1);
        return items.path(0).path("id").asText();
    }

    /** Waits for a customer that is as wished. */
    static JsonNode awaitCustomer(String identifier, Predicate<JsonNode> wish) {
        return await().atMost(SOON)
                .until(
                        () -> holding(identifier),
                        items -> items.size() == 1 && wish.test(items.path(0)))
                .path(0);
    }

    static String awaitId(String identifier) {
        return awaitCustomer(identifier, customer -> true).path("id").asText();
    }

    /** The customer's history, newest first. */
    static JsonNode timeline(String customer) {
        return ok(admin().queryParam("limit", 500).get("/api/customers/" + customer + "/timeline"))
                .path("items");
    }

    static void awaitTimeline(String customer, Consumer<JsonNode> wish) {
        await().atMost(SOON).untilAsserted(() -> wish.accept(timeline(customer)));
    }

    static List<String> kinds(JsonNode timeline) {
        return timeline.valueStream().map(e -> e.path("kind").asText()).toList();
    }

    static List<String> messageIds(JsonNode timeline) {
        return timeline.valueStream().map(e -> e.path("entry").path("messageId").asText()).toList();
    }

    static JsonNode ok(Response response) {
        assertThat(response.statusCode()).as(response.asString()).isEqualTo(200);
        return json(response);
    }

    static JsonNode json(Response response) {
        try {
            return ContractJson.mapper().readTree(response.asString());
        } catch (JsonProcessingException e) {
            throw new AssertionError(response.asString(), e);
        }
    }
}
