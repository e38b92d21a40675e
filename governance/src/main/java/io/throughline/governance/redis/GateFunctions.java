package io.throughline.governance.redis;

import io.smallrye.mutiny.Uni;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
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
 * Calls of the function library: a batch is one round trip to each server. Answers come on the
 * caller's context and within the timeout, or fail. A Redis that was restarted has forgotten the
 * library, so it is loaded again when a function is missing.
 */
final class GateFunctions {

    private static final String LIBRARY = read("/io/throughline/governance/gate.lua");

    /** Loading happens when everything is cold: the process, the connection, Redis. */
    private static final Duration LOAD_TIMEOUT = Duration.ofSeconds(10);

    private final Vertx vertx;
    private final Duration timeout;
    private final Nodes nodes;
    private final Deadlines calls;
    private final Deadlines loads;

    GateFunctions(Vertx vertx, Nodes nodes, Duration timeout) {
        this.vertx = vertx;
        this.timeout = timeout;
        this.nodes = nodes.together(vertx);
        this.calls = new Deadlines(vertx, timeout);
        this.loads = new Deadlines(vertx, LOAD_TIMEOUT);
    }

    /** After how long a call is given up. */
    Duration timeout() {
        return timeout;
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
        return uni(() -> exchange(requests)).map(GateFunctions::present);
    }

    /** Calls of functions and reads of keys, which may answer nothing. */
    Future<List<@Nullable Response>> exchange(List<Request> requests) {
        return requests.isEmpty()
                ? Future.succeededFuture(List.of())
                : batch(requests)
                        .recover(failure ->
                                functionIsMissing(failure)
                                        ? load().compose(loaded -> batch(requests))
                                        : Future.failedFuture(failure));
    }

    private Future<List<@Nullable Response>> batch(List<Request> requests) {
        return onCallersContext(calls, () -> nodes.batch(requests));
    }

    private static List<Response> present(List<@Nullable Response> responses) {
        List<Response> present = new ArrayList<>(responses.size());
        for (Response response : responses) {
            present.add(Reply.present(response));
        }
        return present;
    }

    Future<?> load() {
        return onCallersContext(
                loads,
                () ->
                        nodes.everywhere(
                                Request.cmd(Command.FUNCTION)
                                        .arg("LOAD")
                                        .arg("REPLACE")
                                        .arg(LIBRARY)));
    }

    /** What each server says of itself. */
    Future<List<String>> info(String section) {
        return onCallersContext(
                        calls, () -> nodes.everywhere(Request.cmd(Command.INFO).arg(section)))
                .map(said -> present(said).stream().map(Response::toString).toList());
    }

    /** A step of a chain; begun anew each time that somebody subscribes. */
    static <T> Uni<T> uni(Supplier<Future<T>> step) {
        return Uni.createFrom()
                .emitter(emitter ->
                        step.get()
                                .onComplete(done -> {
                                    if (done.succeeded()) {
                                        emitter.complete(done.result());
                                    } else {
                                        emitter.fail(done.cause());
                                    }
                                }));
    }

    /** Completes after a while, on the caller's context. */
    Uni<Void> pause(Duration duration) {
        return Uni.createFrom()
                .emitter(emitter ->
                        vertx.setTimer(
                                Math.max(1, duration.toMillis()), timer -> emitter.complete(null)));
    }

    private <T> Future<T> onCallersContext(Deadlines deadlines, Supplier<Future<T>> command) {
        Context context = vertx.getOrCreateContext();
        Promise<T> answer = Promise.promise();
        deadlines.watch(answer, context);
        command.get()
                .onComplete(done -> {
                    if (context.equals(Vertx.currentContext())) {
                        complete(answer, done);
                    } else {
                        context.runOnContext(v -> complete(answer, done));
                    }
                });
        return answer.future();
    }

    private static <T> void complete(Promise<T> answer, AsyncResult<T> done) {
        if (done.succeeded()) {
            answer.tryComplete(done.result());
        } else {
            answer.tryFail(done.cause());
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
