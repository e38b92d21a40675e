package io.throughline.identity.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Stands for the other services, as far as they tell what they keep of somebody. */
public final class StubNeighbours implements QuarkusTestResourceLifecycleManager {

    /** The test class and the resource live in different class loaders; properties join them. */
    private static final String AWAY = "throughline.test.neighbour-away";

    private final HttpServer server = unbound();

    static void isAway(String service) {
        System.setProperty(AWAY, service);
    }

    /** After the infrastructure and the stub of one of them, whose addresses this replaces. */
    @Override
    public int order() {
        return 1;
    }

    @Override
    public Map<String, String> start() {
        isAway("nobody");
        for (String service : new String[] {"journey", "channel", "attribution"}) {
            server.createContext(
                    "/" + service + "/internal/export", exchange -> answer(service, exchange));
        }
        server.start();
        String url = "http://127.0.0.1:" + server.getAddress().getPort();
        return Map.of(
                "throughline.journey.url", url + "/journey",
                "throughline.channel.url", url + "/channel",
                "throughline.attribution.url", url + "/attribution",
                "throughline.erasure.logs-looked-at-every", "PT0.5S");
    }

    @Override
    public void stop() {
        server.stop(0);
    }

    /** Tells back what it was asked for. */
    private static void answer(String service, HttpExchange exchange) throws IOException {
        String question =
                new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        boolean isOurs =
                ("Bearer " + Api.SERVICE_TOKEN)
                        .equals(exchange.getRequestHeaders().getFirst("Authorization"));
        int status = service.equals(System.getProperty(AWAY)) ? 503 : isOurs ? 200 : 401;
        byte[] body =
                "{\"service\":\"%s\",\"asked\":%s}"
                        .formatted(service, question)
                        .getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, body.length);
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
