package io.throughline.governance.redis;

import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Calls of the function library: a batch is one round trip. Answers come on the caller's context
 * and within the timeout, or fail. A Redis that was restarted has forgotten the library, so it is
 * loaded again when a function is missing.
 */
final class GateFunctions {

    private static final String LIBRARY = read("/io/throughline/governance/gate.lua");

    /** Loading happens when everything is cold: the process, the connection, Redis. */
    private static final Duration LOAD_TIMEOUT = Duration.ofSeconds(10);

    private final Vertx vertx;
    private final Redis redis;
    private final Duration timeout;

    GateFunctions(Vertx vertx, Redis redis, Duration timeout) {
        this.vertx = vertx;
        this.redis = redis;
        this.timeout = timeout;
    }

    /** A call of a function that may write. */
    static Request write(String function, String key) {
        return Request.cmd(Command.FCALL).arg(function).arg(1).arg(key);
    }

    /** A call of a function that only reads. */
    static Request read(String function, String key) {
        return Request.cmd(Command.FCALL_RO).arg(function).arg(1).arg(key);
    }

    /** A read of a key as it is. */
    static Request get(String key) {
        return Request.cmd(Command.GET).arg(key);
    }

    /** Calls of functions only: each of them answers something. */
    Uni<List<Response>> call(List<Request> requests) {
        return send(requests).map(GateFunctions::present);
    }

    /** Calls of functions and reads of keys, which may answer nothing. */
    Uni<List<@Nullable Response>> send(List<Request> requests) {
        if (requests.isEmpty()) {
            return Uni.createFrom().item(List.of());
        }
        return batch(requests)
                .onFailure(GateFunctions::functionIsMissing)
                .recoverWithUni(() -> load().chain(() -> batch(requests)));
    }

    private Uni<List<@Nullable Response>> batch(List<Request> requests) {
        return onCallersContext(timeout, () -> redis.batch(requests));
    }

    private static List<Response> present(List<@Nullable Response> responses) {
        List<Response> present = new ArrayList<>(responses.size());
        for (Response response : responses) {
            present.add(Reply.present(response));
        }
        return present;
    }

    Uni<Void> load() {
        return onCallersContext(
                        LOAD_TIMEOUT,
                        () ->
                                redis.send(
                                        Request.cmd(Command.FUNCTION)
                                                .arg("LOAD")
                                                .arg("REPLACE")
                                                .arg(LIBRARY)))
                .replaceWithVoid();
    }

    /** Completes after a while, on the caller's context. */
    Uni<Void> pause(Duration duration) {
        return Uni.createFrom()
                .emitter(emitter ->
                        vertx.setTimer(
                                Math.max(1, duration.toMillis()), timer -> emitter.complete(null)));
    }

    private <T> Uni<T> onCallersContext(Duration timeout, Supplier<Future<T>> command) {
        return Uni.createFrom()
                .emitter(emitter -> {
                    Context context = vertx.getOrCreateContext();
                    Promise<T> answer = Promise.promise();
                    long timer =
                            vertx.setTimer(
                                    timeout.toMillis(),
                                    t ->
                                            answer.tryFail(
                                                    "Redis did not answer the gate within "
                                                            + timeout));
                    command.get()
                            .onComplete(done -> {
                                vertx.cancelTimer(timer);
                                if (done.succeeded()) {
                                    answer.tryComplete(done.result());
                                } else {
                                    answer.tryFail(done.cause());
                                }
                            });
                    answer.future()
                            .onSuccess(value -> on(context, () -> emitter.complete(value)))
                            .onFailure(cause -> on(context, () -> emitter.fail(cause)));
                });
    }

    private static void on(Context context, Runnable step) {
        if (context.equals(Vertx.currentContext())) {
            step.run();
        } else {
            context.runOnContext(v -> step.run());
        }
    }

    private static boolean functionIsMissing(Throwable failure) {
        return failure.getMessage() != null && failure.getMessage().contains("Function not found");
    }

    private static String read(String resource) {
        try (InputStream in = GateFunctions.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException(resource + " is not on the class path");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
