package io.throughline.local.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.throughline.local.Service;
import io.throughline.local.infrastructure.Ports;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GatewayTest {

    private final HttpClient http = HttpClient.newHttpClient();
    private final CountDownLatch firstChunkWasRead = new CountDownLatch(1);
    private HttpServer identity;
    private Gateway gateway;

    @BeforeEach
    void startOneOfFourServices() throws IOException {
        identity = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        identity.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        identity.createContext("/", this::echo);
        identity.createContext("/api/customers/stream", this::stream);
        identity.createContext("/api/customers/hang-up", GatewayTest::hangUp);
        identity.createContext("/api/customers/elsewhere", this::elsewhere);
        identity.start();
        gateway =
                Gateway.start(
                        0,
                        Map.of(
                                Service.IDENTITY, identity.getAddress().getPort(),
                                Service.JOURNEY, Ports.free(),
                                Service.CHANNEL, Ports.free(),
                                Service.ATTRIBUTION, Ports.free()),
                        Map.of("gateway", "http://localhost:8080"));
    }

    @AfterEach
    void stop() {
        gateway.close();
        identity.stop(0);
    }

    @Test
    void methodPathQueryBodyAndHeadersArriveAsTheyWereSent() throws Exception {
        HttpResponse<String> response =
                send(
                        request("/v1/track?a=1&b=%20x")
                                .header("Authorization", "Basic abc")
                                .POST(BodyPublishers.ofString("{\"event\":\"Cart Viewed\"}")));
        assertThat(response.statusCode()).isEqualTo(201);
        assertThat(response.body())
                .isEqualTo("POST /v1/track?a=1&b=%20x Basic abc {\"event\":\"Cart Viewed\"}");
    }

    @Test
    void aBodyOfUnknownLengthArrivesWhole() throws Exception {
        String body = "x".repeat(200_000);
        HttpResponse<String> response =
                send(
                        request("/v1/batch")
                                .POST(
                                        BodyPublishers.ofInputStream(() ->
                                                new ByteArrayInputStream(
                                                        body.getBytes(StandardCharsets.UTF_8)))));
        assertThat(response.body()).isEqualTo("POST /v1/batch null " + body);
    }

    @Test
    void aBodyThatAServiceHangsUpOverIsTooLargeAndNoOutage() throws Exception {
        HttpResponse<String> response =
                send(
                        request("/api/customers/hang-up")
                                .POST(
                                        BodyPublishers.ofInputStream(() ->
                                                new ByteArrayInputStream(new byte[8 << 20]))));
        assertThat(response.statusCode()).isEqualTo(413);
        assertThat(response.headers().firstValue("Content-Type"))
                .hasValue("application/problem+json");
        assertThat(send(request("/v1/track").POST(BodyPublishers.ofString("{}"))).statusCode())
                .isEqualTo(201);
    }

    @Test
    void whatAServiceSaysOfItsOwnAddressIsOnTheGateway() throws Exception {
        assertThat(send(request("/api/customers/elsewhere")).headers().firstValue("Location"))
                .hasValue("/api/dry-runs/7");
    }

    @Test
    void operationsOfAServiceAreReachedWithoutTheirPrefix() throws Exception {
        assertThat(send(request("/services/identity/q/metrics?x=1")).body())
                .startsWith("GET /q/metrics?x=1");
    }

    @Test
    void aServiceThatDoesNotAnswerIsNamed() throws Exception {
        HttpResponse<String> response =
                send(request("/api/journeys/x").PUT(BodyPublishers.ofString("steps: []")));
        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(response.headers().firstValue("Content-Type"))
                .hasValue("application/problem+json");
        assertThat(response.body()).contains("\"service\":\"journey\"");
    }

    @Test
    void whatAServiceStreamsArrivesWhileItIsStillStreaming() throws Exception {
        HttpResponse<InputStream> response =
                http.send(request("/api/customers/stream").build(), BodyHandlers.ofInputStream());
        try (BufferedReader lines =
                new BufferedReader(
                        new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
            assertThat(lines.readLine()).isEqualTo("first");
            firstChunkWasRead.countDown();
            assertThat(lines.readLine()).isEqualTo("second");
        }
    }

    @Test
    void theRootListsTheAddressesForPeopleAndForPrograms() throws Exception {
        assertThat(send(request("/")).body()).isEqualTo("{\"gateway\":\"http://localhost:8080\"}");
        assertThat(send(request("/").header("Accept", "text/html,*/*")).body())
                .contains("<a href=\"http://localhost:8080\">");
    }

    @Test
    void otherMachinesCannotReachIt() throws Exception {
        for (NetworkInterface network : Collections.list(NetworkInterface.getNetworkInterfaces())) {
            for (InetAddress address : Collections.list(network.getInetAddresses())) {
                if (!address.isLoopbackAddress()) {
                    assertThatThrownBy(() -> new Socket(address, gateway.port()).close())
                            .as(address.toString())
                            .isInstanceOf(IOException.class);
                }
            }
        }
    }

    @Test
    void internalRoutesStayInside() throws Exception {
        assertThat(send(request("/internal/gate/hydrate")).statusCode()).isEqualTo(404);
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.port() + path));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return http.send(request.build(), BodyHandlers.ofString());
    }

    /** After it has read more than a service takes. */
    private static void hangUp(HttpExchange exchange) throws IOException {
        exchange.getRequestBody().skipNBytes(3 << 20);
        throw new IOException("the body is too long");
    }

    private void elsewhere(HttpExchange exchange) throws IOException {
        exchange.getResponseHeaders()
                .add(
                        "Location",
                        "http://127.0.0.1:" + identity.getAddress().getPort() + "/api/dry-runs/7");
        exchange.sendResponseHeaders(202, -1);
        exchange.close();
    }

    private void echo(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        byte[] answer =
                "%s %s %s %s"
                        .formatted(
                                exchange.getRequestMethod(),
                                exchange.getRequestURI(),
                                exchange.getRequestHeaders().getFirst("Authorization"),
                                body)
                        .getBytes(StandardCharsets.UTF_8);
        try (exchange) {
            exchange.sendResponseHeaders(201, answer.length);
            exchange.getResponseBody().write(answer);
        }
    }

    /** The second line is not sent before the first has reached the client. */
    private void stream(HttpExchange exchange) throws IOException {
        try (exchange) {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write("first\n".getBytes(StandardCharsets.UTF_8));
            exchange.getResponseBody().flush();
            if (firstChunkWasRead.await(10, TimeUnit.SECONDS)) {
                exchange.getResponseBody().write("second\n".getBytes(StandardCharsets.UTF_8));
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }
}
