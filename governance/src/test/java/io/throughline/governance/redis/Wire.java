package io.throughline.governance.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/**
 * The way to a Redis: an address that stays while what is behind it changes, slow or cut as a test
 * wants it.
 */
final class Wire implements AutoCloseable {

    private final ServerSocket server;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile int target;
    private volatile Duration delay = Duration.ZERO;
    private volatile boolean swallows;
    private volatile boolean refuses;

    Wire(int target) {
        this.target = target;
        try {
            server = new ServerSocket(0, 256, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    /** Every piece takes this much longer, each way. */
    void slow(Duration by) {
        delay = by;
    }

    /** Takes everything and passes nothing on, as a network that is parted does. */
    void swallow() {
        swallows = true;
    }

    /** Ends the connections, and each new one at once. */
    void cut() {
        refuses = true;
        endAll();
    }

    /** Whole and quick again; a connection that was swallowed stays as dead as it was. */
    void mend() {
        refuses = false;
        swallows = false;
        delay = Duration.ZERO;
    }

    /** From here on the address is another server's. */
    void leadTo(int port) {
        target = port;
        endAll();
    }

    private void endAll() {
        open.forEach(Wire::end);
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                if (refuses) {
                    end(client);
                    continue;
                }
                Socket onwards = new Socket(InetAddress.getLoopbackAddress(), target);
                client.setTcpNoDelay(true);
                onwards.setTcpNoDelay(true);
                open.add(client);
                open.add(onwards);
                Thread.ofVirtual().start(() -> pump(client, onwards));
                Thread.ofVirtual().start(() -> pump(onwards, client));
            } catch (IOException nobodyThere) {
                // The client finds its connection ended.
            }
        }
    }

    private void pump(Socket from, Socket to) {
        byte[] buffer = new byte[65_536];
        boolean dead = false;
        try (InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                if (delay.isPositive()) {
                    LockSupport.parkNanos(delay.toNanos());
                }
                dead |= swallows;
                if (!dead) {
                    out.write(buffer, 0, read);
                }
            }
        } catch (IOException ended) {
            // Both are ended below.
        }
        open.remove(from);
        open.remove(to);
        end(from);
        end(to);
    }

    private static void end(Socket socket) {
        try {
            socket.close();
        } catch (IOException ended) {
            // That is what was wanted.
        }
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException ended) {
            // That is what was wanted.
        }
        endAll();
    }
}
