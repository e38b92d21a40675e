package io.throughline.identity.store;

import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.throughline.chassis.time.Recurring;
import io.throughline.contracts.MessageId;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jboss.logging.Logger;

/** In which browsers the links of a message were followed, so that few of them are believed. */
@ApplicationScoped
public class LinkHintStore {

    private static final Logger LOG = Logger.getLogger(LinkHintStore.class);

    /** Longer than any link is believed. */
    private static final Duration KEPT = Duration.ofDays(400);

    private static final Duration PRUNED_EVERY = Duration.ofHours(6);

    /** By the primary key (message, anonymous_id), a handful of rows. */
    private static final String NOTE =
            """
            WITH known AS (
              SELECT count(*) AS browsers, coalesce(bool_or(anonymous_id = $2), false) AS again
                FROM link_hints WHERE message = $1),
            noted AS (
              INSERT INTO link_hints (message, anonymous_id, noted_at)
              SELECT $1, $2, $3 FROM known WHERE browsers < $4
              ON CONFLICT DO NOTHING)
            SELECT again OR browsers < $4 AS believed FROM known
            """;

    /** By the BRIN index link_hints_noted_at. */
    private static final String PRUNE = "DELETE FROM link_hints WHERE noted_at < $1";

    private final Pool pool;
    private final Recurring recurring;
    private final InstantSource clock;

    LinkHintStore(Pool pool, Recurring recurring, InstantSource clock) {
        this.pool = pool;
        this.recurring = recurring;
        this.clock = clock;
    }

    void start(@Observes StartupEvent event) {
        recurring.every(PRUNED_EVERY, LOG, "followed links cannot be pruned", this::prune);
    }

    /**
     * Notes that a link of the message was followed in a browser; whether it is among the first so
     * many, or was before. Browsers that come at the same moment may each be the last one.
     */
    public Uni<Boolean> note(MessageId message, String anonymousId, int browsers, Instant now) {
        return pool.preparedQuery(NOTE)
                .execute(Tuple.of(message.value(), anonymousId, Columns.time(now), browsers))
                .map(rows -> rows.iterator().next().getBoolean("believed"));
    }

    private Uni<?> prune() {
        return pool.preparedQuery(PRUNE)
                .execute(Tuple.of(Columns.time(clock.instant().minus(KEPT))));
    }
}
