package io.throughline.local.launcher;

import io.throughline.local.LocalSettings;
import io.throughline.local.Service;
import io.throughline.local.gateway.Gateway;
import io.throughline.local.infrastructure.EmbeddedKafka;
import io.throughline.local.infrastructure.EmbeddedPostgres;
import io.throughline.local.infrastructure.EmbeddedRedis;
import io.throughline.local.infrastructure.Home;
import io.throughline.local.infrastructure.StartFailure;
import io.throughline.local.simulators.MailSink;
import io.throughline.local.simulators.SimulatorsApi;
import io.throughline.local.simulators.SmscSimulator;
import java.net.http.HttpClient;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The whole stack: what runs in this process, and the processes it watches. It starts the
 * infrastructure first, then the services side by side, and stops in the opposite order.
 */
final class Stack {

    /** More partitions than instances anybody would start here, and cheap. */
    private static final int PARTITIONS = 6;

    private static final Duration REDIS_PATIENCE = Duration.ofSeconds(20);
    private static final Duration REDIS_GRACE = Duration.ofSeconds(5);
    private static final Duration REDIS_PAUSE = Duration.ofMillis(250);

    private final LaunchSettings settings;
    private final Registry registry;
    private final Progress progress;
    private final Registry.Running self = Registry.Running.of(ProcessHandle.current());
    private final Deque<AutoCloseable> inside = new ArrayDeque<>();
    private final List<Registry.Entry> insideEntries = new ArrayList<>();
    private final List<Supervised> services = new ArrayList<>();
    private final Supervised redis;
    private volatile boolean ready;
    private final AtomicBoolean stopped = new AtomicBoolean();

    Stack(LaunchSettings settings, Registry registry, Progress progress) {
        this.settings = settings;
        this.registry = registry;
        this.progress = progress;
        this.redis = new Supervised(redis(settings), progress::step, this::record);
    }

    /** The gate's memory may go at any moment; a Redis that was killed comes back empty. */
    private static Supervised.Recipe redis(LaunchSettings settings) {
        int port = settings.port(Part.REDIS);
        return new Supervised.Recipe(
                Part.REDIS.words(),
                () -> EmbeddedRedis.launch(settings.home(), port),
                () -> EmbeddedRedis.answersPing(port),
                () -> false,
                EmbeddedRedis.log(settings.home()),
                REDIS_PATIENCE,
                REDIS_GRACE,
                REDIS_PAUSE);
    }

    /**
     * Returns when every part is ready.
     *
     * @throws StartFailure when one is not; what had started is still to be stopped
     */
    void start() {
        startInfrastructure();
        startSimulators();
        startGateway();
        startServices();
        ready = true;
        record();
        registry.announceReady();
    }

    /** Ends what was started, services first, each by its own pid. */
    void stop() {
        if (!stopped.compareAndSet(false, true)) {
            return;
        }
        inParallel(services.stream().<Runnable>map(service -> service::stop).toList());
        List<AutoCloseable> lastFirst;
        synchronized (this) {
            lastFirst = List.copyOf(inside);
        }
        for (AutoCloseable part : lastFirst) {
            try {
                part.close();
            } catch (Exception goneAlready) {
                // The others still have to end.
            }
        }
        registry.clear();
    }

