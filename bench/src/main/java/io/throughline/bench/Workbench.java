package io.throughline.bench;

import io.throughline.governance.redis.RedisGate;
import io.throughline.local.infrastructure.EmbeddedRedis;
import io.throughline.local.infrastructure.Home;
import io.throughline.local.infrastructure.Ports;
import io.throughline.local.infrastructure.Tethered;
import io.throughline.local.launcher.StackProcess;
import io.throughline.local.launcher.StackProcess.JavaOptions;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisOptions;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * What benchmarks need and share. It is started when the first asks for it and ended at the end, by
 * the process ids of what was started, also where the run is interrupted.
 */
final class Workbench implements AutoCloseable {

    /**
     * For measuring: both compilers, and heaps that are not the thing that is measured. One
     * collector for all, which takes no processor beside the two.
     */
    private static final JavaOptions MEASURED =
            new JavaOptions(
                    List.of("-Xmx640m", "-XX:+UseSerialGC"),
                    List.of("-Xms512m", "-Xmx512m", "-XX:TieredStopAtLevel=4"));

    static final int EVENT_LOOPS = 2;

    /** Longer than the services give Redis: a busy machine is to show in a figure, not end it. */
    private static final Duration GATE_TIMEOUT = Duration.ofSeconds(5);

    private final PrintStream out;
    private final Path directory;
    private final long began = System.nanoTime();
    private final Deque<AutoCloseable> started = new ArrayDeque<>();
    private volatile boolean closed;
    private @Nullable StackProcess stack;
    private @Nullable EmbeddedRedis redis;
    private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(EVENT_LOOPS));

    /**
     * @param directory for the state of what is started
     */
    Workbench(PrintStream out, Path directory) {
        this.out = out;
        this.directory = directory;
        keep(() -> vertx.close().toCompletionStage().toCompletableFuture().join());
    }

    /** How many customers the benchmarks of many are to be about, where the environment says it. */
    static Optional<Integer> customersAskedFor() {
        return Optional.ofNullable(System.getenv("THROUGHLINE_BENCH_CUSTOMERS"))
                .map(Integer::parseInt);
    }

    Vertx vertx() {
        return vertx;
    }

    /** Whether the run is being ended, so that what fails now fails for that. */
    boolean isEnding() {
        return closed;
    }

    /** One line on what is being done. */
    void say(String line) {
        out.printf(Locale.ROOT, "%6.1f s  %s%n", (System.nanoTime() - began) / 1e9, line);
        out.flush();
    }

    /** A client of the gate, as the services have it. */
    RedisGate gate(Redis redis) {
        return RedisGate.over(redis, vertx, GATE_TIMEOUT);
    }

    /**
     * A client of Redis with as many connections as the services have. More may wait for one, so
     * that a stall of the machine shows in the latencies instead of ending the run.
     */
    Redis client(String url) {
        Redis client =
                Redis.createClient(
                        vertx,
                        new RedisOptions()
                                .setConnectionString(url)
                                .setMaxPoolSize(8)
                                .setMaxPoolWaiting(200_000)
                                .setMaxWaitingHandlers(400_000));
        keep(client::close);
        return client;
    }

    /** The whole product, as a user has it but with JVMs for measuring. */
    StackProcess stack() {
        if (stack == null) {
            say(
                    "starting the stack (its logs are in %s)"
                            .formatted(directory.resolve("stack/logs")));
            stack = keep(StackProcess.start(directory.resolve("stack"), MEASURED)).awaitReady();
            say("the stack is up");
        }
        return stack;
    }

    /** A Redis of its own, for what needs no more. */
    EmbeddedRedis redis() {
        if (redis == null) {
            redis =
                    keep(
                            EmbeddedRedis.start(
                                    Home.of(System.getenv(), Path.of(""))
                                            .elsewhere(directory.resolve("redis"))
                                            .prepared(),
                                    Ports.free()));
        }
        return redis;
    }

    /** Stops it at the end, if nobody did before. */
    Tethered started(Tethered process, Duration grace) {
        keep(() -> process.stop(grace));
        return process;
    }

    /** Closes it at the end, last first. */
    synchronized <T extends AutoCloseable> T keep(T part) {
        if (closed) {
            end(part);
            throw new IllegalStateException("the run is ending");
        }
        started.push(part);
        return part;
    }

    @Override
    public synchronized void close() {
        closed = true;
        for (AutoCloseable part = started.poll(); part != null; part = started.poll()) {
            end(part);
        }
    }

    private static void end(AutoCloseable part) {
        try {
            part.close();
        } catch (Exception goneAlready) {
            // The others still have to end.
        }
    }

    /** Waits until every service has worked off what waits for it. */
    void settled(Broker broker, Duration patience) throws ExecutionException, InterruptedException {
        if (!broker.settled(patience)) {
            say(
                    "the services are still at work after %d s; what comes next will feel it"
                            .formatted(patience.toSeconds()));
        }
    }

    /** The same for one group of readers. */
    void settledOf(Broker broker, String group, Duration patience)
            throws ExecutionException, InterruptedException {
        if (!broker.settled(group, patience)) {
            say("%s is still at work after %d s".formatted(group, patience.toSeconds()));
        }
    }
}
