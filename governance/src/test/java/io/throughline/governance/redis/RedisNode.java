package io.throughline.governance.redis;

import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import redis.embedded.RedisExecProvider;

/** A real Redis that is killed, frozen, and told commands besides those of the clients. */
final class RedisNode implements AutoCloseable {

    private static final Duration SOON = Duration.ofSeconds(20);

    private final Path directory;
    private final List<String> settings;
    private final int port;
    private Process process;

    /**
     * @param settings of redis.conf, each as one line says it
     */
    RedisNode(Path directory, String... settings) {
        try {
            this.port = freePort();
            this.directory = Files.createDirectories(directory.resolve("redis-" + port));
            this.settings = List.of(settings);
            this.process = start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int port() {
        return port;
    }

    Path directory() {
        return directory;
    }

    private Process start() throws IOException {
        File executable = RedisExecProvider.defaultProvider().get();
        List<String> lines = new ArrayList<>(settings);
        lines.add("bind 127.0.0.1");
        lines.add("port " + port);
        lines.add("dir " + directory);
        lines.add("daemonize no");
        lines.add("logfile " + directory.resolve("redis.log"));
        Path file = directory.resolve("redis.conf");
        if (!Files.exists(file)) {
            Files.write(file, lines);
        }
        Process started =
                new ProcessBuilder(executable.getAbsolutePath(), file.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        await().atMost(SOON).until(() -> "+PONG".equals(tell("PING")));
        return started;
    }

    /** As the kernel would for want of memory. */
    void kill() {
        process.destroyForcibly();
        process.onExit().join();
    }

    void startAgain() {
        try {
            process = start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void freeze() {
        signal("STOP");
    }

    void thaw() {
        signal("CONT");
    }

    private void signal(String name) {
        try {
            int failed =
                    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                            .start()
                            .waitFor();
            if (failed != 0) {
                throw new IllegalStateException("no signal " + name + " for " + process.pid());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * One command without spaces in its words.
     *
     * @return what it answers, to the end of a text; absent where nobody listens
     */
    @Nullable String tell(String command) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout((int) SOON.toMillis());
            socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            String first = line(in);
            return first.startsWith("$")
                    ? new String(
                            in.readNBytes(Integer.parseInt(first.substring(1))),
                            StandardCharsets.UTF_8)
                    : first;
        } catch (IOException nobody) {
            return null;
        }
    }

    String replication() {
        String told = tell("INFO replication");
        return told == null ? "" : told;
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int read = in.read(); read >= 0 && read != '\n'; read = in.read()) {
            if (read != '\r') {
                line.append((char) read);
            }
        }
        return line.toString();
    }

    @Override
    public void close() {
        if (process.isAlive()) {
            thaw();
            kill();
        }
    }

    static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
