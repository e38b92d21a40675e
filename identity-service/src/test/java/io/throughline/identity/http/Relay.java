package io.throughline.identity.http;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.throughline.local.testing.EmbeddedInfrastructure;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Stands between the service and Redis, and can be cut. */
public final class Relay implements QuarkusTestResourceLifecycleManager {

    private static final String CUT = "throughline.test.relay-cut";

    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private URI redis = URI.create("redis://127.0.0.1:0");
    private ServerSocket server = unbound();

    /** The test class and the resource live in different class loaders; a property joins them. */
    static void cut(boolean cut) {
        System.setProperty(CUT, Boolean.toString(cut));
    }

    /**
     * After the infrastructure, whose address of Redis this replaces. Orders are compared by
     * subtraction, so its own, the least integer there is, is less than negative ones only.
     */
    @Override
    public int order() {
        return -1;
    }

    @Override
    public void init(Map<String, String> arguments) {
        cut(false);
    }

    @Override
    public Map<String, String> start() {
        redis =
                URI.create(
                        EmbeddedInfrastructure.properties()
                                .getOrDefault("quarkus.redis.hosts", ""));
        try {
            server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(this::accept);
        return Map.of("quarkus.redis.hosts", "redis://127.0.0.1:" + server.getLocalPort());
    }

    @Override
    public void stop() {
        close(server);
        open.forEach(Relay::close);
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                if (isCut()) {
                    close(client);
                    continue;
                }
                Socket target = new Socket(redis.getHost(), redis.getPort());
                open.add(client);
                open.add(target);
                Thread.ofVirtual().start(() -> pump(client, target));
                Thread.ofVirtual().start(() -> pump(target, client));
            } catch (IOException closed) {
                // the loop's condition says whether to go on
            }
        }
    }

    private static void pump(Socket from, Socket to) {
        byte[] buffer = new byte[8192];
        try (InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            for (int read = in.read(buffer); read >= 0 && !isCut(); read = in.read(buffer)) {
                out.write(buffer, 0, read);
            }
        } catch (IOException closed) {
            // both ends are closed below
        }
        close(from);
        close(to);
    }

    private static boolean isCut() {
        return Boolean.getBoolean(CUT);
    }

    private static ServerSocket unbound() {
        try {
            return new ServerSocket();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void close(AutoCloseable socket) {
        try {
            socket.close();
        } catch (Exception goneAlready) {
            // that is what was wanted
        }
    }
}
