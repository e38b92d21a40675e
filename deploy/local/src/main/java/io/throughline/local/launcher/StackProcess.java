package io.throughline.local.launcher;

import io.throughline.local.LocalSettings;
import io.throughline.local.Service;
import io.throughline.local.infrastructure.Home;
import io.throughline.local.infrastructure.Ports;
import io.throughline.local.infrastructure.Readiness;
import io.throughline.local.infrastructure.StartFailure;
import io.throughline.local.infrastructure.Tethered;
import io.throughline.local.simulators.Simulators;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * The local stack as a user has it, for a program that looks at it from outside: the launcher's
 * process with everything it starts, on free ports, without the data of an earlier start. It ends
 * with the program, however that ends.
 */
public final class StackProcess implements AutoCloseable {

    private static final Duration START = Duration.ofMinutes(4);
    private static final Duration AGAIN = Duration.ofMinutes(2);
    private static final Duration GRACE = Duration.ofSeconds(60);
    private static final long LOOK_AGAIN_NANOS = Duration.ofMillis(100).toNanos();

    /**
     * The options of the JVMs.
     *
     * @param launcher of the process with the infrastructure, the gateway and the simulators
     * @param services after those that a service has in any case, so that they win
     */
    public record JavaOptions(List<String> launcher, List<String> services) {

        /** As {@code ./throughline up} has them: soon up, and small. */
        public static final JavaOptions EVERYDAY =
                new JavaOptions(
                        List.of("-Xmx320m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
                        List.of());
    }

    private final Tethered launcher;
    private final LaunchSettings settings;
    private final Registry registry;

    private StackProcess(Tethered launcher, LaunchSettings settings, Registry registry) {
        this.launcher = launcher;
        this.settings = settings;
        this.registry = registry;
    }

    /**
     * Begins to start it.
     *
     * @param root where it keeps its state; what an earlier start left there is removed
     * @throws StartFailure when it runs there already
     */
    public static StackProcess start(Path root, JavaOptions options) {
        Path checkout =
                Home.checkout(Path.of(""))
                        .orElseThrow(() -> new StartFailure("This is no checkout of Throughline."));
        Map<String, String> environment = environment(root, options);
        LaunchSettings settings = LaunchSettings.of(environment, checkout);
        Registry registry = new Registry(settings.home());
        if (registry.read().flatMap(running -> running.launcher().handle()).isPresent()) {
            throw new StartFailure("Another stack runs below %s.".formatted(root));
        }
        forget(settings.home());
        Tethered launcher =
                Tethered.start(
                        command(checkout, options), "TERM", environment, checkout, log(settings));
        return new StackProcess(launcher, settings, registry);
    }

    /**
     * Returns when everything is ready.
     *
     * @throws StartFailure when it does not come up
     */
    public StackProcess awaitReady() {
        Readiness.await(
                "The stack",
                launcher,
                log(settings),
                START,
                () -> registry.isReady(launcher.pid()));
        return this;
    }

    /** The gateway, which is all that a user sees. */
    public URI gateway() {
        return URI.create(settings.gatewayUrl());
    }

    public Simulators simulators() {
        return new Simulators(URI.create("http://localhost:" + settings.port(Part.SIMULATORS)));
    }

    /** A service without the gateway before it. */
    public int port(Service service) {
        return settings.port(service);
    }

    /** Where the infrastructure is. */
    public LocalSettings settings() {
        return settings.local();
    }

    /** Ends a service as a power cut would, and returns when the launcher has started it again. */
    public void kill(Service service) {
        ProcessHandle killed = running(service);
        killed.destroyForcibly();
        awaitThat(
                service.label() + " is another process and ready",
                () ->
                        registry.process(service)
                                .filter(another -> another.pid() != killed.pid())
                                .filter(another -> isReady(service))
                                .isPresent());
    }

    /** Ends a service and leaves its place to the caller, until it is released. */
    public void hold(Service service) {
        registry.hold(service);
        registry.process(service).ifPresent(Commands::end);
    }

    /** Takes a held service back, and returns when it is ready. */
    public void release(Service service) {
        registry.release(service);
        awaitThat(service.label() + " is ready again", () -> isReady(service));
    }

    /** The process of a service that is not held. */
    public ProcessHandle running(Service service) {
        return registry.process(service)
                .orElseThrow(() -> new IllegalStateException(service.label() + " does not run"));
    }

    /**
     * Starts a packaged Quarkus application with the JVM options of the services.
     *
     * @param module its directory in the checkout
     * @param environment on top of this process's own
     */
    public Tethered application(String module, Map<String, String> environment) {
        return Tethered.start(
                ServiceJvm.command(settings, settings.checkout().resolve(module)),
                "TERM",
                environment,
                settings.checkout().resolve(module),
                settings.home().logs().resolve(module.replace('/', '-') + ".beside.log"));
    }

    /** What a service gets here as its environment. */
    public Map<String, String> environment(Service service) {
        return settings.environment(service);
    }

    /** Ends everything and returns when it has ended; the state is kept. */
    @Override
    public void close() {
        launcher.stop(GRACE);
    }

    private static Path log(LaunchSettings settings) {
        return settings.home().logs().resolve("launcher.log");
    }

    private boolean isReady(Service service) {
        return registry.entry(service)
                .filter(entry -> entry.state().equals(Supervised.State.READY.name()))
                .flatMap(entry -> entry.process().handle())
                .isPresent();
    }

    private static Map<String, String> environment(Path root, JavaOptions options) {
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put(Home.VARIABLE, root.toAbsolutePath().toString());
        environment.put(LaunchSettings.JAVA_OPTIONS, String.join(" ", options.services()));
        Iterator<Integer> free = Ports.free(Part.values().length).iterator();
        for (Part part : Part.values()) {
            environment.put(part.variable(), Integer.toString(free.next()));
        }
        return environment;
    }

    private static List<String> command(Path checkout, JavaOptions options) {
        Path built = checkout.resolve("deploy/local/target");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options.launcher());
        command.addAll(
                List.of(
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-cp",
                        built.resolve("throughline-local.jar") + ":" + built.resolve("lib/*"),
                        "io.throughline.local.Throughline",
                        "up"));
        return command;
    }

    /** Everything but the programs that were unpacked, which every start needs again. */
    private static void forget(Home home) {
        for (Path left : List.of(home.root().resolve("data"), home.run(), home.logs())) {
            try (Stream<Path> tree = Files.exists(left) ? Files.walk(left) : Stream.empty()) {
                for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            } catch (IOException refused) {
                throw new StartFailure(
                        "%s cannot be removed: %s.".formatted(left, refused.getMessage()), refused);
            }
        }
    }

    private void awaitThat(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + AGAIN.toNanos();
        while (!condition.getAsBoolean()) {
            if (!launcher.isAlive() || System.nanoTime() > deadline) {
                throw new IllegalStateException(
                        "not so within %d s: %s; see %s"
                                .formatted(AGAIN.toSeconds(), what, settings.home().logs()));
            }
            LockSupport.parkNanos(LOOK_AGAIN_NANOS);
        }
    }
}
