package io.throughline.bench;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.stream.IntStream;

/**
 * One at a time of something that is done many times.
 *
 * @param context the event loop on which it is begun
 */
record Lane(Context context, Operation operation) {

    /** Begins the n-th, and says later whether it was answered as expected. */
    @FunctionalInterface
    interface Operation {
        void begin(long n, Answered answered);
    }

    /** What was waited for. */
    @FunctionalInterface
    interface Answered {
        void as(boolean expected);
    }

    /** So many side by side, spread over the event loops. */
    static List<Lane> of(Vertx vertx, int count, Operation operation) {
        return IntStream.range(0, count)
                .mapToObj(i -> new Lane(vertx.getOrCreateContext(), operation))
                .toList();
    }
}
