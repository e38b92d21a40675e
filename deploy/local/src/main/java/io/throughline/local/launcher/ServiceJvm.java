package io.throughline.local.launcher;

import io.throughline.local.Service;
import io.throughline.local.infrastructure.StartFailure;
import io.throughline.local.infrastructure.Tethered;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A packaged service as a process of its own.
 *
 * <p>Its JVM stops at the first compiler: with both, a service takes 8.6 s of processor time until
 * it is ready, with one 4.9 s, and with an ahead-of-time cache besides 1.7 s. The cache is not
 * worth it here: to train it takes 24 s of processor time and 128 MB a service after every build.
 * For measurements, {@code THROUGHLINE_JAVA_OPTS=-XX:TieredStopAtLevel=4} brings the second
 * compiler back.
 */
final class ServiceJvm {

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Duration GRACE = Duration.ofSeconds(22);
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final Duration PROBE = Duration.ofSeconds(2);

    private final LaunchSettings settings;
    private final Registry registry;
    private final HttpClient http;

    ServiceJvm(LaunchSettings settings, Registry registry, HttpClient http) {
        this.settings = settings;
        this.registry = registry;
        this.http = http;
    }

    /**
     * @throws StartFailure when the service is not built
     */
    Supervised.Recipe recipe(Service service) {
        Path jar = jar(module(service));
        if (!Files.exists(jar)) {
            throw new StartFailure(
                    "%s is not there: build it with ./mvnw package, or start with ./throughline up."
                            .formatted(jar));
        }
        Path log = settings.home().logs().resolve(service.label() + ".log");
        return new Supervised.Recipe(
                service.label(),
                () -> start(service, log),
                () -> isReady(settings.port(service)),
                () -> Files.exists(registry.holdFile(service)),
                log,
                PATIENCE,
                GRACE,
                PAUSE);
    }

    private Tethered start(Service service, Path log) {
        return Tethered.start(
                command(settings, module(service)),
                "TERM",
                settings.environment(service),
                module(service),
                log);
    }

    /**
     * What runs a packaged Quarkus application as the services are run.
     *
     * @param module its directory
     */
    static List<String> command(LaunchSettings settings, Path module) {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx256m",
                                "-XX:+UseSerialGC",
                                // Half the processor time until ready; see the class comment.
                                "-XX:TieredStopAtLevel=1",
                                "-XX:+ExitOnOutOfMemoryError",
                                "--enable-native-access=ALL-UNNAMED",
                                "--sun-misc-unsafe-memory-access=allow",
                                "-Djava.util.logging.manager=org.jboss.logmanager.LogManager"));
        command.addAll(settings.javaOptions());
        command.addAll(List.of("-jar", jar(module).toString()));
        return command;
    }

    private Path module(Service service) {
        return settings.checkout().resolve(service.module());
    }

    private static Path jar(Path module) {
        return module.resolve("target/quarkus-app/quarkus-run.jar");
    }

    private boolean isReady(int port) {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/q/health/ready"))
                        .timeout(PROBE)
                        .build();
        try {
            return http.send(request, BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException notYet) {
            return false;
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
