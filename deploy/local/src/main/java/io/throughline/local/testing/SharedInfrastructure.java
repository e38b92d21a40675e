package io.throughline.local.testing;

import io.throughline.local.LocalSettings;
import io.throughline.local.infrastructure.EmbeddedKafka;
import io.throughline.local.infrastructure.EmbeddedPostgres;
import io.throughline.local.infrastructure.EmbeddedRedis;
import io.throughline.local.infrastructure.Home;
import io.throughline.local.infrastructure.Ports;
import io.throughline.local.simulators.MailSink;
import io.throughline.local.simulators.SimulatorsApi;
import io.throughline.local.simulators.SmscSimulator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The one set of infrastructure and simulators of this JVM. It lives in the system class loader,
 * which outlasts the class loaders that Quarkus makes for its applications; therefore it is called
 * by reflection and speaks in JDK types only.
 */
public final class SharedInfrastructure {

    /** The key under which the simulators' HTTP address is among the properties. */
    static final String SIMULATORS_URL = "throughline.test.simulators-url";

    private static final int PARTITIONS = 3;

    private static @Nullable SharedInfrastructure running;

    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private final EmbeddedKafka kafka;
    private final EmbeddedPostgres postgres;
    private final EmbeddedRedis redis;
    private final SmscSimulator smsc;
    private final MailSink mails;
    private final SimulatorsApi api;
    private int databases;

    private SharedInfrastructure(Path directory) {
        Home home = Home.of(System.getenv(), Path.of("")).elsewhere(directory).prepared();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> endAndRemove(directory)));
        this.postgres =
                started(
                        EmbeddedPostgres.start(
                                home,
                                home.data("postgresql"),
                                Ports.free(),
                                EmbeddedPostgres.Durability.NONE));
        this.redis = started(EmbeddedRedis.start(home, Ports.free()));
        this.kafka = started(EmbeddedKafka.start(home.data("kafka"), Ports.free()));
        kafka.createTopics(PARTITIONS);
        this.smsc =
                started(
                        SmscSimulator.start(
                                0,
                                LocalSettings.SMPP_SYSTEM_ID,
                                LocalSettings.SMPP_PASSWORD,
                                InstantSource.system()));
        this.mails = started(MailSink.start(0, InstantSource.system()));
        this.api = started(SimulatorsApi.start(0, smsc, mails));
    }

    private <T extends AutoCloseable> T started(T part) {
        parts.push(part);
        return part;
    }

    /** Starts everything at the first call; at each call makes a new, empty database. */
    public static synchronized Map<String, String> propertiesWithFreshDatabase() {
        Thread current = Thread.currentThread();
        ClassLoader caller = current.getContextClassLoader();
        // Kafka loads its plug-ins through the context class loader, which must be its own.
        current.setContextClassLoader(SharedInfrastructure.class.getClassLoader());
        try {
            SharedInfrastructure shared = running;
            if (shared == null) {
                shared = startOnce();
                running = shared;
            }
            return shared.properties();
        } finally {
            current.setContextClassLoader(caller);
        }
    }

    private static SharedInfrastructure startOnce() {
        try {
            return new SharedInfrastructure(Files.createTempDirectory("throughline-test-"));
        } catch (IOException refused) {
            throw new UncheckedIOException(refused);
        }
    }

    private Map<String, String> properties() {
        databases++;
        String database = "test_" + databases;
        postgres.createDatabase(database, LocalSettings.DATABASE_PASSWORD);
        Map<String, String> properties =
                new LocalSettings(
                                kafka.bootstrapServers(),
                                redis.url(),
                                postgres.port(),
                                smsc.port(),
                                mails.port(),
                                "http://127.0.0.1:9",
                                "http://127.0.0.1:9",
                                "http://127.0.0.1:9",
                                "http://127.0.0.1:9",
                                "http://localhost:8080")
                        .properties(database);
        properties.put("quarkus.http.test-port", "0");
        properties.put(SIMULATORS_URL, "http://127.0.0.1:" + api.port());
        return properties;
    }

    private void endAndRemove(Path directory) {
        for (AutoCloseable part : parts) {
            try {
                part.close();
            } catch (Exception goneAlready) {
                // The JVM is ending; the other parts still have to.
            }
        }
        try (Stream<Path> tree = Files.walk(directory)) {
            for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException left) {
            throw new UncheckedIOException(left);
        }
    }
}
