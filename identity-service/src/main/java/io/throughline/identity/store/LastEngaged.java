package io.throughline.identity.store;

import io.smallrye.mutiny.Uni;
import io.throughline.contracts.CustomerId;
import io.throughline.governance.Engagement;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;

/**
 * When each customer last engaged, and whether the gate is still to be told. Only the latest is
 * kept, so it may be noted in any order and again. To the minute, rounded up: of a visit with a
 * hundred pages a few are written.
 */
@ApplicationScoped
public class LastEngaged {

    /**
     * By the primary keys, in their order. Of an erased customer nothing is noted, whatever was
     * still on its way.
     */
    private static final String NOTE =
            """
            INSERT INTO last_engaged (customer_id, at, owed)
            SELECT customer_id, at, true
              FROM unnest($1::uuid[], $2::timestamptz[]) AS heard (customer_id, at)
              JOIN customers c ON c.id = heard.customer_id AND c.erased_at IS NULL
             ORDER BY customer_id
               FOR KEY SHARE OF c
            ON CONFLICT (customer_id) DO UPDATE SET at = EXCLUDED.at, owed = true
             WHERE EXCLUDED.at > last_engaged.at
            """;

    /** By the index last_engaged_owed. */
    private static final String OWED =
            "SELECT customer_id, at FROM last_engaged WHERE owed ORDER BY customer_id LIMIT $1";

    /** By the primary key. One that is noted at this moment is told once more. */
    private static final String TOLD =
            """
            UPDATE last_engaged e SET owed = false
              FROM (SELECT l.customer_id
                      FROM unnest($1::uuid[], $2::timestamptz[]) AS told (customer_id, at)
                      JOIN last_engaged l USING (customer_id)
                     WHERE l.at = told.at
                     ORDER BY l.customer_id FOR UPDATE OF l SKIP LOCKED) AS t
             WHERE e.customer_id = t.customer_id
            """;

    private final Pool pool;
    private final InstantSource clock;

    LastEngaged(Pool pool, InstantSource clock) {
        this.pool = pool;
        this.clock = clock;
    }

    public Uni<Void> note(SqlConnection tx, Collection<Engagement> engagements) {
        if (engagements.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        Instant now = clock.instant();
        TreeMap<CustomerId, Instant> latest = new TreeMap<>();
        for (Engagement engagement : engagements) {
            latest.merge(
                    engagement.customer(),
                    kept(engagement.at(), now),
                    (a, b) -> a.isAfter(b) ? a : b);
        }
        return tx.preparedQuery(NOTE)
                .execute(
                        Tuple.of(
                                Columns.uuids(latest.keySet()),
                                Columns.times(latest.values(), at -> at)))
                .replaceWithVoid();
    }

    /** Clocks of carriers and senders go wrong: nothing happened later than now. */
    private static Instant kept(Instant at, Instant now) {
        Instant minute = (at.isAfter(now) ? now : at).truncatedTo(ChronoUnit.MINUTES);
        return minute.equals(at) ? minute : minute.plus(Duration.ofMinutes(1));
    }

    /** What the gate has not been told. */
    public Uni<List<Engagement>> owed(int most) {
        return pool.preparedQuery(OWED)
                .execute(Tuple.of(most))
                .map(rows -> Columns.list(rows, LastEngaged::engagement));
    }

    /** The gate has been told, unless more has been noted since. */
    public Uni<Void> told(List<Engagement> engagements) {
        return pool.preparedQuery(TOLD)
                .execute(
                        Tuple.of(
                                Columns.ids(engagements, Engagement::customer),
                                Columns.times(engagements, Engagement::at)))
                .replaceWithVoid();
    }

    private static Engagement engagement(Row row) {
        return new Engagement(Columns.customer(row, "customer_id"), Columns.instant(row, "at"));
    }
}
