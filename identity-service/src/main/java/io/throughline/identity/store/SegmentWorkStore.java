package io.throughline.identity.store;

import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import io.smallrye.mutiny.Uni;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.json.ContractJson;
import io.throughline.identity.segment.SegmentCondition.Reason;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Segments on their way through the customers: filled, emptied, or tried. */
@ApplicationScoped
public class SegmentWorkStore {

    /** The customers are counted once, by the index customers_component alone. */
    private static final String BEGIN =
            """
            INSERT INTO segment_work (id, kind, segment, version, condition, total, created_at)
            VALUES ($1, $2, $3, $4, $5,
                    CASE WHEN $2 = 'empty'
                         THEN (SELECT coalesce(sum(size), 0) FROM segment_sizes WHERE segment = $3)
                         ELSE (SELECT count(*) FROM customers WHERE component IS NOT NULL) END, $6)
            """;

    /** By the index segment_work_segment. */
    private static final String SUPERSEDE =
            """
            UPDATE segment_work SET superseded = true, finished_at = $2, claimed_until = NULL
             WHERE segment = $1 AND finished_at IS NULL AND kind <> 'preview'
            """;

    /**
     * By the index segment_work_unfinished; what was left alone longest comes first. A preview
     * binds nobody, so it need not wait.
     */
    private static final String CLAIM =
            """
            UPDATE segment_work SET claimed_until = now() + $2 * interval '1 millisecond'
             WHERE id = (SELECT id FROM segment_work
                          WHERE finished_at IS NULL
                            AND (claimed_until IS NULL OR claimed_until < now())
                            AND (kind = 'preview' OR begun_at < now() - $1 * interval '1 millisecond')
                          ORDER BY claimed_until NULLS FIRST, begun_at LIMIT 1
                            FOR UPDATE SKIP LOCKED)
            RETURNING id, kind, segment, version, condition
            """;

    /** By the primary key. */
    private static final String GO_ON =
            """
            SELECT last_customer, found, sample::text AS sample FROM segment_work
             WHERE id = $1 AND finished_at IS NULL FOR UPDATE
            """;

    /** By the primary key. */
    private static final String NEXT =
            """
            SELECT id FROM customers
             WHERE merged_into IS NULL AND erased_at IS NULL AND ($1::uuid IS NULL OR id > $1) ORDER BY id LIMIT $2
            """;

    private static final String ADVANCE =
            """
            UPDATE segment_work
               SET last_customer = $2, customers = customers + $3, found = found + $4,
                   claimed_until = now() + $5 * interval '1 millisecond'
             WHERE id = $1
            """;

    private static final String SAMPLE =
            "UPDATE segment_work SET sample = $2::text::json WHERE id = $1";

    private static final String RELEASE =
            "UPDATE segment_work SET claimed_until = now() WHERE id = $1";

    private static final String FINISH =
            "UPDATE segment_work SET finished_at = $2, claimed_until = NULL WHERE id = $1";

    private static final String COLUMNS =
            """
            id, kind, segment, version, condition, customers, total, found, sample::text AS sample,
            created_at, finished_at
            """;

    /** By the primary key. */
    private static final String ONE =
            "SELECT " + COLUMNS + " FROM segment_work WHERE id = $1 AND kind = 'preview'";

    /** By the index segment_work_segment. */
    private static final String LAST =
            "SELECT DISTINCT ON (segment) "
                    + COLUMNS
                    + """
                       FROM segment_work WHERE segment = ANY($1) AND kind = 'fill'
                      ORDER BY segment, begun_at DESC
                    """;

    /** By the index segment_work_segment, which has previews under the empty key. */
    private static final String PRUNE =
            """
            DELETE FROM segment_work
             WHERE (segment = '' AND begun_at < now() - interval '7 days')
                OR (superseded AND begun_at < now() - interval '7 days')
            """;

    private static final TypeReference<List<Sampled>> SAMPLED = new TypeReference<>() {};

    private final Pool pool;

    SegmentWorkStore(Pool pool) {
        this.pool = pool;
    }

    /** What is done with a segment. */
    public enum Kind {
        FILL,
        EMPTY,
        PREVIEW;

        @JsonValue
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        static Kind of(String word) {
            return valueOf(word.toUpperCase(Locale.ROOT));
        }
    }

    /** Work that this process has claimed. */
    public record Claimed(UUID id, Kind kind, String segment, int version, String condition) {}

    /**
     * Where work goes on.
     *
     * @param after the last customer that was looked at; absent at the beginning
     */
    public record Place(@Nullable UUID after, long found, List<Sampled> sample) {}

    /** Somebody of whom the condition holds, and why. */
    public record Sampled(CustomerId customer, List<Reason> why) {}

    /**
     * How far work has come.
     *
     * @param customers so many have been looked at
     * @param total so many there were at the beginning
     * @param found of so many of them it holds
     */
    public record Progress(
            UUID id,
            Kind kind,
            String segment,
            int version,
            String condition,
            long customers,
            long total,
            long found,
            List<Sampled> sample,
            Instant createdAt,
            @Nullable Instant finishedAt) {}

