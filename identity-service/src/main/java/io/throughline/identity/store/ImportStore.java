package io.throughline.identity.store;

import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.core.JsonProcessingException;
import io.smallrye.mutiny.Uni;
import io.throughline.contracts.json.ContractJson;
import io.throughline.identity.imports.ImportOptions;
import io.throughline.identity.imports.ImportRow.Rejected;
import io.vertx.core.buffer.Buffer;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Imports: their files until they are taken in, how far each has come, and what was not taken. */
@ApplicationScoped
public class ImportStore {

    private static final String COLUMNS =
            """
            id, name, options::text AS options, state, header, bytes, bytes_done, next_part, next_byte, rows_done,
            rejected, created, merged, consents, created_at, created_by, started_at, finished_at
            """;

    private static final String ADD =
            """
            INSERT INTO imports (id, name, options, state, created_at, created_by)
            VALUES ($1, $2, $3::text::json, 'uploading', $4, $5)
            """;

    /** By the primary key. */
    private static final String FIND = "SELECT " + COLUMNS + " FROM imports WHERE id = $1";

    /** By the index imports_created_at. */
    private static final String PAGE =
            "SELECT "
                    + COLUMNS
                    + """
                    FROM imports WHERE $1::uuid IS NULL OR (created_at, id) < ($2::timestamptz, $1::uuid)
                    ORDER BY created_at DESC, id DESC LIMIT $3
                    """;

    /** A part that comes again replaces itself, while nothing has been read. */
    private static final String PUT_PART =
            """
            INSERT INTO import_parts (import_id, number, body)
            SELECT id, $2, $3 FROM imports WHERE id = $1 AND state = 'uploading'
            ON CONFLICT (import_id, number) DO UPDATE SET body = EXCLUDED.body
            """;

    /** By the primary key. */
    private static final String PARTS =
            """
            SELECT count(*) AS parts, coalesce(max(number) + 1, 0) AS next, coalesce(sum(octet_length(body)), 0) AS bytes
              FROM import_parts WHERE import_id = $1
            """;

    /** By the primary key. */
    private static final String READ_PARTS =
            """
            SELECT number, body, (SELECT max(number) FROM import_parts WHERE import_id = $1) AS last
              FROM (SELECT number, body, sum(octet_length(body)) OVER (ORDER BY number) - octet_length(body) AS begins
                      FROM import_parts WHERE import_id = $1 AND number BETWEEN $2 AND $2 + 1000) parts
             WHERE begins < $3 ORDER BY number
            """;

    /** By the primary key. */
    private static final String START =
            """
            UPDATE imports SET state = 'running', header = $2, bytes = $3, bytes_done = $4::integer, next_byte = $4::integer,
                               started_at = $5, options = $6::text::json
             WHERE id = $1 AND state = 'uploading'
            """;

    /** By the index imports_running, the oldest that nobody works on. */
    private static final String CLAIM =
            """
            UPDATE imports SET claimed_until = $2
             WHERE id = (SELECT id FROM imports
                          WHERE state = 'running' AND (claimed_until IS NULL OR claimed_until < $1)
                          ORDER BY started_at LIMIT 1 FOR UPDATE SKIP LOCKED)
            RETURNING
            """
                    + COLUMNS;

    /**
     * By the primary key. Only from where this process believed it to be: who lost its claim to
     * another changes nothing.
     */
    private static final String ADVANCE =
            """
            UPDATE imports
               SET next_part = $4, next_byte = $5, bytes_done = bytes_done + $6, rows_done = rows_done + $7,
                   rejected = rejected + $8, created = created + $9, merged = merged + $10,
                   consents = consents + $11, claimed_until = $12
             WHERE id = $1 AND state = 'running' AND next_part = $2 AND next_byte = $3
            """;

    /** By the primary key. Whoever cancels it waits until the portion is stored. */
    private static final String LOCK =
            """
            SELECT id FROM imports
             WHERE id = $1 AND state = 'running' AND next_part = $2 AND next_byte = $3
               FOR UPDATE
            """;

    private static final String REJECT =
            """
            INSERT INTO import_rejects (import_id, row_number, line, reasons)
            SELECT $1, row_number, line, string_to_array(reasons, E'\\x1f')
              FROM unnest($2::bigint[], $3::text[], $4::text[]) AS rows (row_number, line, reasons)
            ON CONFLICT DO NOTHING
            """;

    /** By the primary key. */
    private static final String FINISH =
            """
            WITH done AS (UPDATE imports SET state = $2, finished_at = $3, claimed_until = NULL
                           WHERE id = $1 AND state IN ('uploading', 'running') RETURNING id)
            DELETE FROM import_parts WHERE import_id IN (SELECT id FROM done)
            """;

