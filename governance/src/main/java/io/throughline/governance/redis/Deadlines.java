package io.throughline.governance.redis;

import io.vertx.core.Context;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Fails what is not answered in time. All wait equally long, so they come due in the order in which
 * they began, and one timer looks after all: nearly all are answered before it looks, and a timer
 * for each would be set and cancelled for nothing.
 */
final class Deadlines {

    private static final long LOOK_MILLIS = 20;

    private record Waiting(Promise<?> answer, Context context, long until) {

        boolean isOver(long now) {
            return answer.future().isComplete() || now - until >= 0;
        }
    }

    private final Vertx vertx;
    private final Duration patience;
    private final Queue<Waiting> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean looking = new AtomicBoolean();

    Deadlines(Vertx vertx, Duration patience) {
        this.vertx = vertx;
        this.patience = patience;
    }

    /** Fails the answer on the context unless it is there in time. */
    void watch(Promise<?> answer, Context context) {
        waiting.add(new Waiting(answer, context, System.nanoTime() + patience.toNanos()));
        lookLater();
    }

    private void lookLater() {
        if (looking.compareAndSet(false, true)) {
            vertx.setTimer(LOOK_MILLIS, timer -> look());
        }
    }

    private void look() {
        long now = System.nanoTime();
        for (Waiting first = waiting.peek();
                first != null && first.isOver(now);
                first = waiting.peek()) {
            waiting.remove();
            giveUp(first);
        }
        looking.set(false);
        if (!waiting.isEmpty()) {
            lookLater();
        }
    }

    private void giveUp(Waiting overdue) {
        if (!overdue.answer().future().isComplete()) {
            overdue.context()
                    .runOnContext(v ->
                            overdue.answer()
                                    .tryFail("Redis did not answer the gate within " + patience));
        }
    }
}
