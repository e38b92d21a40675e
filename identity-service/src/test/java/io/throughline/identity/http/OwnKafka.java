package io.throughline.identity.http;

import static org.awaitility.Awaitility.await;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.throughline.local.infrastructure.EmbeddedKafka;
import io.throughline.local.infrastructure.Ports;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A broker of the test's own, which can be taken away and comes back with what it had. */
public final class OwnKafka implements QuarkusTestResourceLifecycleManager {

    /** The test class and the resource live in different class loaders; properties join them. */
    private static final String WISH = "throughline.test.kafka-wish";

    private static final String STATE = "throughline.test.kafka-state";

    private final int port = Ports.free();
    private @Nullable Path data;
    private @Nullable EmbeddedKafka broker;
    private @Nullable Thread keeper;

    /** Comes back when it is so. */
    static void isUp(boolean up) {
        System.setProperty(WISH, Boolean.toString(up));
        await().atMost(Duration.ofSeconds(60))
                .until(() -> Boolean.toString(up).equals(System.getProperty(STATE)));
    }

    /** After the infrastructure, whose broker this replaces. */
    @Override
    public int order() {
        return -1;
    }

    @Override
    public Map<String, String> start() {
        try {
            Path directory = Files.createTempDirectory("throughline-kafka-");
            data = directory;
            System.setProperty(WISH, "true");
            EmbeddedKafka first = started(directory);
            first.createTopics(3);
            broker = first;
            System.setProperty(STATE, "true");
            keeper = Thread.ofVirtual().start(() -> keep(directory));
            return Map.of("kafka.bootstrap.servers", first.bootstrapServers());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void stop() {
        endKeeper();
        close();
        if (data != null) {
            remove(data);
        }
    }

    /** It might otherwise bring the broker back while this takes it away for good. */
    private void endKeeper() {
        if (keeper == null) {
            return;
        }
        keeper.interrupt();
        try {
            keeper.join(Duration.ofSeconds(30));
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private static void remove(Path directory) {
        try (Stream<Path> tree = Files.walk(directory)) {
            for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException left) {
            throw new UncheckedIOException(left);
        }
    }

    private void keep(Path directory) {
        while (!Thread.currentThread().isInterrupted()) {
            boolean wish = Boolean.getBoolean(WISH);
            if (wish && broker == null) {
                broker = started(directory);
            } else if (!wish && broker != null) {
                close();
            }
            System.setProperty(STATE, Boolean.toString(broker != null));
            LockSupport.parkNanos(50_000_000);
        }
    }

    private void close() {
        if (broker != null) {
            broker.close();
            broker = null;
        }
    }

    /** Kafka loads its plug-ins through the context class loader, which must be its own. */
    private EmbeddedKafka started(Path directory) {
        Thread current = Thread.currentThread();
        ClassLoader before = current.getContextClassLoader();
        current.setContextClassLoader(EmbeddedKafka.class.getClassLoader());
        try {
            return EmbeddedKafka.start(directory.resolve("kafka"), port);
        } finally {
            current.setContextClassLoader(before);
        }
    }
}
