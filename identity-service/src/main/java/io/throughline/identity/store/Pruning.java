package io.throughline.identity.store;

import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.throughline.chassis.time.Recurring;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jboss.logging.Logger;

/**
 * Forgets what nobody asks for any more: the ids of messages that no SDK sends again (theirs give
 * up after half a day, ours are kept for two), files that were imported, and what was found by work
 * that is done.
 */
@ApplicationScoped
class Pruning {

    private static final Logger LOG = Logger.getLogger(Pruning.class);
    private static final Duration KEPT = Duration.ofDays(2);
    private static final Duration EVERY = Duration.ofMinutes(10);

    /** By the BRIN index accepted_messages_received_at. */
    private static final String PRUNE = "DELETE FROM accepted_messages WHERE received_at < $1";

    /** By the index imports_created_at; what people left lying is personal data, too. */
    private static final String PRUNE_IMPORTS =
            """
            WITH old AS (SELECT id FROM imports WHERE created_at < $1 AND state <> 'running'),
                 parts AS (DELETE FROM import_parts WHERE import_id IN (SELECT id FROM old))
            DELETE FROM import_rejects WHERE import_id IN (SELECT id FROM old)
            """;

    private static final Duration IMPORTS_KEPT = Duration.ofDays(7);

    /** By the index preference_links_expires_at. */
    private static final String PRUNE_LINKS = "DELETE FROM preference_links WHERE expires_at < $1";

    /** What somebody confirmed proves an opt-in and stays; of the others there are few. */
    private static final String PRUNE_REQUESTS =
            "DELETE FROM opt_in_requests WHERE confirmed_at IS NULL AND expires_at < $1";

    private static final Duration REQUESTS_KEPT = Duration.ofDays(30);

    /** Previews of rules, rebuilds of the gate, and what was found. Few rows, read whole. */
    private static final String PRUNE_WORK =
            """
            WITH previews AS (DELETE FROM rule_work WHERE kind = 'preview' AND finished_at < $1)
            DELETE FROM gate_work WHERE finished_at < $1
            """;

    private static final Duration WORK_KEPT = Duration.ofDays(30);

    private final Pool pool;
    private final Recurring recurring;
    private final InstantSource clock;

    Pruning(Pool pool, Recurring recurring, InstantSource clock) {
        this.pool = pool;
        this.recurring = recurring;
        this.clock = clock;
    }

    void start(@Observes StartupEvent event) {
        recurring.every(EVERY, LOG, "what nobody asks for any more cannot be pruned", this::prune);
    }

    private Uni<?> prune() {
        Instant now = clock.instant();
        return pool.preparedQuery(PRUNE)
                .execute(Tuple.of(Columns.time(now.minus(KEPT))))
                .call(() ->
                        pool.preparedQuery(PRUNE_IMPORTS)
                                .execute(Tuple.of(Columns.time(now.minus(IMPORTS_KEPT)))))
                .call(() -> pool.preparedQuery(PRUNE_LINKS).execute(Tuple.of(Columns.time(now))))
                .call(() ->
                        pool.preparedQuery(PRUNE_REQUESTS)
                                .execute(Tuple.of(Columns.time(now.minus(REQUESTS_KEPT)))))
                .call(() ->
                        pool.preparedQuery(PRUNE_WORK)
                                .execute(Tuple.of(Columns.time(now.minus(WORK_KEPT)))));
    }
}
