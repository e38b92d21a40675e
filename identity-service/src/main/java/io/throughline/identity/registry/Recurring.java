package io.throughline.identity.registry;

import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/** Work that is done again and again, and not twice at the same time unless one hangs. */
final class Recurring {

    private final Logger log;
    private final String what;
    private final Supplier<Uni<Void>> work;

    /** A question whose connection died without a word would else be the last. */
    private static final Duration LONGEST = Duration.ofMinutes(2);

    private final AtomicBoolean running = new AtomicBoolean();

    private Recurring(Logger log, String what, Supplier<Uni<Void>> work) {
        this.log = log;
        this.what = what;
        this.work = work;
    }

    /**
     * Begins it; what fails is done again the next time.
     *
     * @param what cannot be done where it fails, as a sentence says it
     */
    static void every(long millis, Vertx vertx, Logger log, String what, Supplier<Uni<Void>> work) {
        Recurring recurring = new Recurring(log, what, work);
        vertx.setPeriodic(1, millis, timer -> recurring.once());
    }

    private void once() {
        if (!running.compareAndSet(false, true)) {
            return;
        }
        Uni.createFrom()
                .<Void>deferred(() -> work.get())
                .ifNoItem()
                .after(LONGEST)
                .fail()
                .onTermination()
                .invoke(() -> running.set(false))
                .subscribe()
                .with(done -> {}, failure -> log.debugf("%s now, trying again: %s", what, failure));
    }
}
