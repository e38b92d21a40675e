package io.throughline.identity.http;

import static io.restassured.RestAssured.given;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;

/** Stands for the channel service, and knows the links that a test says. */
public final class StubChannel implements QuarkusTestResourceLifecycleManager {

    /** The test class and the resource live in different class loaders; properties join them. */
    private static final String LINK = "throughline.test.link.";

    private static final String HYDRATES = "throughline.test.hydrates";

    private static final String NOBODY = "00000000-0000-0000-0000-000000000000";

    private static final String OPT_OUT = "throughline.test.opted-out";

    private static final String AWAY = "throughline.test.channel-away";

    private final HttpServer server = unbound();

    /** From now on there is a link of this token. */
    static void knows(String token, String message, String channel, String address, String sentAt) {
        System.setProperty(
                LINK + token,
                "{\"message\":\"%s\",\"customer\":\"%s\",\"channel\":\"%s\",\"address\":\"%s\",\"sentAt\":\"%s\"}"
                        .formatted(message, NOBODY, channel, address, sentAt));
    }

    /** From now on there is a message to a customer whose link to the preference centre it is. */
    static void knowsPreferences(String token, String message, String customer, String address) {
        System.setProperty(
                LINK + token,
                "{\"message\":\"%s\",\"customer\":\"%s\",\"channel\":\"email\",\"address\":\"%s\",\"sentAt\":\"%s\"}"
                        .formatted(message, customer, address, "2026-01-01T00:00:00Z"));
    }

    /** Where the customers go that the channel service is to give to the gate. */
    static void hydratesBy(String url) {
        System.setProperty(HYDRATES, url);
    }

    /** From now on somebody is known to have opted out of SMS there. */
    static void optedOut(String customer, String phone, Instant at) {
        System.setProperty(
                OPT_OUT,
                "{\"customer\":\"%s\",\"channel\":\"sms\",\"address\":\"%s\",\"at\":\"%s\"}"
                        .formatted(customer, phone, at));
    }

    static void isAway(boolean away) {
        System.setProperty(AWAY, Boolean.toString(away));
    }

    /** After the infrastructure, whose address of the channel service this replaces. */
    @Override
    public int order() {
        return -1;
    }

    @Override
    public Map<String, String> start() {
        isAway(false);
        server.createContext("/internal/links", StubChannel::answer);
        server.createContext("/internal/gate/hydrate", StubChannel::hydrate);
        server.createContext("/internal/opt-outs", StubChannel::optOuts);
        server.start();
        return Map.of(
                "throughline.channel.url",
                "http://127.0.0.1:" + server.getAddress().getPort(),
                "throughline.identity.cookie.origins",
                "https://www.shop.example,http://localhost:3000",
                "throughline.identity.link.browsers",
                "2");
    }

    @Override
    public void stop() {
        server.stop(0);
    }

    private static void answer(HttpExchange exchange) throws IOException {
        String question =
                new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        String token = question.replaceAll(".*\"token\":\"([^\"]*)\".*", "$1");
        String link = System.getProperty(LINK + token);
        boolean isOurs =
                ("Bearer " + Api.SERVICE_TOKEN)
                        .equals(exchange.getRequestHeaders().getFirst("Authorization"));
        int status = Boolean.getBoolean(AWAY) ? 503 : !isOurs ? 401 : link == null ? 404 : 200;
        byte[] body = (link == null ? "{}" : link).getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private static void hydrate(HttpExchange exchange) throws IOException {
        String question =
                new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        boolean away = Boolean.getBoolean(AWAY);
        String url = System.getProperty(HYDRATES, "");
        if (!away && !url.isEmpty()) {
            given().body(question).post(url).then().statusCode(204);
        }
        exchange.sendResponseHeaders(away ? 503 : 204, -1);
        exchange.close();
    }

    private static void optOuts(HttpExchange exchange) throws IOException {
        byte[] body =
                "{\"optOuts\":[%s]}"
                        .formatted(System.getProperty(OPT_OUT, ""))
                        .getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(Boolean.getBoolean(AWAY) ? 503 : 200, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private static HttpServer unbound() {
        try {
            return HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
