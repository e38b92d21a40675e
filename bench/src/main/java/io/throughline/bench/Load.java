package io.throughline.bench;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongPredicate;

/** Ways of doing something many times and of noting how long each took. */
final class Load {

    /** How long answers may stay away. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /** Shorter than this a thread hardly sleeps anyway. */
    private static final long SHORTEST_SLEEP_NANOS = 50_000;

    private final AtomicLong next = new AtomicLong();
    private final AtomicLong failures = new AtomicLong();
    private final Latencies latencies = new Latencies();
    private final CountDownLatch under;
    private volatile long lastAnswer;

    /**
     * @param under what has to end before the load has
     */
    private Load(int under) {
        this.under = new CountDownLatch(under);
    }

    /** A closed loop over a number of operations. */
    static Outcome closed(List<Lane> lanes, long total) throws InterruptedException {
        return closed(lanes, n -> n < total);
    }

    /** A closed loop for a while. */
    static Outcome closed(List<Lane> lanes, Duration duration) throws InterruptedException {
        long end = System.nanoTime() + duration.toNanos();
        return closed(lanes, n -> System.nanoTime() < end);
    }

    /**
     * A closed loop: each lane begins its next when its last was answered.
     *
     * @param more whether the n-th is still to be done
     */
    static Outcome closed(List<Lane> lanes, LongPredicate more) throws InterruptedException {
        Load load = new Load(lanes.size());
        long start = System.nanoTime();
        for (Lane lane : lanes) {
            lane.context().runOnContext(ignored -> load.follow(lane, more));
        }
        return load.outcome(start);
    }

    private void follow(Lane lane, LongPredicate more) {
        long n = next.getAndIncrement();
        if (!more.test(n)) {
            under.countDown();
            return;
        }
        long began = System.nanoTime();
        lane.operation()
                .begin(
                        n,
                        expected -> {
                            note(expected, began);
                            follow(lane, more);
                        });
    }

    /**
     * An open loop: one after the other at a steady rate, whatever the answers do. A latency counts
     * from when the operation was due, so that a stall is felt by all that it delays.
     */
    static Outcome open(List<Lane> lanes, double perSecond, Duration duration)
            throws InterruptedException {
        return open(lanes, perSecond, duration, () -> true);
    }

    /**
     * The same, no longer than it is wanted.
     *
     * @param go whether it is to go on
     */
    static Outcome open(List<Lane> lanes, double perSecond, Duration duration, BooleanSupplier go)
            throws InterruptedException {
        int total = (int) Math.max(1, Math.round(perSecond * duration.toNanos() / 1e9));
        Load load = new Load(total);
        long start = System.nanoTime();
        for (int i = 0; i < total; i++) {
            if (!go.getAsBoolean()) {
                load.under.countDown();
                continue;
            }
            int n = i;
            Lane lane = lanes.get(n % lanes.size());
            long due = start + Math.round(n * 1e9 / perSecond);
            sleepUntil(due);
            lane.context()
                    .runOnContext(ignored ->
                            lane.operation()
                                    .begin(
                                            n,
                                            expected -> {
                                                load.note(expected, due);
                                                load.under.countDown();
                                            }));
        }
        return load.outcome(start);
    }

    private static void sleepUntil(long due) {
        for (long left = due - System.nanoTime();
                left > SHORTEST_SLEEP_NANOS;
                left = due - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    private void note(boolean expected, long began) {
        long now = System.nanoTime();
        if (expected) {
            latencies.record(now - began);
        } else {
            failures.incrementAndGet();
        }
        lastAnswer = now;
    }

    private Outcome outcome(long start) throws InterruptedException {
        if (!under.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new IllegalStateException(
                    "%d answers are still missing after %d s"
                            .formatted(under.getCount(), PATIENCE.toSeconds()));
        }
        return new Outcome(Duration.ofNanos(lastAnswer - start), latencies, failures.get());
    }
}
