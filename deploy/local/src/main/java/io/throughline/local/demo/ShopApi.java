package io.throughline.local.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.throughline.local.LocalSettings;
import io.throughline.local.infrastructure.StartFailure;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The public HTTP interfaces, as the shop's site and its marketer call them. */
public final class ShopApi {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String MANAGE = "Bearer " + LocalSettings.ADMIN_TOKEN;
    private static final String SITE =
            "Basic "
                    + Base64.getEncoder()
                            .encodeToString(
                                    (LocalSettings.WRITE_KEY + ":")
                                            .getBytes(StandardCharsets.UTF_8));

    private final HttpClient http =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(Duration.ofSeconds(2))
                    .build();
    private final URI gateway;

    public ShopApi(URI gateway) {
        this.gateway = gateway;
    }

    /**
     * @throws StartFailure when nothing answers as a running stack does
     */
    void requireUp() {
        try {
            get("/api/contact-policy");
        } catch (StartFailure failure) {
            throw new StartFailure(
                    "Throughline is not up at %s: start it first with ./throughline up --detach."
                            .formatted(gateway),
                    failure);
        }
    }

    public void template(String key, List<Map<String, String>> variants) {
        manage("PUT", "/api/templates/" + key, Map.of("variants", variants));
    }

    public void journey(String key, String yaml) {
        send("PUT", "/api/journeys/" + key, "application/yaml", MANAGE, yaml);
        manage("POST", "/api/journeys/" + key + "/activate", Map.of());
    }

    public void consent(String identifier, String channel) {
        manage(
                "PUT",
                "/api/consents",
                Map.of(
                        "identifier",
                        identifier,
                        "channel",
                        channel,
                        "state",
                        "opted_in",
                        "source",
                        "demo"));
    }

    public void site(String call, Map<String, ?> body) {
        send("POST", "/v1/" + call, "application/json", SITE, text(body));
    }

    /** A customer's id, absent as long as nothing is known of the identifier. */
    public @Nullable String customer(String identifier) {
        JsonNode found =
                get(
                        "/api/customers?identifier="
                                + URLEncoder.encode(identifier, StandardCharsets.UTF_8));
        JsonNode id = found.path("items").path(0).path("id");
        return id.isMissingNode() ? null : id.asText();
    }

    /** Newest first. */
    List<JsonNode> decisions(String customer) {
        List<JsonNode> items = new ArrayList<>();
        get("/api/customers/" + customer + "/decisions?limit=200")
                .path("items")
                .forEach(items::add);
        return items;
    }

    public JsonNode get(String path) {
        return send("GET", path, "application/json", MANAGE, "");
    }

    /** Anything else an administrator does; gives what it was answered with. */
    public JsonNode manage(String method, String path, String type, String body) {
        return send(method, path, type, MANAGE, body);
    }

    private void manage(String method, String path, Object body) {
        send(method, path, "application/json", MANAGE, text(body));
    }

    private JsonNode send(
            String method, String path, String type, String authorization, String body) {
        try {
            HttpResponse<String> response =
                    http.send(
                            HttpRequest.newBuilder(gateway.resolve(path))
                                    .timeout(Duration.ofSeconds(20))
                                    .header("Content-Type", type)
                                    .header("Authorization", authorization)
                                    .method(
                                            method,
                                            method.equals("GET")
                                                    ? BodyPublishers.noBody()
                                                    : BodyPublishers.ofString(body))
                                    .build(),
                            BodyHandlers.ofString());
            if (response.statusCode() / 100 != 2) {
                throw new StartFailure(
                        "%s %s was answered with %d: %s"
                                .formatted(method, path, response.statusCode(), response.body()));
            }
            return JSON.readTree(response.body().isEmpty() ? "{}" : response.body());
        } catch (IOException refused) {
            throw new StartFailure(
                    "%s %s%s failed: %s".formatted(method, gateway, path, refused), refused);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new StartFailure("The demo was interrupted.", interrupted);
        }
    }

    private static String text(Object body) {
        try {
            return JSON.writeValueAsString(body);
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
