package io.throughline.story;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.throughline.local.simulators.Simulators;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The local stack as a user has it: the launcher's process with everything it starts, on free
 * ports, with its state below {@code target}. Started once and ended with the tests' JVM.
 */
final class Stack {

    private static final List<String> PARTS =
            List.of(
                    "GATEWAY",
                    "KAFKA",
                    "POSTGRES",
                    "REDIS",
                    "SMSC",
                    "SMTP",
                    "SIMULATORS",
                    "IDENTITY",
                    "JOURNEY",
                    "CHANNEL",
                    "ATTRIBUTION");
    private static final Duration START = Duration.ofMinutes(4);

    /** Apart, because what waits for the start runs on another thread and uses this class. */
    private static final class Only {
        static final Stack STACK = start();
    }

    private final Process launcher;
    private final Path home;
    private final Map<String, Integer> ports;

    private Stack(Process launcher, Path home, Map<String, Integer> ports) {
        this.launcher = launcher;
        this.home = home;
        this.ports = ports;
    }

    static Stack running() {
        return Only.STACK;
    }

    /** The gateway, which is all that a user sees. */
    URI gateway() {
        return URI.create("http://localhost:" + ports.get("GATEWAY"));
    }

    Simulators simulators() {
        return new Simulators(URI.create("http://localhost:" + ports.get("SIMULATORS")));
    }

    /** Ends a service as a power cut would; the launcher starts it again. */
    void kill(String service) {
        long pid = pidOf(service);
        ProcessHandle.of(pid).orElseThrow().destroyForcibly();
        awaitThat(
                service + " is another process and ready",
                () -> pidOf(service) != pid && isReady(service));
    }

    private long pidOf(String service) {
        for (JsonNode entry : state().path("entries")) {
            if (entry.path("part").asText().equals(service)) {
                return entry.path("process").path("pid").asLong();
            }
        }
        return 0;
    }

    private boolean isReady(String service) {
        for (JsonNode entry : state().path("entries")) {
            if (entry.path("part").asText().equals(service)) {
                return entry.path("state").asText().equals("READY");
            }
        }
        return false;
    }

    private JsonNode state() {
        try {
            return new ObjectMapper().readTree(home.resolve("run/state.json").toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Stack start() {
        try {
            Path checkout = checkout();
            Path home = checkout.resolve("end-to-end/target/throughline").toAbsolutePath();
            forget(home.resolve("data"));
            Map<String, Integer> ports = freePorts();
            Path log = home.resolveSibling("stack.log");
            ProcessBuilder builder =
                    new ProcessBuilder(
                                    ProcessHandle.current().info().command().orElse("java"),
                                    "-Xmx320m",
                                    "-XX:+UseSerialGC",
                                    "-XX:TieredStopAtLevel=1",
                                    "--enable-native-access=ALL-UNNAMED",
                                    "--sun-misc-unsafe-memory-access=allow",
                                    "-cp",
                                    checkout.resolve("deploy/local/target/throughline-local.jar")
                                            + ":"
                                            + checkout.resolve("deploy/local/target/lib")
                                            + "/*",
                                    "io.throughline.local.Throughline",
                                    "up")
                            .directory(checkout.toFile())
                            .redirectErrorStream(true)
                            .redirectOutput(log.toFile());
            builder.environment().put("THROUGHLINE_HOME", home.toString());
            ports.forEach((part, port) ->
                    builder.environment().put("THROUGHLINE_" + part + "_PORT", "" + port));
            Process launcher = builder.start();
            Stack stack = new Stack(launcher, home, ports);
            Runtime.getRuntime().addShutdownHook(new Thread(stack::stop));
            awaitThat("the stack is up, see " + log, () -> isUp(launcher, log, home));
            return stack;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A story is told to customers who have not heard it. */
    private static void forget(Path data) throws IOException {
        if (Files.exists(data)) {
            try (Stream<Path> files = Files.walk(data)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    private static Path checkout() {
        Path here = Path.of("").toAbsolutePath();
        return Files.exists(here.resolve("throughline")) ? here : here.resolve("..").normalize();
    }

    private static boolean isUp(Process launcher, Path log, Path home) {
        if (!launcher.isAlive()) {
            throw new IllegalStateException("the launcher ended by itself, see " + log);
        }
        return Files.exists(home.resolve("run/ready"));
    }

    private void stop() {
        launcher.destroy();
        try {
            if (!launcher.waitFor(60, TimeUnit.SECONDS)) {
                launcher.destroyForcibly();
            }
        } catch (InterruptedException e) {
            launcher.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private static void awaitThat(String what, java.util.function.BooleanSupplier condition) {
        Instant deadline = Instant.now().plus(START);
        org.awaitility.Awaitility.await(what)
                .atMost(Duration.between(Instant.now(), deadline))
                .pollInterval(Duration.ofMillis(200))
                .until(condition::getAsBoolean);
    }

    private static Map<String, Integer> freePorts() throws IOException {
        List<ServerSocket> sockets = new ArrayList<>();
        Map<String, Integer> ports = new java.util.LinkedHashMap<>();
        try {
            for (String part : PARTS) {
                ServerSocket socket = new ServerSocket(0);
                sockets.add(socket);
                ports.put(part, socket.getLocalPort());
            }
        } finally {
            for (ServerSocket socket : sockets) {
                socket.close();
            }
        }
        return ports;
    }
}
