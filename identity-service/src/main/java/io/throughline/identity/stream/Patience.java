package io.throughline.identity.stream;

import io.smallrye.mutiny.TimeoutException;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.Cancellable;
import io.smallrye.mutiny.subscription.UniEmitter;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Fails what takes too long. All may take equally long, so they come due in the order in which they
 * began, and one look now and then does for all of them: a timer for each would be set and
 * cancelled for nothing, which costs more than what it watches.
 */
final class Patience {

    private final long nanos;
    private final LongSupplier clock;
    private final Queue<Watched<?>> watched = new ConcurrentLinkedQueue<>();

    /**
     * @param clock in nanoseconds, as {@link System#nanoTime}
     */
    Patience(Duration patience, LongSupplier clock) {
        this.nanos = patience.toNanos();
        this.clock = clock;
    }

    /**
     * The same, which fails with a {@link TimeoutException} and cancels what it waited for at the
     * first {@link #look} after its time.
     */
    <T> Uni<T> with(Uni<T> work) {
        return Uni.createFrom()
                .emitter(emitter -> {
                    Watched<T> one = new Watched<>(emitter, clock.getAsLong() + nanos);
                    watched.add(one);
                    one.begin(work);
                    forget();
                });
    }

    /** Fails what is overdue. */
    void look() {
        long now = clock.getAsLong();
        for (Watched<?> first = watched.peek();
                first != null && first.isOver(now);
                first = watched.peek()) {
            watched.remove(first);
            first.giveUp();
        }
    }

    /** What is done leaves as soon as nothing before it is waited for. */
    private void forget() {
        for (Watched<?> first = watched.peek();
                first != null && first.done.get();
                first = watched.peek()) {
            watched.remove(first);
        }
    }

    private static final class Watched<T> {

        private final UniEmitter<? super T> emitter;
        private final long until;
        private final AtomicBoolean done = new AtomicBoolean();
        private volatile @Nullable Cancellable work;

        Watched(UniEmitter<? super T> emitter, long until) {
            this.emitter = emitter;
            this.until = until;
        }

        void begin(Uni<T> begun) {
            emitter.onTermination(this::cancel);
            work =
                    begun.subscribe()
                            .with(
                                    item -> {
                                        done.set(true);
                                        emitter.complete(item);
                                    },
                                    failure -> {
                                        done.set(true);
                                        emitter.fail(failure);
                                    });
        }

        boolean isOver(long now) {
            return done.get() || now - until >= 0;
        }

        void giveUp() {
            if (done.compareAndSet(false, true)) {
                cancelWork();
                emitter.fail(new TimeoutException());
            }
        }

        private void cancel() {
            if (done.compareAndSet(false, true)) {
                cancelWork();
            }
        }

        private void cancelWork() {
            Cancellable running = work;
            if (running != null) {
                running.cancel();
            }
        }
    }
}
