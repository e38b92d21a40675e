package io.throughline.channel.service;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Map;

/**
 * Lets the service under test find {@link StubIdentity}, which it serves itself, and keeps the SMPP
 * route away in favour of {@link FakeSmsRoute}.
 */
public final class OwnPort implements QuarkusTestResourceLifecycleManager {

    @Override
    public Map<String, String> start() {
        int port = free();
        return Map.of(
                "quarkus.http.test-port",
                Integer.toString(port),
                "throughline.identity.url",
                "http://127.0.0.1:" + port,
                "throughline.channel.public-url",
                "http://127.0.0.1:" + port,
                "throughline.channel.smpp.host",
                "",
                "throughline.channel.claim-lease",
                "PT5S");
    }

    @Override
    public void stop() {}

    private static int free() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
