package io.throughline.bench;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;

/** Looks again and again, on a thread of its own, until something is so. */
final class Watcher {

    /** A busy machine is to show in a figure, not end the run. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final long LOOK_AGAIN_MILLIS = 2;

    private Watcher() {}

    /**
     * Gives the time at which it was first seen to be so, as {@link System#nanoTime}.
     *
     * @param what for people, should it never be so
     */
    static CompletableFuture<Long> until(String what, Callable<Boolean> condition) {
        CompletableFuture<Long> seen = new CompletableFuture<>();
        Thread.ofVirtual()
                .name("watcher")
                .start(() -> {
                    try {
                        seen.complete(look(what, condition));
                    } catch (Exception failed) {
                        seen.completeExceptionally(failed);
                    }
                });
        return seen;
    }

    private static long look(String what, Callable<Boolean> condition) throws Exception {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.call()) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException(
                        "not so within %d s: %s".formatted(PATIENCE.toSeconds(), what));
            }
            Thread.sleep(LOOK_AGAIN_MILLIS);
        }
        return System.nanoTime();
    }
}
