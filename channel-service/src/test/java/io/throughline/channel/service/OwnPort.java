package io.throughline.channel.service;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.throughline.local.testing.EmbeddedInfrastructure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.HashMap;
import java.util.Map;

/**
 * The embedded infrastructure, and the service under test finds {@link StubIdentity}, which it
 * serves itself, and keeps the SMPP route away in favour of {@link FakeSmsRoute}.
 */
public final class OwnPort implements QuarkusTestResourceLifecycleManager {

    @Override
    public Map<String, String> start() {
        int port = free();
        Map<String, String> properties = new HashMap<>(EmbeddedInfrastructure.properties());
        properties.put("quarkus.http.test-port", Integer.toString(port));
        properties.put("throughline.identity.url", "http://127.0.0.1:" + port + "/identity");
        properties.put("throughline.channel.public-url", "http://127.0.0.1:" + port);
        properties.put("throughline.channel.smpp.host", "");
        properties.put("throughline.channel.claim-lease", "PT5S");
        return properties;
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
