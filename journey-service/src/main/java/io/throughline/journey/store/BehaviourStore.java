package io.throughline.journey.store;

import io.smallrye.mutiny.Uni;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.customer.BehaviourRecorded;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.UUID;

/** What customers did, kept for dry runs. */
@ApplicationScoped
public class BehaviourStore {

    // Index: behaviours_pkey.
    private static final String SAVE =
            """
            INSERT INTO behaviours (id, customer, received_at, event)
            SELECT n.id, n.customer, n.received_at, n.event::jsonb
              FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::text[])
                   AS n(id, customer, received_at, event)
            ON CONFLICT (id) DO NOTHING
            """;

    // Index: customers_survivor, then behaviours_customer.
    private static final String MOVE =
            """
            UPDATE behaviours
               SET customer = $2
             WHERE customer IN (SELECT $1::uuid
                                 UNION ALL
                                SELECT id FROM customers WHERE survivor = $1)
               AND (event ->> 'sighting')::uuid = ANY($3::uuid[])
            """;

    // Index: behaviours_received (BRIN: rows lie in the order in which they came).
    private static final String PRUNE =
            """
            DELETE FROM behaviours
             WHERE id IN (SELECT id
                            FROM behaviours
                           WHERE received_at < $1
                           LIMIT $2)
            """;

    private final Pool pool;

    BehaviourStore(Pool pool) {
        this.pool = pool;
    }

    /**
     * @param id of the event it came with
     */
    public record Behaviour(UUID id, BehaviourRecorded event) {}

    public Uni<Void> save(SqlConnection tx, List<Behaviour> behaviours) {
        if (behaviours.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        Tuple columns =
                Columns.of(behaviours)
                        .uuid(Behaviour::id)
                        .uuid(b -> b.event().customer().value())
                        .time(b -> b.event().receivedAt())
                        .json(Behaviour::event)
                        .tuple();
        return tx.preparedQuery(SAVE).execute(columns).replaceWithVoid();
    }

    /** What was recorded under sightings that are another customer's is hers from here on. */
    public Uni<Void> move(
            SqlConnection tx, CustomerId from, CustomerId to, Collection<UUID> sightings) {
        return tx.preparedQuery(MOVE)
                .execute(Tuple.of(from.value(), to.value(), sightings.toArray(UUID[]::new)))
                .replaceWithVoid();
    }

    /** Forgets a limited number of what was received before an instant; gives how many. */
    public Uni<Integer> prune(Instant before, int limit) {
        return pool.preparedQuery(PRUNE)
                .execute(Tuple.of(Columns.utc(before), limit))
                .map(RowSet::rowCount);
    }
}
