package io.throughline.chassis.time;

import io.quarkus.runtime.ShutdownEvent;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import jakarta.interceptor.Interceptor;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/** Work that is done again and again until the process ends. */
@Singleton
public class Recurring {

    /** A question whose connection died without a word would else be the last. */
    private static final Duration LONGEST = Duration.ofMinutes(5);

    private final Vertx vertx;
    private final List<Long> timers = new CopyOnWriteArrayList<>();
    private volatile boolean ended;

    Recurring(Vertx vertx) {
        this.vertx = vertx;
    }

    /**
     * Does work once every period, for the first time when one is over, and not twice at the same
     * time unless one hangs. What fails is done again the next time; the log is told once, however
     * often it fails the same way.
     *
     * @param what cannot be done where it fails, as in "imports cannot be pruned"
     */
    public void every(Duration period, Logger log, String what, Supplier<? extends Uni<?>> work) {
        begin(period.toMillis(), period, new Work(log, what, work));
    }

    /** The same, for the first time at once. */
    public void nowAndEvery(
            Duration period, Logger log, String what, Supplier<? extends Uni<?>> work) {
        begin(1, period, new Work(log, what, work));
    }

    private void begin(long firstAfterMillis, Duration period, Work work) {
        timers.add(vertx.setPeriodic(firstAfterMillis, period.toMillis(), timer -> work.once()));
    }

    /** Before what the work needs goes down. */
    void stop(@Observes @Priority(Interceptor.Priority.PLATFORM_BEFORE) ShutdownEvent event) {
        ended = true;
        timers.forEach(vertx::cancelTimer);
    }

    private final class Work {

        private final Logger log;
        private final String what;
        private final Supplier<? extends Uni<?>> work;
        private final AtomicBoolean running = new AtomicBoolean();
        private volatile String lastFailure = "";

        Work(Logger log, String what, Supplier<? extends Uni<?>> work) {
            this.log = log;
            this.what = what;
            this.work = work;
        }

        private void once() {
            if (!running.compareAndSet(false, true)) {
                return;
            }
            Uni.createFrom()
                    .<Object>deferred(() -> work.get().map(done -> done))
                    .ifNoItem()
                    .after(LONGEST)
                    .fail()
                    .onTermination()
                    .invoke(() -> running.set(false))
                    .subscribe()
                    .with(done -> lastFailure = "", this::failed);
        }

        private void failed(Throwable failure) {
            String now = failure.toString();
            if (!ended && !now.equals(lastFailure)) {
                log.warnf("%s now, trying again until it can: %s", what, now);
            }
            lastFailure = now;
        }
    }
}
