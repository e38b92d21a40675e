package io.throughline.local.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Passes bytes on to an address; while it is cut, nothing listens on its port. */
final class Relay implements AutoCloseable {

    private static final Duration LOOKED_EVERY = Duration.ofMillis(5);
    private static final int BACKLOG = 50;

    private final InetSocketAddress target;
    private final BooleanSupplier cut;
    private final int port;
    private final Set<AutoCloseable> open = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    private Relay(InetSocketAddress target, BooleanSupplier cut, ServerSocket server) {
        this.target = target;
        this.cut = cut;
        this.port = server.getLocalPort();
        open.add(server);
    }

    static Relay to(InetSocketAddress target, BooleanSupplier cut) {
        try {
            ServerSocket server = listening(0);
            Relay relay = new Relay(target, cut, server);
            Thread.ofVirtual().start(() -> relay.accept(server));
            Thread.ofVirtual().start(relay::watch);
            return relay;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int port() {
        return port;
    }

    @Override
    public void close() {
        closed = true;
        closeAll();
    }

    private void watch() {
        boolean down = false;
        while (!closed) {
            boolean wanted = cut.getAsBoolean();
            if (wanted && !down) {
                closeAll();
            } else if (!wanted && down) {
                listenAgain();
            }
            down = wanted;
            LockSupport.parkNanos(LOOKED_EVERY.toNanos());
        }
    }

    private void listenAgain() {
        try {
            ServerSocket server = listening(port);
            open.add(server);
            Thread.ofVirtual().start(() -> accept(server));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void accept(ServerSocket server) {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                Socket onwards = new Socket(target.getAddress(), target.getPort());
                open.add(client);
                open.add(onwards);
                if (server.isClosed()) {
                    close(client);
                    close(onwards);
                }
                Thread.ofVirtual().start(() -> pump(client, onwards));
                Thread.ofVirtual().start(() -> pump(onwards, client));
            } catch (IOException ended) {
                // The loop's condition says whether to go on.
            }
        }
    }

    private void pump(Socket from, Socket to) {
        byte[] buffer = new byte[8192];
        try (InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                out.write(buffer, 0, read);
            }
        } catch (IOException ended) {
            // Both ends are closed below.
        }
        close(from);
        close(to);
    }

    /** The door first: what comes through it at this moment is then closed here or there. */
    private void closeAll() {
        open.stream().filter(ServerSocket.class::isInstance).forEach(this::close);
        open.forEach(this::close);
    }

    private void close(AutoCloseable socket) {
        open.remove(socket);
        try {
            socket.close();
        } catch (Exception goneAlready) {
            // That is what was wanted.
        }
    }

    private static ServerSocket listening(int port) throws IOException {
        ServerSocket server = new ServerSocket();
        server.setReuseAddress(true);
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), BACKLOG);
        return server;
    }
}
