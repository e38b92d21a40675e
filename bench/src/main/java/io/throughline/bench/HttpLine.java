package io.throughline.bench;

import io.vertx.core.Context;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.function.LongFunction;
import java.util.stream.IntStream;

/**
 * One kept connection to a service, on which requests go one after another. It costs as little as
 * it can, since whatever the sender takes of a shared processor, the measured lacks.
 */
final class HttpLine implements AutoCloseable {

    /** What a request is answered with whose connection is gone. */
    static final int GONE = 0;

    private static final int OK = 200;

    private record Pending(Buffer request, IntConsumer status) {}

    private final Context context;
    private final NetSocket socket;
    private final ResponseReader reader = new ResponseReader();
    private final Deque<Pending> pending = new ArrayDeque<>();
    private boolean gone;

    private HttpLine(Context context, NetSocket socket) {
        this.context = context;
        this.socket = socket;
        socket.handler(this::came);
        socket.exceptionHandler(failure -> gone());
        socket.closeHandler(closed -> gone());
    }

    /** Connects, and waits until that is done. */
    static HttpLine to(Vertx vertx, int port) {
        Context context = vertx.getOrCreateContext();
        Promise<HttpLine> connected = Promise.promise();
        NetClient client = vertx.createNetClient();
        context.runOnContext(ignored ->
                client.connect(port, "127.0.0.1")
                        .map(socket -> new HttpLine(context, socket))
                        .onComplete(connected));
        return connected.future().toCompletionStage().toCompletableFuture().join();
    }

    /**
     * Lines that each send the n-th request and expect 200.
     *
     * @param requests of the n-th
     */
    static List<Lane> lanes(List<HttpLine> lines, LongFunction<Buffer> requests) {
        return lines.stream()
                .map(line ->
                        new Lane(
                                line.context,
                                (n, answered) ->
                                        line.queue(
                                                requests.apply(n),
                                                status -> answered.as(status == OK))))
                .toList();
    }

    static List<HttpLine> several(Vertx vertx, int port, int count) {
        return IntStream.range(0, count).mapToObj(i -> to(vertx, port)).toList();
    }

    /** From any thread; the answer's status comes on the line's event loop. */
    void send(Buffer request, IntConsumer status) {
        context.runOnContext(ignored -> queue(request, status));
    }

    private void queue(Buffer request, IntConsumer status) {
        if (gone) {
            context.runOnContext(ignored -> status.accept(GONE));
            return;
        }
        pending.add(new Pending(request, status));
        if (pending.size() == 1) {
            socket.write(request);
        }
    }

    private void came(Buffer bytes) {
        reader.read(bytes).ifPresent(this::answered);
    }

    private void answered(int status) {
        Pending done = pending.remove();
        Pending next = pending.peek();
        if (next != null) {
            socket.write(next.request());
        }
        done.status().accept(status);
    }

    private void gone() {
        gone = true;
        for (Pending lost = pending.poll(); lost != null; lost = pending.poll()) {
            lost.status().accept(GONE);
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
