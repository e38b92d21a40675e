package io.throughline.chassis.stream;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.mutiny.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import org.jboss.logging.Logger;

/**
 * Publishes the outbox: per shard in the order of ids, at least once.
 *
 * <p>A drain of a shard is one transaction that holds the shard's advisory lock, so at any moment
 * one process publishes a shard and none owns it. Whoever commits events drains their shards at
 * once; whoever finds the lock taken tries again shortly, because the other may have looked before
 * the commit. A slow poll finds what a crashed process left.
 */
@ApplicationScoped
public class OutboxRelay {

    private static final Logger LOG = Logger.getLogger(OutboxRelay.class);

    private static final long BUSY_MILLIS = 5;
    private static final long MAX_BUSY_MILLIS = 20;
    private static final long POLL_MILLIS = 1000;
    private static final long MAX_BACKOFF_MILLIS = 5000;

    private final OutboxDrain rows;
    private final Vertx vertx;
    private final MeterRegistry metrics;
    private final Shard[] shards = new Shard[Outbox.SHARDS];

    private volatile boolean running;
    private long pollTimer;

    OutboxRelay(OutboxDrain rows, Vertx vertx, MeterRegistry metrics) {
        this.rows = rows;
        this.vertx = vertx;
        this.metrics = metrics;
        for (short i = 0; i < shards.length; i++) {
            shards[i] = new Shard(i);
        }
    }

    void start(@Observes StartupEvent event) {
        running = true;
        pollTimer = vertx.setPeriodic(POLL_MILLIS, ignored -> wake(Outbox.ALL_SHARDS));
        wake(Outbox.ALL_SHARDS);
    }

    void stop(@Observes ShutdownEvent event) {
        running = false;
        vertx.cancelTimer(pollTimer);
    }

    /**
     * Drains shards soon. Cheap where one is being drained already.
     *
     * @param set a bit for each
     */
    void wake(int set) {
        if (running) {
            for (Shard shard : shards) {
                if ((set & 1 << shard.number) != 0) {
                    shard.wake();
                }
            }
        }
    }

    /** One shard's drain loop; at most one runs at a time in this process. */
    private final class Shard {

        private final short number;
        private boolean draining;
        private boolean woken;
        private long backoffMillis = BUSY_MILLIS;
        private long busyMillis = BUSY_MILLIS;

        Shard(short number) {
            this.number = number;
        }

        void wake() {
            synchronized (this) {
                woken = true;
                if (draining) {
                    return;
                }
                draining = true;
            }
            drain();
        }

        private void drain() {
            synchronized (this) {
                woken = false;
            }
            rows.drain(number).subscribe().with(this::drained, this::failed);
        }

        private void drained(OutboxDrain.Drained found) {
            backoffMillis = BUSY_MILLIS;
            switch (found) {
                case MORE -> drain();
                case BUSY -> {
                    later(busyMillis);
                    busyMillis = Math.min(MAX_BUSY_MILLIS, busyMillis * 2);
                    return;
                }
                case EMPTY -> rest();
            }
            busyMillis = BUSY_MILLIS;
        }

        private void rest() {
            synchronized (this) {
                if (!woken) {
                    draining = false;
                    return;
                }
            }
            drain();
        }

        private void failed(Throwable failure) {
            if (running) {
                LOG.warnf(
                        "outbox shard %d cannot be published, trying again in %d ms: %s",
                        number, backoffMillis, failure);
            }
            metrics.counter("throughline.outbox.failures").increment();
            later(backoffMillis);
            backoffMillis = Math.min(MAX_BACKOFF_MILLIS, backoffMillis * 4);
        }

        private void later(long millis) {
            if (running) {
                vertx.setTimer(millis, ignored -> drain());
            } else {
                synchronized (this) {
                    draining = false;
                }
            }
        }
    }
}
