package io.throughline.local.launcher;

import io.throughline.local.Service;
import io.throughline.local.demo.Demo;
import io.throughline.local.infrastructure.StartFailure;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** The commands of the launcher that are not left to its script. */
public final class Commands {

    /** The process stays, and ends on a signal. */
    public static final int KEEP_RUNNING = -1;

    private static final int OK = 0;
    private static final int FAILED = 1;
    private static final int USAGE = 64;

    private static final Duration DOWN_GRACE = Duration.ofSeconds(60);
    private static final Duration LEFTOVER_GRACE = Duration.ofSeconds(25);

    private Commands() {}

    /**
     * @return the exit status, or {@link #KEEP_RUNNING}
     */
    public static int run(String[] arguments) {
        try {
            LaunchSettings settings = LaunchSettings.of(System.getenv(), Path.of(""));
            return switch (arguments.length == 0 ? "" : arguments[0]) {
                case "up" -> up(settings);
                case "down" -> down(settings);
                case "status" -> status(settings);
                case "demo" -> demo(settings);
                case "rebuild-gate" -> gate(settings, GateWork.Kind.REBUILD);
                case "verify-gate" -> gate(settings, GateWork.Kind.VERIFICATION);
                case "env" -> environment(settings, argument(arguments));
                case "hold" -> hold(settings, argument(arguments));
                default -> {
                    System.err.println(
                            "usage: up | down | status | demo | rebuild-gate | verify-gate | env SERVICE | hold SERVICE");
                    yield USAGE;
                }
            };
        } catch (StartFailure failure) {
            System.err.println(failure.getMessage());
            return FAILED;
        }
    }

    private static String argument(String[] arguments) {
        return arguments.length > 1 ? arguments[1] : "";
    }

    private static int up(LaunchSettings settings) {
        Progress progress = new Progress(System.out);
        settings.home().prepared();
        Logging.toFile(settings.home().logs().resolve("infrastructure.log"));
        Registry registry = new Registry(settings.home());
        if (!registry.claim()) {
            progress.say(
                    "Throughline is already up%s. See ./throughline status, end it with ./throughline down."
                            .formatted(
                                    registry.read()
                                            .map(running ->
                                                    " (pid " + running.launcher().pid() + ")")
                                            .orElse("")));
            return OK;
        }
        endLeftovers(registry, progress);
        settings.requireFreePorts();
        Stack stack = new Stack(settings, registry, progress);
        Runtime.getRuntime()
                .addShutdownHook(
                        new Thread(() -> {
                            progress.say("Ending.");
                            stack.stop();
                        }));
        progress.step(
                "Java %s, state below %s"
                        .formatted(Runtime.version().feature(), settings.home().root()));
        try {
            stack.start();
        } catch (StartFailure failure) {
            System.err.println(failure.getMessage());
            System.err.println("Throughline did not come up.");
            return FAILED;
        }
        progress.say(welcome(settings, progress.elapsed()));
        return KEEP_RUNNING;
    }

    /** What a launcher that was killed left behind is ending by itself; this makes sure. */
    private static void endLeftovers(Registry registry, Progress progress) {
        List<ProcessHandle> leftovers =
                registry.read().stream()
                        .flatMap(snapshot -> snapshot.entries().stream())
                        .flatMap(entry -> entry.process().handle().stream())
                        .filter(handle -> handle.pid() != ProcessHandle.current().pid())
                        .distinct()
                        .toList();
        if (!leftovers.isEmpty()) {
            progress.say("An earlier start was killed; waiting until its processes have ended.");
        }
        long deadline = System.nanoTime() + LEFTOVER_GRACE.toNanos();
        for (ProcessHandle leftover : leftovers) {
            while (leftover.isAlive() && System.nanoTime() < deadline) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
            }
            leftover.destroyForcibly();
        }
        registry.clear();
    }

    private static int down(LaunchSettings settings) {
        Optional<ProcessHandle> launcher = launcher(settings);
        if (launcher.isEmpty()) {
            System.out.println("Throughline is not up.");
            return OK;
        }
        ProcessHandle running = launcher.get();
        running.destroy();
        long deadline = System.nanoTime() + DOWN_GRACE.toNanos();
        while (running.isAlive() && System.nanoTime() < deadline) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
        }
        if (running.isAlive()) {
            running.destroyForcibly();
            System.out.println(
                    "Throughline did not end within %d s and was killed; its processes end by themselves."
                            .formatted(DOWN_GRACE.toSeconds()));
            return FAILED;
        }
        System.out.println("Throughline is down. Its data is kept in " + settings.home().root());
        return OK;
    }

    private static int status(LaunchSettings settings) {
        Optional<Registry.Snapshot> snapshot = new Registry(settings.home()).read();
        if (launcher(settings).isEmpty() || snapshot.isEmpty()) {
            System.out.println("Throughline is not up.");
            return FAILED;
        }
        System.out.print(StatusReport.of(snapshot.get()));
        return OK;
    }

    private static int demo(LaunchSettings settings) {
        Demo.play(
                URI.create(settings.gatewayUrl()),
                URI.create("http://localhost:" + settings.port(Part.SIMULATORS)),
                (int) (Instant.now().getEpochSecond() % 1_000_000),
                System.out);
        return OK;
    }

    private static int gate(LaunchSettings settings, GateWork.Kind kind) {
        boolean agrees =
                new GateWork(URI.create(settings.gatewayUrl()), new Progress(System.out)).run(kind);
        return agrees ? OK : FAILED;
    }

    private static Optional<ProcessHandle> launcher(LaunchSettings settings) {
        return new Registry(settings.home())
                .read()
                .flatMap(snapshot -> snapshot.launcher().handle());
    }

    /** One assignment a line, for {@code export}; no value holds a quote. */
    private static int environment(LaunchSettings settings, String name) {
        settings.environment(service(name))
                .forEach((key, value) -> System.out.println(key + "='" + value + "'"));
        return OK;
    }

    /** Ends the packaged service; it comes back when the file this prints is removed. */
    private static int hold(LaunchSettings settings, String name) {
        Service service = service(name);
        Registry registry = new Registry(settings.home());
        if (launcher(settings).isEmpty()) {
            System.err.println(
                    "Throughline is not up: start it first with ./throughline up --detach.");
            return FAILED;
        }
        registry.hold(service);
        registry.process(service).ifPresent(Commands::end);
        System.out.println(registry.holdFile(service));
        return OK;
    }

    static void end(ProcessHandle process) {
        process.destroy();
        long deadline = System.nanoTime() + LEFTOVER_GRACE.toNanos();
        while (process.isAlive() && System.nanoTime() < deadline) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
        }
        process.destroyForcibly();
    }

    private static Service service(String name) {
        return Service.named(name)
                .orElseThrow(() ->
                        new StartFailure(
                                "There is no service %s: say identity, journey, channel or attribution."
                                        .formatted(name.isEmpty() ? "without a name" : name)));
    }

    private static String welcome(LaunchSettings settings, Duration elapsed) {
        StringBuilder text =
                new StringBuilder(
                        "\nThroughline is up after %s.\n\n".formatted(Progress.seconds(elapsed)));
        settings.addresses()
                .forEach((name, address) -> text.append("  %-22s %s\n".formatted(name, address)));
        return text.append(
                        """

                        Try next:
                          ./throughline demo       a small shop's minute, through the public API
                          ./throughline status     what runs, and the memory it takes
                          ./throughline down       ends it and keeps the data (or Ctrl-C here)
                        """)
                .toString();
    }
}