    private void startInfrastructure() {
        Home home = settings.home();
        CompletableFuture<Supervised> memory = startRedis();
        CompletableFuture<EmbeddedPostgres> postgres = inBackground(() -> startPostgres(home));
        CompletableFuture<EmbeddedKafka> kafka = inBackground(() -> startKafka(home));
        // Everything that did start must be known before the first failure is thrown.
        @Nullable StartFailure failure = null;
        for (Runnable arrival :
                List.<Runnable>of(
                        () -> memory.join(),
                        () -> arrive(Part.POSTGRES, postgres.join()),
                        () -> arrive(Part.KAFKA, kafka.join()))) {
            try {
                arrival.run();
            } catch (CompletionException failed) {
                failure = asStartFailure(failed);
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    private void arrive(Part part, AutoCloseable started) {
        if (stopped.get()) {
            throw new StartFailure("Ended while starting.");
        }
        Registry.Running process =
                switch (started) {
                    case EmbeddedPostgres postgres ->
                            Registry.Running.of(postgres.process().handle());
                    default -> self;
                };
        synchronized (this) {
            inside.push(started);
            insideEntries.add(
                    new Registry.Entry(part.words(), settings.port(part), process, "running"));
        }
        record();
    }

    private CompletableFuture<Supervised> startRedis() {
        synchronized (this) {
            inside.push(redis::stop);
        }
        return redis.start()
                .whenComplete((started, failure) -> {
                    if (failure == null) {
                        progress.step("Redis on %d".formatted(settings.port(Part.REDIS)));
                    }
                });
    }

    private EmbeddedPostgres startPostgres(Home home) {
        EmbeddedPostgres postgres =
                EmbeddedPostgres.start(
                        home,
                        home.data("postgresql"),
                        settings.port(Part.POSTGRES),
                        EmbeddedPostgres.Durability.FSYNC);
        for (Service service : Service.values()) {
            postgres.createDatabase(service.label(), LocalSettings.DATABASE_PASSWORD);
        }
        progress.step("PostgreSQL on %d".formatted(postgres.port()));
        return postgres;
    }

    private EmbeddedKafka startKafka(Home home) {
        EmbeddedKafka kafka = EmbeddedKafka.start(home.data("kafka"), settings.port(Part.KAFKA));
        kafka.createTopics(PARTITIONS);
        progress.step("Kafka on %d".formatted(kafka.port()));
        return kafka;
    }

    private void startSimulators() {
        SmscSimulator smsc =
                SmscSimulator.start(
                        settings.port(Part.SMSC),
                        LocalSettings.SMPP_SYSTEM_ID,
                        LocalSettings.SMPP_PASSWORD,
                        InstantSource.system());
        arrive(Part.SMSC, smsc);
        MailSink mails = MailSink.start(settings.port(Part.SMTP), InstantSource.system());
        arrive(Part.SMTP, mails);
        arrive(Part.SIMULATORS, SimulatorsApi.start(settings.port(Part.SIMULATORS), smsc, mails));
        progress.step("SMSC simulator on %d, SMTP sink on %d".formatted(smsc.port(), mails.port()));
    }

    private void startGateway() {
        Map<Service, Integer> ports = new EnumMap<>(Service.class);
        for (Service service : Service.values()) {
            ports.put(service, settings.port(service));
        }
        arrive(
                Part.GATEWAY,
                Gateway.start(settings.port(Part.GATEWAY), ports, settings.addresses()));
        progress.step("gateway on %d".formatted(settings.port(Part.GATEWAY)));
    }

    private void startServices() {
        HttpClient http =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(Duration.ofSeconds(1))
                        .build();
        ServiceJvm jvm = new ServiceJvm(settings, registry, http);
        for (Service service : Service.values()) {
            services.add(new Supervised(jvm.recipe(service), progress::step, this::record));
        }
        try {
            allOrFirstFailure(
                            services.stream()
                                    .map(service -> service.start().thenAccept(this::reportStart))
                                    .toList())
                    .join();
        } catch (CompletionException failed) {
            throw asStartFailure(failed);
        }
    }

    private void reportStart(Supervised service) {
        Service which = Service.named(service.name()).orElseThrow();
        if (service.state() == Supervised.State.HELD) {
            progress.step(
                    "%s is left to somebody else while %s is there"
                            .formatted(service.name(), registry.holdFile(which)));
        } else {
            progress.step(
                    "%s on %d (pid %d)"
                            .formatted(service.name(), settings.port(which), service.pid()));
        }
    }

    private void record() {
        List<Registry.Entry> entries;
        synchronized (this) {
            entries = new ArrayList<>(insideEntries);
        }
        if (redis.pid() != 0) {
            entries.addFirst(
                    new Registry.Entry(
                            redis.name(), settings.port(Part.REDIS), running(redis), "running"));
        }
        for (Supervised service : List.copyOf(services)) {
            Service which = Service.named(service.name()).orElseThrow();
            entries.add(
                    new Registry.Entry(
                            service.name(),
                            settings.port(which),
                            running(service),
                            service.state().name()));
        }
        registry.write(new Registry.Snapshot(self, ready, entries));
    }

    private static Registry.Running running(Supervised supervised) {
        return ProcessHandle.of(supervised.pid())
                .map(Registry.Running::of)
                .orElse(Registry.Running.NONE);
    }

    private static <T> CompletableFuture<T> inBackground(Supplier<T> start) {
        CompletableFuture<T> result = new CompletableFuture<>();
        // Platform threads: Kafka's start-up parks for long inside synchronized sections.
        Thread.ofPlatform()
                .daemon()
                .start(() -> {
                    try {
                        result.complete(start.get());
                    } catch (RuntimeException | Error failed) {
                        result.completeExceptionally(failed);
                    }
                });
        return result;
    }

    private static CompletableFuture<Void> allOrFirstFailure(List<CompletableFuture<Void>> starts) {
        CompletableFuture<Void> all =
                CompletableFuture.allOf(starts.toArray(CompletableFuture[]::new));
        for (CompletableFuture<Void> start : starts) {
            var _ =
                    start.whenComplete((done, failure) -> {
                        if (failure != null) {
                            all.completeExceptionally(failure);
                        }
                    });
        }
        return all;
    }

    private static void inParallel(List<Runnable> tasks) {
        List<Thread> threads = tasks.stream().map(Thread.ofVirtual()::start).toList();
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private static StartFailure asStartFailure(CompletionException failed) {
        return failed.getCause() instanceof StartFailure failure
                ? failure
                : new StartFailure(String.valueOf(failed.getCause()), failed);
    }
}
