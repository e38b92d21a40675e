package io.throughline.journey.store;

import io.smallrye.mutiny.Uni;
import io.throughline.contracts.policy.ContactPolicy;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Previews of a policy: what is asked, how far each is and what it found. */
@ApplicationScoped
public class PolicyPreviewStore {

    // Index: policy_previews_open.
    private static final String ADD =
            """
            INSERT INTO policy_previews (id, status, proposed, in_force, from_at, to_at, asked_at, changed_at)
            SELECT $1, 'waiting', $2, $3, $4, $5, $6, $6
             WHERE (SELECT count(*) FROM policy_previews WHERE status IN ('waiting', 'running')) < $7
            """;

    // Index: policy_previews_open.
    private static final String TAKE =
            """
            UPDATE policy_previews
               SET status = 'running', run = $1, played = 0, tries = tries + 1, changed_at = $2,
                   total = (SELECT count(*) FROM customers WHERE survivor IS NULL)
             WHERE id = (SELECT id FROM policy_previews
                          WHERE status = 'waiting' OR (status = 'running' AND changed_at < $3)
                          ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
            RETURNING id, proposed, in_force, from_at, to_at, tries
            """;

    // Index: policy_previews_pkey.
    private static final String PROGRESS =
            """
            UPDATE policy_previews SET played = $3, changed_at = $4
             WHERE id = $1 AND run = $2 AND status = 'running'
            """;

    // Index: policy_previews_pkey.
    private static final String FINISH =
            """
            UPDATE policy_previews SET status = $3, report = $4, failure = $5, changed_at = $6
             WHERE id = $1 AND run = $2 AND status = 'running'
            """;

    // Index: policy_previews_pkey.
    private static final String FIND =
            """
            SELECT id, status, from_at, to_at, played, total, report, failure, asked_at
              FROM policy_previews WHERE id = $1
            """;

    // Index: policy_previews_changed.
    private static final String FORGET =
            """
            DELETE FROM policy_previews WHERE changed_at < $1 AND status IN ('done', 'failed')
            """;

    private final Pool pool;

    PolicyPreviewStore(Pool pool) {
        this.pool = pool;
    }

    /** What is to be tried. */
    public record Asked(
            UUID id, ContactPolicy proposed, ContactPolicy inForce, Instant from, Instant to) {}

    /**
     * One that a process has taken.
     *
     * @param run shown with all that it writes
     * @param tries this one among them
     */
    public record Taken(Asked asked, UUID run, int tries) {}

    /**
     * @param status {@code waiting}, {@code running}, {@code done} or {@code failed}
     * @param played customers so far
     * @param total customers there were at the start
     * @param report canonical JSON, once it is done
     * @param failure why it failed
     */
    public record Stored(
            UUID id,
            String status,
            Instant from,
            Instant to,
            long played,
            long total,
            @Nullable String report,
            @Nullable String failure,
            Instant askedAt) {}

    /**
     * Stores one that waits.
     *
     * @param most that may be waiting or running
     * @return false where there are as many already
     */
    public Uni<Boolean> add(Asked asked, Instant now, int most) {
        return pool.preparedQuery(ADD)
                .execute(
                        Tuple.from(
                                Arrays.asList(
                                        asked.id(),
                                        Json.write(asked.proposed()),
                                        Json.write(asked.inForce()),
                                        Columns.utc(asked.from()),
                                        Columns.utc(asked.to()),
                                        Columns.utc(now),
                                        most)))
                .map(rows -> rows.rowCount() == 1);
    }

    /**
     * Takes the one that has waited longest, or whose process was lost.
     *
     * @param lost one that has not changed since before
     */
    public Uni<Optional<Taken>> take(UUID run, Instant now, Instant lost) {
        return pool.preparedQuery(TAKE)
                .execute(Tuple.of(run, Columns.utc(now), Columns.utc(lost)))
                .map(rows -> taken(run, rows));
    }

    /** Whether it is still this process's. */
    public Uni<Boolean> progress(Taken taken, long played, Instant now) {
        return pool.preparedQuery(PROGRESS)
                .execute(Tuple.of(taken.asked().id(), taken.run(), played, Columns.utc(now)))
                .map(rows -> rows.rowCount() == 1);
    }

    public Uni<Void> done(Taken taken, String report, Instant now) {
        return finish(taken, "done", report, null, now);
    }

    public Uni<Void> failed(Taken taken, String failure, Instant now) {
        return finish(taken, "failed", null, failure, now);
    }

    public Uni<Optional<Stored>> find(UUID id) {
        return pool.preparedQuery(FIND).execute(Tuple.of(id)).map(PolicyPreviewStore::stored);
    }

    /** Forgets those that ended before. */
    public Uni<Void> forget(Instant before) {
        return pool.preparedQuery(FORGET).execute(Tuple.of(Columns.utc(before))).replaceWithVoid();
    }

    private Uni<Void> finish(
            Taken taken,
            String status,
            @Nullable String report,
            @Nullable String failure,
            Instant now) {
        return pool.preparedQuery(FINISH)
                .execute(
                        Tuple.from(
                                Arrays.asList(
                                        taken.asked().id(),
                                        taken.run(),
                                        status,
                                        report,
                                        failure,
                                        Columns.utc(now))))
                .replaceWithVoid();
    }

    private static Optional<Taken> taken(UUID run, RowSet<Row> rows) {
        for (Row row : rows) {
            Asked asked =
                    new Asked(
                            row.getUUID("id"),
                            Json.read(row.getString("proposed"), ContactPolicy.class),
                            Json.read(row.getString("in_force"), ContactPolicy.class),
                            row.getOffsetDateTime("from_at").toInstant(),
                            row.getOffsetDateTime("to_at").toInstant());
            return Optional.of(new Taken(asked, run, row.getInteger("tries")));
        }
        return Optional.empty();
    }

    private static Optional<Stored> stored(RowSet<Row> rows) {
        for (Row row : rows) {
            return Optional.of(
                    new Stored(
                            row.getUUID("id"),
                            row.getString("status"),
                            row.getOffsetDateTime("from_at").toInstant(),
                            row.getOffsetDateTime("to_at").toInstant(),
                            row.getLong("played"),
                            row.getLong("total"),
                            row.getString("report"),
                            row.getString("failure"),
                            row.getOffsetDateTime("asked_at").toInstant()));
        }
        return Optional.empty();
    }
}