    /**
     * Begins work in the caller's transaction, in the place of what is under way for the segment.
     */
    public Uni<Void> begin(
            SqlConnection tx,
            UUID id,
            Kind kind,
            String segment,
            int version,
            String condition,
            Instant at) {
        Uni<Void> superseded =
                kind == Kind.PREVIEW
                        ? Uni.createFrom().voidItem()
                        : tx.preparedQuery(SUPERSEDE)
                                .execute(Tuple.of(segment, Columns.time(at)))
                                .replaceWithVoid();
        return superseded
                .chain(() ->
                        tx.preparedQuery(BEGIN)
                                .execute(
                                        Tuple.of(
                                                id,
                                                kind.word(),
                                                segment,
                                                version,
                                                condition,
                                                Columns.time(at))))
                .replaceWithVoid();
    }

    /**
     * Takes work that nobody is at.
     *
     * @param known what began less than that ago is left until every process knows of it
     */
    public Uni<Optional<Claimed>> claim(SqlConnection tx, Duration known, Duration claimed) {
        return tx.preparedQuery(CLAIM)
                .execute(Tuple.of((double) known.toMillis(), (double) claimed.toMillis()))
                .map(rows -> Columns.list(rows, SegmentWorkStore::claimed).stream().findFirst());
    }

    /** Where work goes on, locked; empty where it is finished or another took its place. */
    public Uni<Optional<Place>> goOn(SqlConnection tx, UUID work) {
        return tx.preparedQuery(GO_ON)
                .execute(Tuple.of(work))
                .map(rows -> Columns.list(rows, SegmentWorkStore::place).stream().findFirst());
    }

    /** The customers after one, in the order of ids. */
    public Uni<List<CustomerId>> next(SqlConnection tx, @Nullable UUID after, int most) {
        return tx.preparedQuery(NEXT)
                .execute(Tuple.of(after, most))
                .map(rows -> Columns.list(rows, row -> Columns.customer(row, "id")));
    }

    /** Writes down how far it is. */
    public Uni<Void> advance(
            SqlConnection tx, UUID work, List<CustomerId> done, long found, Duration claimed) {
        return tx.preparedQuery(ADVANCE)
                .execute(
                        Tuple.of(
                                work,
                                done.getLast().value(),
                                (long) done.size(),
                                found,
                                (double) claimed.toMillis()))
                .replaceWithVoid();
    }

    public Uni<Void> sample(SqlConnection tx, UUID work, List<Sampled> sample) {
        return tx.preparedQuery(SAMPLE)
                .execute(Tuple.of(work, Columns.json(sample)))
                .replaceWithVoid();
    }

    /** Leaves work to whoever comes next. */
    public Uni<Void> release(UUID work) {
        return pool.preparedQuery(RELEASE).execute(Tuple.of(work)).replaceWithVoid();
    }

    public Uni<Void> finish(SqlConnection tx, UUID work, Instant at) {
        return tx.preparedQuery(FINISH).execute(Tuple.of(work, Columns.time(at))).replaceWithVoid();
    }

    /** One preview; empty where there is none of this id. */
    public Uni<Optional<Progress>> preview(UUID id) {
        return pool.preparedQuery(ONE)
                .execute(Tuple.of(id))
                .map(rows -> Columns.list(rows, SegmentWorkStore::progress).stream().findFirst());
    }

    /** How far the last filling of each segment is. */
    public Uni<Map<String, Progress>> fills(Collection<String> segments) {
        return pool.preparedQuery(LAST)
                .execute(Tuple.tuple().addArrayOfString(segments.toArray(String[]::new)))
                .map(rows ->
                        Columns.list(rows, SegmentWorkStore::progress).stream()
                                .collect(Collectors.toMap(Progress::segment, fill -> fill)));
    }

    /** Forgets previews of last week. */
    public Uni<Void> prune() {
        return pool.query(PRUNE).execute().replaceWithVoid();
    }

    private static Claimed claimed(Row row) {
        return new Claimed(
                row.getUUID("id"),
                Kind.of(row.getString("kind")),
                row.getString("segment"),
                row.getInteger("version"),
                row.getString("condition"));
    }

    private static Place place(Row row) {
        return new Place(
                row.getUUID("last_customer"),
                row.getLong("found"),
                sampled(row.getString("sample")));
    }

    private static Progress progress(Row row) {
        OffsetDateTime finished = row.getOffsetDateTime("finished_at");
        return new Progress(
                row.getUUID("id"),
                Kind.of(row.getString("kind")),
                row.getString("segment"),
                row.getInteger("version"),
                row.getString("condition"),
                row.getLong("customers"),
                row.getLong("total"),
                row.getLong("found"),
                sampled(row.getString("sample")),
                Columns.instant(row, "created_at"),
                finished == null ? null : finished.toInstant());
    }

    private static List<Sampled> sampled(String json) {
        try {
            return ContractJson.mapper().readValue(json, SAMPLED);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("segment_work holds what is no sample", e);
        }
    }
}
