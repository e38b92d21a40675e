package io.throughline.channel.inbound;

import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Function;

/**
 * Does work in batches without waiting for them to fill: what comes while a batch is under way
 * makes the next one. Each item is answered when its batch is done.
 */
final class Batches<T> {

    private final Function<List<T>, Uni<Void>> work;
    private final int atOnce;
    private final Deque<Waiting<T>> waiting = new ArrayDeque<>();
    private boolean busy;

    private record Waiting<T>(T item, UniEmitter<? super Void> emitter) {}

    Batches(int atOnce, Function<List<T>, Uni<Void>> work) {
        this.work = work;
        this.atOnce = atOnce;
    }

    Uni<Void> add(T item) {
        return Uni.createFrom()
                .emitter(emitter -> {
                    synchronized (this) {
                        waiting.add(new Waiting<>(item, emitter));
                    }
                    next();
                });
    }

    private void next() {
        List<Waiting<T>> batch = new ArrayList<>();
        synchronized (this) {
            if (busy || waiting.isEmpty()) {
                return;
            }
            busy = true;
            while (!waiting.isEmpty() && batch.size() < atOnce) {
                batch.add(waiting.removeFirst());
            }
        }
        work.apply(batch.stream().map(Waiting::item).toList())
                .subscribe()
                .with(ignored -> succeeded(batch), failure -> failed(batch, failure));
    }

    private void succeeded(List<Waiting<T>> batch) {
        free();
        batch.forEach(one -> one.emitter().complete(null));
    }

    /** One bad item must not refuse its neighbours: each is tried alone. */
    private void failed(List<Waiting<T>> batch, Throwable failure) {
        if (batch.size() == 1) {
            free();
            batch.getFirst().emitter().fail(failure);
            return;
        }
        alone(batch, 0);
    }

    private void alone(List<Waiting<T>> batch, int index) {
        if (index == batch.size()) {
            free();
            return;
        }
        Waiting<T> one = batch.get(index);
        work.apply(List.of(one.item()))
                .subscribe()
                .with(
                        ignored -> {
                            one.emitter().complete(null);
                            alone(batch, index + 1);
                        },
                        failure -> {
                            one.emitter().fail(failure);
                            alone(batch, index + 1);
                        });
    }

    private void free() {
        synchronized (this) {
            busy = false;
        }
        next();
    }
}
