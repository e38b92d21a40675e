package io.throughline.attribution.store;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.customer.CustomersMerged;
import io.throughline.contracts.customer.IdentifiersUnlinked;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Which customer an id is now. Every alias points straight at its last survivor.
 *
 * <p>Transactions that write merges wait for each other, since two links of one chain may come from
 * two partitions at once; all others neither wait nor are waited for.
 */
@ApplicationScoped
public class Customers {

    /** Keeps this lock apart from the outbox's, which have two keys. */
    private static final long MERGES = 0x7468_6d67L;

    private static final String LOCK = "SELECT pg_advisory_xact_lock($1)";

    /** By the primary key (merged) and the index customer_aliases_survivor. */
    private static final String MERGE =
            """
            WITH root AS (
                SELECT coalesce((SELECT survivor FROM customer_aliases WHERE merged = $1), $1) AS id),
            moved AS (
                UPDATE customer_aliases a SET survivor = root.id
                  FROM root WHERE a.survivor = $2 AND a.merged <> root.id)
            INSERT INTO customer_aliases (merged, survivor, merged_at)
            SELECT $2, root.id, $3 FROM root WHERE root.id <> $2
            ON CONFLICT (merged) DO NOTHING
            """;

    /** By the primary key (merged). */
    private static final String SURVIVORS =
            """
            SELECT c.id, coalesce(a.survivor, c.id) AS survivor
              FROM unnest($1::uuid[]) AS c(id)
              LEFT JOIN customer_aliases a ON a.merged = c.id
            """;

    private static final String REMEMBER =
            """
            INSERT INTO behaviour_sightings (event, sighting)
            SELECT * FROM unnest($1::uuid[], $2::uuid[])
            ON CONFLICT DO NOTHING
            """;

    private static final List<String> KEPT_BY_EVENT =
            List.of("conversions", "reversals", "sessions", "suppressions", "lifts");

    /** Notes the sightings of events under whose ids something is kept. */
    public Uni<Void> remember(SqlConnection tx, Map<UUID, UUID> sightings) {
        return sightings.isEmpty()
                ? Uni.createFrom().voidItem()
                : tx.preparedQuery(REMEMBER)
                        .execute(
                                Tuple.of(
                                        sightings.keySet().toArray(UUID[]::new),
                                        sightings.values().toArray(UUID[]::new)))
                        .replaceWithVoid();
    }

    /** What was kept of sightings that are another customer's goes there. Idempotent. */
    public Uni<Void> unlink(SqlConnection tx, List<IdentifiersUnlinked> unlinked) {
        return Multi.createFrom()
                .iterable(unlinked)
                .onItem()
                .transformToUniAndConcatenate(one -> unlink(tx, one))
                .collect()
                .last()
                .replaceWithVoid();
    }

    private static Uni<Void> unlink(SqlConnection tx, IdentifiersUnlinked unlinked) {
        Tuple moved =
                Tuple.of(
                        unlinked.customer().value(),
                        unlinked.to().value(),
                        unlinked.sightings().toArray(UUID[]::new));
        return Multi.createFrom()
                .iterable(KEPT_BY_EVENT)
                .onItem()
                .transformToUniAndConcatenate(
                        table -> tx.preparedQuery(unlinkFrom(table)).execute(moved))
                .collect()
                .last()
                .replaceWithVoid();
    }

    /**
     * By the index behaviour_sightings_sighting and the table's key, which begins with the event.
     */
    private static String unlinkFrom(String table) {
        return """
        UPDATE %s kept SET customer = $2
          FROM behaviour_sightings b
         WHERE b.sighting = ANY($3) AND kept.id = b.event
           AND kept.customer IN (SELECT $1::uuid UNION ALL
                                 SELECT merged FROM customer_aliases WHERE survivor = $1)
        """
                .formatted(table);
    }

    /** Records merges in their order. Idempotent. */
    public Uni<Void> merge(SqlConnection tx, List<CustomersMerged> merges) {
        if (merges.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        return tx.preparedQuery(LOCK)
                .execute(Tuple.of(MERGES))
                .chain(() -> tx.preparedQuery(MERGE).executeBatch(tuples(merges)))
                .replaceWithVoid();
    }

    /** Each of these ids with the customer that it is now. */
    public Uni<Map<CustomerId, CustomerId>> survivors(
            SqlConnection tx, Collection<CustomerId> customers) {
        UUID[] ids = customers.stream().map(CustomerId::value).distinct().toArray(UUID[]::new);
        return tx.preparedQuery(SURVIVORS)
                .execute(Tuple.tuple().addArrayOfUUID(ids))
                .map(rows -> {
                    Map<CustomerId, CustomerId> survivors = new HashMap<>();
                    rows.forEach(row ->
                            survivors.put(
                                    new CustomerId(row.getUUID("id")),
                                    new CustomerId(row.getUUID("survivor"))));
                    return survivors;
                });
    }

    private static List<Tuple> tuples(List<CustomersMerged> merges) {
        return merges.stream()
                .map(m ->
                        Tuple.of(
                                m.survivor().value(),
                                m.merged().value(),
                                Columns.utc(m.mergedAt())))
                .toList();
    }
}