    /** By the primary key. */
    private static final String REJECTED =
            """
            SELECT row_number, line, reasons FROM import_rejects
             WHERE import_id = $1 AND row_number > $2 ORDER BY row_number LIMIT $3
            """;

    /** By the primary key. */
    private static final String UNKNOWN_WORDINGS =
            """
            SELECT asked.version FROM unnest($1::text[]) AS asked (version)
             WHERE NOT EXISTS (SELECT 1 FROM consent_wordings known WHERE known.version = asked.version)
            """;

    /** By the primary key. */
    private static final String RELEASE = "UPDATE imports SET claimed_until = NULL WHERE id = $1";

    private final Pool pool;

    ImportStore(Pool pool) {
        this.pool = pool;
    }

    /** Where an import is in its life. */
    public enum State {
        UPLOADING,
        RUNNING,
        FINISHED,
        CANCELLED,
        FAILED;

        @JsonValue
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        static State of(String word) {
            return valueOf(word.toUpperCase(Locale.ROOT));
        }
    }

    /** Where the next row begins. */
    public record Position(int part, int offset) {}

    /**
     * @param header the columns of a CSV file, once started
     * @param bytes of the file, once started
     * @param rows read so far
     * @param created customers that were not known
     * @param merged customers that turned out to be one with others
     * @param consents lines of the ledger
     */
    public record Import(
            UUID id,
            String name,
            ImportOptions options,
            State state,
            @Nullable List<String> header,
            long bytes,
            long bytesDone,
            Position next,
            long rows,
            long rejected,
            long created,
            long merged,
            long consents,
            Instant createdAt,
            String createdBy,
            @Nullable Instant startedAt,
            @Nullable Instant finishedAt) {}

    /** What has been uploaded. */
    public record Uploaded(long parts, int next, long bytes) {

        /** Whether no part is missing between others. */
        public boolean isWhole() {
            return parts == next;
        }
    }

    /**
     * @param last whether the file ends with it
     */
    public record Part(int number, boolean last, Buffer body) {}

    /** How far a portion has brought an import. */
    public record Step(
            Position from,
            Position to,
            long bytes,
            long rows,
            List<Rejected> rejected,
            long created,
            long merged,
            long consents) {}

    public Uni<Void> add(UUID id, String name, ImportOptions options, Instant at, String by) {
        return pool.preparedQuery(ADD)
                .execute(Tuple.of(id, name, Columns.json(options), Columns.time(at), by))
                .replaceWithVoid();
    }

    public Uni<Optional<Import>> find(UUID id) {
        return pool.preparedQuery(FIND)
                .execute(Tuple.of(id))
                .map(rows -> Columns.list(rows, ImportStore::read).stream().findFirst());
    }

    /** Newest first. */
    public Uni<List<Import>> page(@Nullable UUID before, @Nullable Instant at, int most) {
        return pool.preparedQuery(PAGE)
                .execute(Tuple.of(before, at == null ? null : Columns.time(at), most))
                .map(rows -> Columns.list(rows, ImportStore::read));
    }

    /** False where it is not being uploaded any more. */
    public Uni<Boolean> put(UUID id, int number, byte[] body) {
        return pool.preparedQuery(PUT_PART)
                .execute(Tuple.of(id, number, Buffer.buffer(body)))
                .map(rows -> rows.rowCount() == 1);
    }

    public Uni<Uploaded> uploaded(UUID id) {
        return pool.preparedQuery(PARTS)
                .execute(Tuple.of(id))
                .map(rows -> {
                    Row row = rows.iterator().next();
                    return new Uploaded(
                            row.getLong("parts"), row.getInteger("next"), row.getLong("bytes"));
                });
    }

    /** A part, and those after it that begin less than so many bytes after it began. */
    public Uni<List<Part>> parts(UUID id, int from, long bytes) {
        return pool.preparedQuery(READ_PARTS)
                .execute(Tuple.of(id, from, bytes))
                .map(rows ->
                        Columns.list(
                                rows,
                                row ->
                                        new Part(
                                                row.getInteger("number"),
                                                row.getInteger("number")
                                                        .equals(row.getInteger("last")),
                                                row.get(Buffer.class, "body"))));
    }

    /**
     * @param rowsBegin offset of the first row in the first part
     */
    public Uni<Boolean> start(
            UUID id,
            @Nullable List<String> header,
            long bytes,
            int rowsBegin,
            Instant at,
            ImportOptions options) {
        return pool.preparedQuery(START)
                .execute(
                        Tuple.of(
                                id,
                                header == null ? null : header.toArray(String[]::new),
                                bytes,
                                rowsBegin,
                                Columns.time(at),
                                Columns.json(options)))
                .map(rows -> rows.rowCount() == 1);
    }

