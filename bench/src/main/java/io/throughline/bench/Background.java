package io.throughline.bench;

import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;

/** A load that goes on beside what is measured, until it is ended or at its own end. */
final class Background implements AutoCloseable {

    /** The load. */
    @FunctionalInterface
    interface Work {

        /**
         * @param go whether it is to go on, for one that has no end of its own
         */
        Outcome run(BooleanSupplier go) throws InterruptedException;
    }

    private final CompletableFuture<Outcome> outcome = new CompletableFuture<>();
    private volatile boolean go = true;

    Background(Work work) {
        Thread.ofPlatform()
                .daemon()
                .name("background-load")
                .start(() -> {
                    try {
                        outcome.complete(work.run(() -> go));
                    } catch (InterruptedException | RuntimeException failed) {
                        outcome.completeExceptionally(failed);
                    }
                });
    }

    /** Ends it, or waits for its own end, and gives what it gave. */
    Outcome ended() {
        go = false;
        return outcome.join();
    }

    @Override
    public void close() {
        go = false;
    }
}
