package io.throughline.journey.store;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.Arrays;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Dry runs: how far each is and what it found, readable from every process. */
@ApplicationScoped
public class DryRunStore {

    private static final String ADD =
            """
            INSERT INTO dry_runs (id, journey, status, total, started_at, changed_at)
            VALUES ($1, $2, 'running', $3, $4, $4)
            """;

    // Index: dry_runs_pkey.
    private static final String PROGRESS =
            """
            UPDATE dry_runs SET played = $2, changed_at = $3 WHERE id = $1
            """;

    // Index: dry_runs_pkey.
    private static final String FINISH =
            """
            UPDATE dry_runs
               SET status = $2, report = $3, failure = $4, changed_at = $5
             WHERE id = $1
            """;

    // Index: dry_runs_pkey.
    private static final String FIND =
            """
            SELECT id, journey, status, played, total, report, failure, started_at, changed_at
              FROM dry_runs
             WHERE id = $1
            """;

    private final Pool pool;

    DryRunStore(Pool pool) {
        this.pool = pool;
    }

    /**
     * @param status {@code running}, {@code done} or {@code failed}
     * @param played customers so far
     * @param total customers there were at the start
     * @param report canonical JSON, once it is done
     * @param failure why it failed
     */
    public record Stored(
            UUID id,
            String journey,
            String status,
            long played,
            long total,
            @Nullable String report,
            @Nullable String failure,
            Instant startedAt,
            Instant changedAt) {}

    public Uni<Void> add(UUID id, String journey, long total, Instant now) {
        return pool.preparedQuery(ADD)
                .execute(Tuple.of(id, journey, total, Columns.utc(now)))
                .replaceWithVoid();
    }

    public Uni<Void> progress(UUID id, long played, Instant now) {
        return pool.preparedQuery(PROGRESS)
                .execute(Tuple.of(id, played, Columns.utc(now)))
                .replaceWithVoid();
    }

    public Uni<Void> done(UUID id, String report, Instant now) {
        return finish(id, "done", report, null, now);
    }

    public Uni<Void> failed(UUID id, String failure, Instant now) {
        return finish(id, "failed", null, failure, now);
    }

    /** Null when there is none. */
    public Uni<@Nullable Stored> find(UUID id) {
        return pool.preparedQuery(FIND).execute(Tuple.of(id)).map(DryRunStore::first);
    }

    private Uni<Void> finish(
            UUID id,
            String status,
            @Nullable String report,
            @Nullable String failure,
            Instant now) {
        return pool.preparedQuery(FINISH)
                .execute(Tuple.from(Arrays.asList(id, status, report, failure, Columns.utc(now))))
                .replaceWithVoid();
    }

    private static @Nullable Stored first(RowSet<Row> rows) {
        for (Row row : rows) {
            return new Stored(
                    row.getUUID("id"),
                    row.getString("journey"),
                    row.getString("status"),
                    row.getLong("played"),
                    row.getLong("total"),
                    row.getString("report"),
                    row.getString("failure"),
                    row.getOffsetDateTime("started_at").toInstant(),
                    row.getOffsetDateTime("changed_at").toInstant());
        }
        return null;
    }
}
