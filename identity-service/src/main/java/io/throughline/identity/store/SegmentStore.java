package io.throughline.identity.store;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlClient;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The definitions of segments.
 *
 * <p>Whoever evaluates holds them as they are until the end of the transaction, and whoever changes
 * them waits for all who evaluate; so nothing is ever stored by a definition that is no more.
 */
@ApplicationScoped
public class SegmentStore {

    /** Of the advisory lock; the outbox's are small numbers. */
    private static final long LOCK = 0x5e6_3e47_0001L;

    private static final String SHARE = "SELECT pg_advisory_xact_lock_shared($1)";

    private static final String EXCLUDE = "SELECT pg_advisory_xact_lock($1)";

    private static final String REVISION = "SELECT revision FROM segment_revision";

    private static final String NEXT_REVISION =
            "UPDATE segment_revision SET revision = revision + 1";

    private static final String COLUMNS =
            """
            s.key, s.version, s.name, s.description, s.condition, s.document::text AS document,
            s.created_at, s.changed_at, s.changed_by,
            (SELECT coalesce(sum(z.size), 0)::bigint FROM segment_sizes z WHERE z.segment = s.key) AS size
            """;

    /** All of them: there are hundreds at most. */
    private static final String ALL =
            "SELECT key, version, condition FROM segments WHERE NOT deleted";

    /** By the primary key; the sizes by theirs. */
    private static final String ONE =
            "SELECT " + COLUMNS + " FROM segments s WHERE s.key = $1 AND NOT s.deleted";

    /** By the primary key; the sizes by theirs. */
    private static final String PAGE =
            "SELECT "
                    + COLUMNS
                    + """
                       FROM segments s
                      WHERE NOT s.deleted AND ($1::text IS NULL OR s.key > $1)
                      ORDER BY s.key LIMIT $2
                    """;

    private static final String PUT =
            """
            INSERT INTO segments (key, version, name, description, condition, document,
                                  created_at, changed_at, changed_by)
            VALUES ($1, 1, $2, $3, $4, $5::text::json, $6, $6, $7)
            ON CONFLICT (key) DO UPDATE
               SET version = segments.version
                             + CASE WHEN segments.deleted OR segments.condition <> EXCLUDED.condition
                                    THEN 1 ELSE 0 END,
                   name = EXCLUDED.name, description = EXCLUDED.description,
                   condition = EXCLUDED.condition, document = EXCLUDED.document,
                   created_at = CASE WHEN segments.deleted THEN EXCLUDED.created_at
                                     ELSE segments.created_at END,
                   changed_at = EXCLUDED.changed_at, changed_by = EXCLUDED.changed_by,
                   deleted = false
            RETURNING version
            """;

    private static final String DELETE =
            """
            UPDATE segments SET deleted = true, changed_at = $2, changed_by = $3
             WHERE key = $1 AND NOT deleted
            RETURNING version
            """;

    private final Pool pool;

    SegmentStore(Pool pool) {
        this.pool = pool;
    }

    /** What is evaluated. */
    public record Defined(String key, int version, String condition) {}

    /**
     * A segment, for people.
     *
     * @param document the JSON form, as JSON; absent where it was written in CEL
     */
    public record Described(
            String key,
            int version,
            @Nullable String name,
            @Nullable String description,
            String condition,
            @Nullable String document,
            Instant createdAt,
            Instant changedAt,
            String changedBy,
            long size) {}

    /** How it is asked for. */
    public record Asked(
            String key,
            @Nullable String name,
            @Nullable String description,
            String condition,
            @Nullable String document) {}

    /** Keeps the definitions as they are, and says which revision of them that is. */
    public Uni<Long> hold(SqlConnection tx) {
        return lock(tx, SHARE).chain(() -> revision(tx));
    }

    /** Keeps everybody else from evaluating and from changing them. */
    public Uni<Void> exclude(SqlConnection tx) {
        return lock(tx, EXCLUDE);
    }

    public Uni<Long> revision() {
        return revision(pool);
    }

    public Uni<List<Defined>> all() {
        return all(pool);
    }

    public Uni<List<Defined>> all(SqlClient client) {
        return client.preparedQuery(ALL)
                .execute()
                .map(rows ->
                        Columns.list(
                                rows,
                                row ->
                                        new Defined(
                                                row.getString("key"),
                                                row.getInteger("version"),
                                                row.getString("condition"))));
    }

    public Uni<Optional<Described>> one(String key) {
        return one(pool, key);
    }

    public Uni<Optional<Described>> one(SqlClient client, String key) {
        return client.preparedQuery(ONE)
                .execute(Tuple.of(key))
                .map(rows -> Columns.list(rows, SegmentStore::described).stream().findFirst());
    }

    /**
     * In the order of keys.
     *
     * @param after the last of the page before; absent for the first
     */
    public Uni<List<Described>> page(@Nullable String after, int limit) {
        return pool.preparedQuery(PAGE)
                .execute(Tuple.from(Arrays.asList(after, limit)))
                .map(rows -> Columns.list(rows, SegmentStore::described));
    }

    /** Stores a segment and gives its version, which is another where its condition is. */
    public Uni<Integer> put(SqlConnection tx, Asked asked, Instant at, String by) {
        Tuple values =
                Tuple.from(
                        Arrays.asList(
                                asked.key(),
                                asked.name(),
                                asked.description(),
                                asked.condition(),
                                asked.document(),
                                Columns.time(at),
                                by));
        return tx.preparedQuery(PUT)
                .execute(values)
                .map(rows -> rows.iterator().next().getInteger("version"))
                .call(() -> nextRevision(tx));
    }

    /** Removes a segment and gives its last version; empty where there was none. */
    public Uni<Optional<Integer>> delete(SqlConnection tx, String key, Instant at, String by) {
        return tx.preparedQuery(DELETE)
                .execute(Tuple.of(key, Columns.time(at), by))
                .map(rows ->
                        Columns.list(rows, row -> row.getInteger("version")).stream().findFirst())
                .call(() -> nextRevision(tx));
    }

    private static Uni<Void> nextRevision(SqlConnection tx) {
        return tx.query(NEXT_REVISION).execute().replaceWithVoid();
    }

    private static Uni<Void> lock(SqlConnection tx, String how) {
        return tx.preparedQuery(how).execute(Tuple.of(LOCK)).replaceWithVoid();
    }

    private static Uni<Long> revision(SqlClient client) {
        return client.preparedQuery(REVISION)
                .execute()
                .map(rows -> rows.iterator().next().getLong("revision"));
    }

    private static Described described(Row row) {
        return new Described(
                row.getString("key"),
                row.getInteger("version"),
                row.getString("name"),
                row.getString("description"),
                row.getString("condition"),
                row.getString("document"),
                Columns.instant(row, "created_at"),
                Columns.instant(row, "changed_at"),
                row.getString("changed_by"),
                row.getLong("size"));
    }
}
