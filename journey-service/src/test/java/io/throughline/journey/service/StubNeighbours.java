package io.throughline.journey.service;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.throughline.contracts.CustomerId;
import io.throughline.local.testing.EmbeddedInfrastructure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The infrastructure, and a neighbour: it plays the channel service, which has SMS and email and
 * every template but {@code missing}, and hydrates only whom a test says.
 */
public final class StubNeighbours implements QuarkusTestResourceLifecycleManager {

    /** What is done for a customer whom the gate does not know. */
    static final Map<CustomerId, Runnable> HYDRATIONS = new ConcurrentHashMap<>();

    /** What was ready to go to a customer, as the channel service tells it. */
    static final Map<CustomerId, List<Map<String, Object>>> HISTORY = new ConcurrentHashMap<>();

    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpServer server = listening();

    @Override
    public Map<String, String> start() {
        server.createContext("/internal/sendability", StubNeighbours::sendability);
        server.createContext("/internal/gate/hydrate", StubNeighbours::hydrate);
        server.createContext("/internal/contact-history", StubNeighbours::history);
        server.start();
        String url = "http://127.0.0.1:" + server.getAddress().getPort();
        Map<String, String> properties = new HashMap<>(EmbeddedInfrastructure.properties());
        properties.put("throughline.channel.url", url);
        return properties;
    }

    private static HttpServer listening() {
        try {
            return HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void stop() {
        server.stop(0);
    }

    private static void sendability(HttpExchange exchange) throws IOException {
        if (!"Bearer local-service-token"
                .equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
            answer(exchange, 401, "{}");
            return;
        }
        List<Map<String, String>> refusals = new ArrayList<>();
        for (JsonNode send : JSON.readTree(exchange.getRequestBody()).path("sends")) {
            String channel = send.path("channel").asText();
            String template = send.path("template").asText();
            if (!channel.equals("sms") && !channel.equals("email")) {
                refusals.add(refusal(send, "no_route", "no route configured for " + channel));
            } else if (template.equals("missing")) {
                refusals.add(refusal(send, "no_template", "there is no template missing"));
            }
        }
        answer(exchange, 200, JSON.writeValueAsString(Map.of("refusals", refusals)));
    }

    private static void hydrate(HttpExchange exchange) throws IOException {
        for (JsonNode customer : JSON.readTree(exchange.getRequestBody()).path("customers")) {
            HYDRATIONS.getOrDefault(CustomerId.of(customer.asText()), () -> {}).run();
        }
        answer(exchange, 200, "{}");
    }

    private static void history(HttpExchange exchange) throws IOException {
        JsonNode asked = JSON.readTree(exchange.getRequestBody());
        Instant from = Instant.parse(asked.path("from").asText());
        Instant to = Instant.parse(asked.path("to").asText());
        List<Map<String, Object>> attempts = new ArrayList<>();
        for (JsonNode customer : asked.path("customers")) {
            HISTORY.getOrDefault(CustomerId.of(customer.asText()), List.of()).stream()
                    .filter(attempt -> {
                        Instant at = Instant.parse(String.valueOf(attempt.get("at")));
                        return !at.isBefore(from) && at.isBefore(to);
                    })
                    .forEach(attempts::add);
        }
        answer(exchange, 200, JSON.writeValueAsString(Map.of("attempts", attempts)));
    }

    private static Map<String, String> refusal(JsonNode send, String reason, String detail) {
        return Map.of(
                "path", send.path("path").asText(),
                "channel", send.path("channel").asText(),
                "template", send.path("template").asText(),
                "reason", reason,
                "detail", detail);
    }

    private static void answer(HttpExchange exchange, int status, String body) throws IOException {
        try (exchange) {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }
}
