package io.throughline.story;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.StreamSupport;

/** The public HTTP interfaces, as a customer's engineer calls them. */
final class Api {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String MANAGE = "Bearer local-admin-token";
    private static final String TRACK =
            "Basic "
                    + Base64.getEncoder()
                            .encodeToString("local-write-key:".getBytes(StandardCharsets.UTF_8));

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final URI gateway;

    Api(URI gateway) {
        this.gateway = gateway;
    }

    record Answer(int status, JsonNode body) {

        Answer expect(int expected) {
            if (status != expected) {
                throw new AssertionError("expected " + expected + ", got " + status + ": " + body);
            }
            return this;
        }
    }

    void template(String key, Map<String, String> texts) {
        List<Map<String, String>> variants =
                texts.entrySet().stream()
                        .map(e ->
                                e.getKey().equals("email")
                                        ? Map.of(
                                                "channel",
                                                "email",
                                                "subject",
                                                e.getValue(),
                                                "html",
                                                "<p>" + e.getValue() + "</p>")
                                        : Map.of("channel", e.getKey(), "text", e.getValue()))
                        .toList();
        Answer answer = put("/api/templates/" + key, Map.of("variants", variants));
        if (answer.status() / 100 != 2) {
            throw new AssertionError("template " + key + ": " + answer);
        }
    }

    Answer putJourney(String key, String yaml) {
        return send("PUT", "/api/journeys/" + key, "application/yaml", MANAGE, yaml);
    }

    void activate(String key, String yaml) {
        Answer put = putJourney(key, yaml);
        if (put.status() / 100 != 2) {
            throw new AssertionError("journey " + key + ": " + put);
        }
        Answer activated = post("/api/journeys/" + key + "/activate", Map.of());
        if (activated.status() / 100 != 2) {
            throw new AssertionError("activation of " + key + ": " + activated);
        }
    }

    void archive(String key) {
        post("/api/journeys/" + key + "/archive", Map.of());
    }

    void identify(String user, String anonymous, Map<String, ?> traits) {
        track("/v1/identify", Map.of("userId", user, "anonymousId", anonymous, "traits", traits))
                .expect(200);
    }

    void event(String user, String event, Map<String, ?> properties) {
        track("/v1/track", Map.of("userId", user, "event", event, "properties", properties))
                .expect(200);
    }

    Answer track(String path, Object body) {
        return send("POST", path, "application/json", TRACK, text(body));
    }

    void consent(String identifier, String channel, String state) {
        put(
                        "/api/consents",
                        Map.of(
                                "identifier", identifier,
                                "channel", channel,
                                "state", state,
                                "source", "story"))
                .expect(200);
    }

    String customerId(String identifier) {
        return customer(identifier).orElseThrow().path("id").asText();
    }

    Optional<JsonNode> customer(String identifier) {
        Answer found =
                get(
                        "/api/customers?identifier="
                                + URLEncoder.encode(identifier, StandardCharsets.UTF_8));
        return items(found.expect(200).body()).stream().findFirst();
    }

    List<JsonNode> decisions(String customer) {
        return items(get("/api/customers/" + customer + "/decisions?limit=200").expect(200).body());
    }

    List<JsonNode> messages(String customer) {
        return items(get("/api/messages?customer=" + customer + "&limit=200").expect(200).body());
    }

    static List<JsonNode> items(JsonNode page) {
        return StreamSupport.stream(page.path("items").spliterator(), false).toList();
    }

    Answer get(String path) {
        return send("GET", path, "application/json", MANAGE, "");
    }

    Answer put(String path, Object body) {
        return send("PUT", path, "application/json", MANAGE, text(body));
    }

    Answer post(String path, Object body) {
        return send("POST", path, "application/json", MANAGE, text(body));
    }

    Answer send(String method, String path, String type, String authorization, String body) {
        try {
            HttpResponse<byte[]> response =
                    http.send(
                            HttpRequest.newBuilder(gateway.resolve(path))
                                    .timeout(Duration.ofSeconds(30))
                                    .header("Content-Type", type)
                                    .header("Authorization", authorization)
                                    .method(
                                            method,
                                            method.equals("GET")
                                                    ? BodyPublishers.noBody()
                                                    : BodyPublishers.ofString(body))
                                    .build(),
                            BodyHandlers.ofByteArray());
            return new Answer(response.statusCode(), parse(response.body()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static JsonNode parse(byte[] body) {
        try {
            return JSON.readTree(body);
        } catch (IOException e) {
            return JSON.getNodeFactory().textNode(new String(body, StandardCharsets.UTF_8));
        }
    }

    private static String text(Object body) {
        try {
            return body instanceof String already ? already : JSON.writeValueAsString(body);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
