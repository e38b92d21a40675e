package io.throughline.governance.redis;

import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Sends what is asked on one event loop at the same moment as one batch: writing to a socket, and
 * reading from it at the other end, takes about as long as a decision does, so a decision that has
 * both to itself takes twice the time. Nothing waits for company: what is there when the event loop
 * has done what it is at goes.
 *
 * <p>What fails fails for all who are in it, and is not sent again: what became of each is unknown
 * then, and only its caller knows whether it may run twice, and when it is too late for that.
 */
final class Together implements Nodes {

    /** Requests in a batch, or those of one caller where they are more. */
    private static final int MOST = 512;

    private final Nodes nodes;
    private final Vertx vertx;
    private final ThreadLocal<Bus> buses = ThreadLocal.withInitial(Bus::new);

    Together(Nodes nodes, Vertx vertx) {
        this.nodes = nodes;
        this.vertx = vertx;
    }

    /** What one caller asks for. */
    private record Rider(List<Request> requests, Promise<List<@Nullable Response>> answer) {}

    @Override
    public Future<List<@Nullable Response>> batch(List<Request> requests) {
        return Context.isOnEventLoopThread() ? buses.get().take(requests) : nodes.batch(requests);
    }

    @Override
    public Future<List<@Nullable Response>> everywhere(Request request) {
        return nodes.everywhere(request);
    }

    /** Of one event loop, and used by it alone. */
    private final class Bus {

        private List<Rider> riders = new ArrayList<>();
        private int size;

        Future<List<@Nullable Response>> take(List<Request> requests) {
            if (size > 0 && size + requests.size() > MOST) {
                go();
            }
            if (riders.isEmpty()) {
                vertx.getOrCreateContext().runOnContext(ignored -> go());
            }
            Rider rider = new Rider(requests, Promise.promise());
            riders.add(rider);
            size += requests.size();
            return rider.answer().future();
        }

        private void go() {
            List<Rider> all = riders;
            riders = new ArrayList<>();
            size = 0;
            if (all.size() == 1) {
                alone(all.getFirst());
            } else if (!all.isEmpty()) {
                together(all);
            }
        }
    }

    private void alone(Rider rider) {
        nodes.batch(rider.requests()).onComplete(rider.answer());
    }

    private void together(List<Rider> riders) {
        List<Request> requests = new ArrayList<>();
        riders.forEach(rider -> requests.addAll(rider.requests()));
        nodes.batch(requests)
                .onComplete((AsyncResult<List<@Nullable Response>> done) -> {
                    if (done.succeeded()) {
                        share(riders, done.result());
                    } else {
                        riders.forEach(rider -> rider.answer().fail(done.cause()));
                    }
                });
    }

    private static void share(List<Rider> riders, List<@Nullable Response> responses) {
        int from = 0;
        for (Rider rider : riders) {
            int to = from + rider.requests().size();
            rider.answer().complete(responses.subList(from, to));
            from = to;
        }
    }
}
