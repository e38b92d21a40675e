package io.throughline.local.infrastructure;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Redis with Functions, on loopback, without persistence and without eviction: the contact gate is
 * rebuilt from the ledgers after a restart, and a full memory must refuse, not forget a consent.
 */
public final class EmbeddedRedis implements AutoCloseable {

    private static final String VERSION = "7.0.15";
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final byte[] PING = "PING\r\n".getBytes(StandardCharsets.US_ASCII);

    private final int port;
    private final Tethered server;

    private EmbeddedRedis(int port, Tethered server) {
        this.port = port;
        this.server = server;
    }

    /**
     * Returns when it answers PING.
     *
     * @throws StartFailure when it does not come up, with the last line of its log
     */
    public static EmbeddedRedis start(Home home, int port) {
        Tethered server = launch(home, port);
        Readiness.await("Redis", server, log(home), PATIENCE, () -> answersPing(port));
        return new EmbeddedRedis(port, server);
    }

    /** Starts the process, which answers later. */
    public static Tethered launch(Home home, int port) {
        Path executable = new Binaries(home).redis(VERSION);
        return Tethered.start(
                List.of(
                        executable.toString(),
                        "--bind",
                        "127.0.0.1",
                        "--port",
                        Integer.toString(port),
                        "--save",
                        "",
                        "--appendonly",
                        "no",
                        "--maxmemory-policy",
                        "noeviction",
                        "--daemonize",
                        "no"),
                "TERM",
                Map.of(),
                home.run(),
                log(home));
    }

    public static Path log(Home home) {
        return home.logs().resolve("redis.log");
    }

    public int port() {
        return port;
    }

    /** The value of {@code quarkus.redis.hosts}. */
    public String url() {
        return "redis://127.0.0.1:" + port;
    }

    public Tethered process() {
        return server;
    }

    @Override
    public void close() {
        server.stop(Duration.ofSeconds(5));
    }

    public static boolean answersPing(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(1000);
            socket.getOutputStream().write(PING);
            InputStream answer = socket.getInputStream();
            return answer.read() == '+';
        } catch (IOException notYet) {
            return false;
        }
    }
}
