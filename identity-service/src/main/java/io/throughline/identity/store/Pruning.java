package io.throughline.identity.store;

import io.quarkus.runtime.StartupEvent;
import io.vertx.mutiny.core.Vertx;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.time.InstantSource;
import org.jboss.logging.Logger;

/**
 * Forgets the ids of messages that no SDK sends again: theirs give up after half a day, ours are
 * kept for two.
 */
@ApplicationScoped
class Pruning {

    private static final Logger LOG = Logger.getLogger(Pruning.class);
    private static final Duration KEPT = Duration.ofDays(2);
    private static final Duration EVERY = Duration.ofMinutes(10);

    /** By the BRIN index accepted_messages_received_at. */
    private static final String PRUNE = "DELETE FROM accepted_messages WHERE received_at < $1";

    private final Pool pool;
    private final Vertx vertx;
    private final InstantSource clock;

    Pruning(Pool pool, Vertx vertx, InstantSource clock) {
        this.pool = pool;
        this.vertx = vertx;
        this.clock = clock;
    }

    void start(@Observes StartupEvent event) {
        vertx.setPeriodic(EVERY.toMillis(), ignored -> prune());
    }

    private void prune() {
        pool.preparedQuery(PRUNE)
                .execute(Tuple.of(Columns.time(clock.instant().minus(KEPT))))
                .subscribe()
                .with(
                        rows -> LOG.debugf("forgot %d message ids", rows.rowCount()),
                        failure ->
                                LOG.warnf(
                                        "message ids cannot be pruned, trying again in %s: %s",
                                        EVERY, failure));
    }
}
