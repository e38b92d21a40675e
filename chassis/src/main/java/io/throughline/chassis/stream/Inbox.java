package io.throughline.chassis.stream;

import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.throughline.chassis.time.Recurring;
import io.throughline.contracts.Envelope;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jboss.logging.Logger;

/**
 * The ids of events that have been applied. Marking and applying are one transaction, which is what
 * makes a consumer idempotent. Ids are kept longer than the brokers keep the records that could
 * come again.
 */
@ApplicationScoped
public class Inbox {

    private static final Logger LOG = Logger.getLogger(Inbox.class);
    private static final Duration KEPT = Duration.ofDays(8);
    private static final Duration PRUNED_EVERY = Duration.ofHours(1);

    /**
     * By the primary key (consumer, event_id); a row that another transaction holds is waited for.
     */
    private static final String MARK =
            """
            INSERT INTO inbox (consumer, event_id)
            SELECT $1, id FROM unnest($2::uuid[]) AS id
            ON CONFLICT DO NOTHING
            RETURNING event_id
            """;

    /** By the BRIN index inbox_seen_at. */
    private static final String PRUNE =
            "DELETE FROM inbox WHERE seen_at < now() - make_interval(secs => $1)";

    private final Pool pool;
    private final Recurring recurring;

    Inbox(Pool pool, Recurring recurring) {
        this.pool = pool;
        this.recurring = recurring;
    }

    void start(@Observes StartupEvent event) {
        recurring.every(PRUNED_EVERY, LOG, "the inbox cannot be pruned", this::prune);
    }

    /** Marks events as applied and gives those that were not, each once, in their order. */
    Uni<List<Envelope<?>>> unseen(SqlConnection tx, String consumer, List<Envelope<?>> events) {
        // Sorted, so that two processes given overlapping batches wait for each other and never in
        // a circle.
        UUID[] ids = events.stream().map(Envelope::id).distinct().sorted().toArray(UUID[]::new);
        return tx.preparedQuery(MARK)
                .execute(Tuple.of(consumer, ids))
                .map(rows -> {
                    Set<UUID> fresh = new HashSet<>();
                    for (Row row : rows) {
                        fresh.add(row.getUUID(0));
                    }
                    return firstOfEach(events, fresh);
                });
    }

    private static List<Envelope<?>> firstOfEach(List<Envelope<?>> events, Set<UUID> fresh) {
        List<Envelope<?>> result = new ArrayList<>(fresh.size());
        for (Envelope<?> event : events) {
            if (fresh.remove(event.id())) {
                result.add(event);
            }
        }
        return result;
    }

    private Uni<?> prune() {
        return pool.preparedQuery(PRUNE).execute(Tuple.of((double) KEPT.toSeconds()));
    }
}
