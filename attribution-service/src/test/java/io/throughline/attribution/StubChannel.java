package io.throughline.attribution;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Stands for the channel service, which answers what the test says. */
public final class StubChannel implements QuarkusTestResourceLifecycleManager {

    /** The test class and the resource live in different class loaders; properties join them. */
    private static final String STATUS = "throughline.test.channel-status";

    private static final String ANSWER = "throughline.test.channel-answer";
    private static final String ASKED = "throughline.test.channel-asked";

    private final HttpServer server = listening();

    static void answers(int status, String body) {
        System.setProperty(STATUS, Integer.toString(status));
        System.setProperty(ANSWER, body);
        System.clearProperty(ASKED);
    }

    /** The last question, or nothing. */
    static String asked() {
        return System.getProperty(ASKED, "");
    }

    /** After the infrastructure, whose address this replaces. */
    @Override
    public int order() {
        return 1;
    }

    @Override
    public Map<String, String> start() {
        server.createContext("/internal/gate/verdicts", StubChannel::answer);
        server.start();
        return Map.of(
                "throughline.channel.url", "http://127.0.0.1:" + server.getAddress().getPort());
    }

    @Override
    public void stop() {
        server.stop(0);
    }

    private static HttpServer listening() {
        try {
            return HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void answer(HttpExchange exchange) throws IOException {
        System.setProperty(
                ASKED,
                new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
        boolean isOurs =
                "Bearer local-service-token"
                        .equals(exchange.getRequestHeaders().getFirst("Authorization"));
        byte[] body = System.getProperty(ANSWER, "{}").getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(
                isOurs ? Integer.parseInt(System.getProperty(STATUS, "503")) : 401, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }
}
