package io.throughline.governance.redis;

import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.Request;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.InstantSource;
import redis.embedded.RedisServer;

/** A real Redis without persistence, on a free port of the loopback interface. */
final class RedisProcess implements AutoCloseable {

    static final Duration LEASE = Duration.ofSeconds(1);
    static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final Duration RETENTION = Duration.ofDays(30);

    private final int port;
    private final Vertx vertx = Vertx.vertx();
    private final Redis client;
    private RedisServer server;

    RedisProcess() {
        port = freePort();
        server = start();
        client =
                Redis.createClient(
                        vertx,
                        new RedisOptions()
                                .setConnectionString("redis://127.0.0.1:" + port)
                                .setMaxPoolSize(8)
                                .setMaxPoolWaiting(4096)
                                .setMaxWaitingHandlers(16384));
    }

    Redis client() {
        return client;
    }

    /** A gate on Redis's own clock, as in production. */
    RedisGate gate() {
        return gate(RETENTION, InstantSource.system(), false);
    }

    /** The same, keeping customers no longer than this. */
    RedisGate gate(Duration retention) {
        return gate(retention, InstantSource.system(), false);
    }

    /** A gate that tells Redis the time. */
    RedisGate gate(InstantSource clock) {
        return gate(RETENTION, clock, true);
    }

    private RedisGate gate(Duration retention, InstantSource clock, boolean decidesTime) {
        return new RedisGate(
                functions(), new RedisGate.Times(LEASE, PATIENCE, retention), clock, decidesTime);
    }

    GateFunctions functions() {
        return new GateFunctions(vertx, Nodes.of(client, false), Duration.ofSeconds(2));
    }

    /** Ends the process and starts another, empty one on the same port. */
    void restart() {
        stop();
        server = start();
    }

    /** Makes the server look at what it holds as one that has just taken over. */
    void beginEpoch() {
        client.send(Request.cmd(Command.DEBUG).arg("CHANGE-REPL-ID"))
                .compose(changed -> functions().load())
                .toCompletionStage()
                .toCompletableFuture()
                .join();
    }

    void stop() {
        server.stop();
    }

    private RedisServer start() {
        RedisServer started =
                RedisServer.builder()
                        .bind("127.0.0.1")
                        .port(port)
                        .setting("save \"\"")
                        .setting("appendonly no")
                        .setting("enable-debug-command local")
                        .build();
        started.start();
        return started;
    }

    @Override
    public void close() {
        client.close();
        stop();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