    /** Lets any process go on with it at once. */
    public Uni<Void> release(UUID id) {
        return pool.preparedQuery(RELEASE).execute(Tuple.of(id)).replaceWithVoid();
    }

    public Uni<Optional<Import>> claim(Instant now, Instant until) {
        return pool.preparedQuery(CLAIM)
                .execute(Tuple.of(Columns.time(now), Columns.time(until)))
                .map(rows -> Columns.list(rows, ImportStore::read).stream().findFirst());
    }

    /**
     * Keeps an import from being cancelled or brought further until the transaction ends; false
     * where it already was.
     */
    public Uni<Boolean> lock(SqlConnection tx, UUID id, Position from) {
        return tx.preparedQuery(LOCK)
                .execute(Tuple.of(id, from.part(), from.offset()))
                .map(rows -> rows.rowCount() == 1);
    }

    /** False where somebody else has brought it further, or it was cancelled. */
    public Uni<Boolean> advance(SqlConnection tx, UUID id, Step step, Instant claimedUntil) {
        return tx.preparedQuery(ADVANCE)
                .execute(
                        Tuple.tuple()
                                .addValue(id)
                                .addValue(step.from().part())
                                .addValue(step.from().offset())
                                .addValue(step.to().part())
                                .addValue(step.to().offset())
                                .addValue(step.bytes())
                                .addValue(step.rows())
                                .addValue((long) step.rejected().size())
                                .addValue(step.created())
                                .addValue(step.merged())
                                .addValue(step.consents())
                                .addValue(Columns.time(claimedUntil)))
                .map(rows -> rows.rowCount() == 1);
    }

    public Uni<Void> reject(SqlConnection tx, UUID id, List<Rejected> rejected) {
        return rejected.isEmpty()
                ? Uni.createFrom().voidItem()
                : tx.preparedQuery(REJECT)
                        .execute(
                                Tuple.of(
                                        id,
                                        Columns.longs(rejected, Rejected::number),
                                        Columns.texts(rejected, Rejected::line),
                                        Columns.texts(
                                                rejected, r -> String.join("\u001f", r.reasons()))))
                        .replaceWithVoid();
    }

    /** Ends an import; its file is not needed any more. */
    public Uni<Void> finish(UUID id, State state, Instant at) {
        return pool.preparedQuery(FINISH)
                .execute(Tuple.of(id, state.word(), Columns.time(at)))
                .replaceWithVoid();
    }

    public Uni<List<Rejected>> rejected(UUID id, long after, int most) {
        return pool.preparedQuery(REJECTED)
                .execute(Tuple.of(id, after, most))
                .map(rows ->
                        Columns.list(
                                rows,
                                row ->
                                        new Rejected(
                                                row.getLong("row_number"),
                                                row.getString("line"),
                                                Arrays.asList(row.getArrayOfStrings("reasons")))));
    }

    /** Those of the wordings that nobody registered. */
    public Uni<List<String>> unknownWordings(SqlConnection tx, List<String> versions) {
        return versions.isEmpty()
                ? Uni.createFrom().item(List.of())
                : tx.preparedQuery(UNKNOWN_WORDINGS)
                        .execute(Tuple.of(versions.toArray(String[]::new)))
                        .map(rows -> Columns.list(rows, row -> row.getString("version")));
    }

    private static Import read(Row row) {
        String[] header = row.getArrayOfStrings("header");
        return new Import(
                row.getUUID("id"),
                row.getString("name"),
                options(row.getString("options")),
                State.of(row.getString("state")),
                header == null ? null : List.of(header),
                row.getLong("bytes"),
                row.getLong("bytes_done"),
                new Position(row.getInteger("next_part"), row.getInteger("next_byte")),
                row.getLong("rows_done"),
                row.getLong("rejected"),
                row.getLong("created"),
                row.getLong("merged"),
                row.getLong("consents"),
                Columns.instant(row, "created_at"),
                row.getString("created_by"),
                time(row, "started_at"),
                time(row, "finished_at"));
    }

    private static @Nullable Instant time(Row row, String column) {
        return row.getOffsetDateTime(column) == null ? null : Columns.instant(row, column);
    }

    private static ImportOptions options(String document) {
        try {
            return ContractJson.mapper().readValue(document, ImportOptions.class);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("imports holds options that are none", e);
        }
    }
}
