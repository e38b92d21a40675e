package io.throughline.identity.store;

import io.smallrye.mutiny.Uni;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.prediction.ScoresPredicted;
import io.throughline.identity.resolution.Changes;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What models expect of customers. Of each score the one that was made last is kept, and of two
 * made at one instant the higher, so it may be noted in any order and again. As with engagement,
 * whose it was when it was predicted stays: readers ask for a survivor's aliases too, and take the
 * later of each name.
 *
 * <p>What was predicted of customers who were taken apart since counts no more, under whichever of
 * their ids it was.
 */
@ApplicationScoped
public class ScoreStore {

    /** By the primary key. Whoever is erased, or never was, is left out. */
    private static final String LOCK =
            """
            SELECT id FROM customers
             WHERE id = ANY($1) AND erased_at IS NULL ORDER BY id FOR KEY SHARE
            """;

    /** By the primary key (customer_id, name), in its order. */
    private static final String NOTE =
            """
            INSERT INTO scores (customer_id, name, value, model, version, at)
            SELECT customer_id, name, value, model, version, at
              FROM unnest($1::uuid[], $2::text[], $3::float8[], $4::text[], $5::text[], $6::timestamptz[])
                   AS n (customer_id, name, value, model, version, at)
             ORDER BY customer_id, name
            ON CONFLICT (customer_id, name) DO UPDATE
               SET value = EXCLUDED.value, model = EXCLUDED.model, version = EXCLUDED.version,
                   at = EXCLUDED.at
             WHERE (EXCLUDED.at, EXCLUDED.value) > (scores.at, scores.value)
            RETURNING customer_id
            """;

    private static final String RESET =
            """
            INSERT INTO score_resets (customer_id, at)
            SELECT id, $2 FROM unnest($1::uuid[]) AS id ORDER BY id
            ON CONFLICT (customer_id) DO UPDATE SET at = greatest(score_resets.at, EXCLUDED.at)
            """;

    /** By the primary key (customer_id, name) and the index customers_merged_into. */
    private static final String FORGET =
            """
            DELETE FROM scores
             WHERE customer_id IN (SELECT unnest($1::uuid[])
                                    UNION ALL
                                   SELECT id FROM customers WHERE merged_into = ANY($1))
               AND at <= $2
            """;

    /**
     * By the primary keys (customer_id, name) and (customer_id), one range a customer id, and by
     * the index customers_merged_into.
     */
    static final String COUNTING =
            """
            WITH asked AS (
              SELECT id AS owner, id FROM unnest($1::uuid[]) AS id
              UNION ALL
              SELECT merged_into, id FROM customers WHERE merged_into = ANY($1)
            ), apart AS (
              SELECT a.owner, max(r.at) AS at
                FROM asked a JOIN score_resets r ON r.customer_id = a.id
               GROUP BY a.owner
            )
            SELECT DISTINCT ON (a.owner, s.name) a.owner, s.name, s.value, s.model, s.version, s.at
              FROM asked a
              JOIN scores s ON s.customer_id = a.id
              LEFT JOIN apart p ON p.owner = a.owner
             WHERE p.at IS NULL OR s.at > p.at
             ORDER BY a.owner, s.name, s.at DESC, s.value DESC
            """;

    private final Pool pool;

    ScoreStore(Pool pool) {
        this.pool = pool;
    }

    /** A score, by which version of which model, and when it was made. */
    public record Score(double value, String model, String version, Instant at) {}

    private record Key(CustomerId customer, String name) {

        static final Comparator<Key> ORDER =
                Comparator.comparing(Key::customer).thenComparing(Key::name);
    }

    /**
     * Notes what was predicted.
     *
     * @return whose scores are others now, under the ids they were predicted under
     */
    public Uni<Set<CustomerId>> note(SqlConnection tx, List<ScoresPredicted> predictions) {
        Map<Key, Score> latest = latest(predictions);
        Set<CustomerId> named = new HashSet<>();
        latest.keySet().forEach(key -> named.add(key.customer()));
        return tx.preparedQuery(LOCK)
                .execute(Tuple.of(Columns.uuids(named)))
                .map(rows -> Set.copyOf(Columns.list(rows, row -> Columns.customer(row, "id"))))
                .chain(there -> {
                    latest.keySet().removeIf(key -> !there.contains(key.customer()));
                    return write(tx, List.copyOf(latest.entrySet()));
                });
    }

    private static Map<Key, Score> latest(List<ScoresPredicted> predictions) {
        Map<Key, Score> latest = new TreeMap<>(Key.ORDER);
        for (ScoresPredicted one : predictions) {
            one.scores()
                    .forEach((name, value) ->
                            latest.merge(
                                    new Key(one.customer(), name),
                                    new Score(value, one.model(), one.version(), one.at()),
                                    ScoreStore::later));
        }
        return latest;
    }

    private static Score later(Score one, Score other) {
        int order = one.at().compareTo(other.at());
        return order > 0 || (order == 0 && one.value() >= other.value()) ? one : other;
    }

    private static Uni<Set<CustomerId>> write(SqlConnection tx, List<Map.Entry<Key, Score>> rows) {
        return rows.isEmpty()
                ? Uni.createFrom().item(Set.of())
                : tx.preparedQuery(NOTE)
                        .execute(
                                Tuple.of(
                                        Columns.ids(rows, row -> row.getKey().customer()),
                                        Columns.texts(rows, row -> row.getKey().name()),
                                        rows.stream()
                                                .map(row -> row.getValue().value())
                                                .toArray(Double[]::new),
                                        Columns.texts(rows, row -> row.getValue().model()),
                                        Columns.texts(rows, row -> row.getValue().version()),
                                        Columns.times(rows, row -> row.getValue().at())))
                        .map(changed ->
                                new HashSet<>(
                                        Columns.list(
                                                changed,
                                                row -> Columns.customer(row, "customer_id"))));
    }

    /** The two are not who they were: nothing that was predicted of either counts any more. */
    Uni<Void> reset(SqlConnection tx, Changes.Unlinked unlinked, Instant at) {
        Tuple both =
                Tuple.of(Columns.uuids(List.of(unlinked.from(), unlinked.to())), Columns.time(at));
        return tx.preparedQuery(RESET)
                .execute(both)
                .chain(() -> tx.preparedQuery(FORGET).execute(both))
                .replaceWithVoid();
    }

    /** What counts of a customer who was not merged away, by name. */
    public Uni<Map<String, Score>> of(CustomerId customer) {
        return pool.preparedQuery(COUNTING)
                .execute(Tuple.of(Columns.uuids(List.of(customer))))
                .map(rows -> {
                    Map<String, Score> scores = new LinkedHashMap<>();
                    rows.forEach(row -> scores.put(row.getString("name"), score(row)));
                    return scores;
                });
    }

    /** The same of several, values only. */
    static Uni<Map<CustomerId, Map<String, Double>>> values(
            SqlConnection tx, Collection<CustomerId> customers) {
        return tx.preparedQuery(COUNTING)
                .execute(Tuple.of(Columns.uuids(customers)))
                .map(rows -> {
                    Map<CustomerId, Map<String, Double>> values = new LinkedHashMap<>();
                    rows.forEach(row ->
                            values.computeIfAbsent(
                                            Columns.customer(row, "owner"),
                                            id -> new LinkedHashMap<>())
                                    .put(row.getString("name"), row.getDouble("value")));
                    return values;
                });
    }

    private static Score score(Row row) {
        return new Score(
                row.getDouble("value"),
                row.getString("model"),
                row.getString("version"),
                Columns.instant(row, "at"));
    }
}
