package io.throughline.local.infrastructure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;

/** Loopback ports: whether one is free, and one that is. */
public final class Ports {

    private Ports() {}

    /** A port that was free a moment ago. */
    public static int free() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException refused) {
            throw new UncheckedIOException(refused);
        }
    }

    /** Different ports that were free a moment ago. */
    public static List<Integer> free(int count) {
        List<ServerSocket> held = new ArrayList<>(count);
        try {
            for (int i = 0; i < count; i++) {
                held.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            }
            return held.stream().map(ServerSocket::getLocalPort).toList();
        } catch (IOException refused) {
            throw new UncheckedIOException(refused);
        } finally {
            held.forEach(Ports::close);
        }
    }

    private static void close(ServerSocket socket) {
        try {
            socket.close();
        } catch (IOException closedAlready) {
            // It holds no port then.
        }
    }

    /**
     * @param part who needs the port, in words
     * @param variable the environment variable that chooses another one
     * @throws StartFailure when something else listens on it
     */
    public static void requireFree(int port, String part, String variable) {
        if (!isFree(port)) {
            throw new StartFailure(
                    "Port %d, for %s, is taken (`%s` shows by whom): end that program, or choose another port with %s."
                            .formatted(port, part, whoCommand(port), variable));
        }
    }

    public static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1);
            return true;
        } catch (IOException taken) {
            return false;
        }
    }

    private static String whoCommand(int port) {
        return System.getProperty("os.name", "").startsWith("Linux")
                ? "ss -ltnp 'sport = :" + port + "'"
                : "lsof -nP -iTCP:" + port + " -sTCP:LISTEN";
    }
}
