package io.throughline.attribution.store;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The suppression-miss ledger: messages that were handed over after a conversion or an opt-out had
 * happened and that it would have kept back, had it been in force at once. A message stands in it
 * once for conversions and once for opt-outs, with the earliest that it slipped past.
 */
@ApplicationScoped
public class Misses {

    /**
     * A day after it was in force a message that goes all the same is no late one: that a rule did
     * not hold is the decision record's to say. It bounds what has to be looked at, by
     * suppressions_in_force, customer_aliases_survivor, hand_overs_customer and lifts_customer.
     */
    private static final String SLIPPED =
            """
            WITH slipped AS (
                SELECT DISTINCT ON (h.message, s.kind)
                       h.message, who.id AS customer, h.channel, h.journey, s.kind, s.name, s.source,
                       s.happened_at, coalesce(s.left_at, s.happened_at) AS left_at,
                       coalesce(s.received_at, s.happened_at) AS received_at, s.in_force_at,
                       h.handed_over_at, h.recall
                  FROM suppressions s
                  LEFT JOIN customer_aliases a ON a.merged = s.customer
                 CROSS JOIN LATERAL (SELECT coalesce(a.survivor, s.customer) AS id) who
                 CROSS JOIN LATERAL (SELECT who.id
                                      UNION ALL
                                     SELECT merged FROM customer_aliases WHERE survivor = who.id) known
                  JOIN hand_overs h ON h.customer = known.id
                 WHERE :which
                   AND h.handed_over_at > s.happened_at
                   AND h.handed_over_at < s.in_force_at + interval '1 day'
                   AND (s.until IS NULL OR h.handed_over_at < s.until)
                   AND CASE s.kind
                       WHEN 'conversion' THEN h.heeds_silence AND h.journey IS NOT NULL
                                              AND (s.journey IS NULL OR s.journey = h.journey)
                                              AND (s.categories IS NULL OR h.category IS NULL
                                                   OR h.category = ANY(s.categories))
                       ELSE h.heeds_consent AND s.channel = h.channel AND (s.topic IS NULL OR s.topic = h.topic)
                       END
                   AND NOT EXISTS (
                       SELECT FROM (SELECT who.id
                                     UNION ALL
                                    SELECT merged FROM customer_aliases WHERE survivor = who.id) same
                         JOIN lifts l ON l.customer = same.id
                        WHERE l.kind = s.kind AND l.channel IS NOT DISTINCT FROM s.channel
                          AND l.topic IS NOT DISTINCT FROM s.topic AND l.cause IS NOT DISTINCT FROM s.cause
                          AND l.at > coalesce(s.caused_at, s.happened_at) AND l.at <= h.handed_over_at)
                 ORDER BY h.message, s.kind, s.happened_at, s.id),
            missed AS (
                SELECT s.*,
                       CASE WHEN handed_over_at < left_at THEN 'source'
                            WHEN handed_over_at < received_at THEN 'network'
                            WHEN handed_over_at < in_force_at THEN 'ingestion'
                            ELSE 'engine' END AS door,
                       (extract(epoch FROM left_at - happened_at) * 1000000)::bigint AS source_micros,
                       (extract(epoch FROM received_at - left_at) * 1000000)::bigint AS network_micros,
                       (extract(epoch FROM in_force_at - received_at) * 1000000)::bigint AS ingestion_micros,
                       (extract(epoch FROM greatest(handed_over_at, in_force_at) - in_force_at) * 1000000)::bigint
                           AS engine_micros,
                       (extract(epoch FROM greatest(handed_over_at, in_force_at) - happened_at) * 1000000)::bigint
                           AS total_micros
                  FROM slipped s)
            """;

    private static final String MISSES =
            SLIPPED.replace(
                    ":which",
                    """
                    s.in_force_at >= $1::timestamptz - interval '1 day' AND s.happened_at < $2
                       AND h.handed_over_at >= $1 AND h.handed_over_at < $2
                       AND ($3::text IS NULL OR h.journey = $3) AND ($4::text IS NULL OR h.channel = $4)\
                    """);

    /**
     * By suppressions_look. A hand-over may be told of after what it slipped past, so each is
     * looked at again, the last time when nothing that goes is a miss of it any more.
     */
    private static final String LOOK =
            """
            WITH due AS (
                SELECT id FROM suppressions WHERE look_at <= $1 ORDER BY look_at LIMIT $2 FOR UPDATE SKIP LOCKED)
            UPDATE suppressions s
               SET looks = s.looks + 1,
                   look_at = $1 + (ARRAY[interval '2 seconds', interval '30 seconds', interval '10 minutes',
                                         interval '2 hours', interval '26 hours'])[s.looks + 1]
              FROM due WHERE s.id = due.id RETURNING s.id
            """;

    /** By the primary keys. What another transaction holds is left to the next look. */
    private static final String COUNT =
            SLIPPED.replace(":which", "s.id = ANY($1)")
                    + """
                    , news AS (
                        SELECT h.message, m.kind, m.door
                          FROM missed m JOIN hand_overs h ON h.message = m.message
                         WHERE NOT m.kind = ANY(h.counted)
                           FOR UPDATE OF h SKIP LOCKED),
                    counted AS (
                        UPDATE hand_overs h SET counted = h.counted || n.kinds
                          FROM (SELECT message, array_agg(kind) AS kinds FROM news GROUP BY message) n
                         WHERE h.message = n.message)
                    SELECT kind, door, count(*) AS count FROM news GROUP BY kind, door
                    """;

    private static final String SUMMARY =
            MISSES
                    + """
                    SELECT count(*) AS count, count(DISTINCT message) AS messages,
                           count(*) FILTER (WHERE recall = 'recalled') AS recalled,
                           count(*) FILTER (WHERE door = 'source') AS source_count,
                           count(*) FILTER (WHERE door = 'network') AS network_count,
                           count(*) FILTER (WHERE door = 'ingestion') AS ingestion_count,
                           count(*) FILTER (WHERE door = 'engine') AS engine_count,
                           percentile_disc(ARRAY[0.5, 0.99, 1]) WITHIN GROUP (ORDER BY total_micros) AS total,
                           percentile_disc(ARRAY[0.5, 0.99, 1]) WITHIN GROUP (ORDER BY source_micros) AS source,
                           percentile_disc(ARRAY[0.5, 0.99, 1]) WITHIN GROUP (ORDER BY network_micros) AS network,
                           percentile_disc(ARRAY[0.5, 0.99, 1]) WITHIN GROUP (ORDER BY ingestion_micros) AS ingestion,
                           percentile_disc(ARRAY[0.5, 0.99, 1]) WITHIN GROUP (ORDER BY engine_micros) AS engine
                      FROM missed
                    """;

    private static final String SLOWEST =
            MISSES
                    + """
                    SELECT kind, source, count(*) AS count,
                           percentile_disc(ARRAY[0.5, 0.99, 1]) WITHIN GROUP (ORDER BY total_micros) AS total
                      FROM missed GROUP BY kind, source
                     ORDER BY (percentile_disc(0.99) WITHIN GROUP (ORDER BY total_micros)) DESC, kind, source
                     LIMIT $5
                    """;

    private static final String LIST =
            MISSES
                    + """
                    SELECT * FROM missed
                     WHERE ($5::timestamptz IS NULL OR (handed_over_at, message, kind) < ($5, $6, $7))
                       AND ($8::text IS NULL OR kind = $8)
                       AND ($9::boolean IS FALSE OR recall IS DISTINCT FROM 'recalled')
                     ORDER BY handed_over_at DESC, message DESC, kind DESC LIMIT $10
                    """;

    private static final List<String> DOORS = List.of("source", "network", "ingestion", "engine");

    private final Pool pool;

    Misses(Pool pool) {
        this.pool = pool;
    }

    /** Misses of one kind and door that were not counted before. */
    public record News(String kind, String door, long count) {}

    /**
     * Looks for misses of what is due, and gives those that nobody has counted. Each process may do
     * this at any time: a miss is given once.
     *
     * @param most conversions and opt-outs to look at
     */
    public Uni<List<News>> uncounted(SqlConnection tx, Instant now, int most) {
        return tx.preparedQuery(LOOK)
                .execute(Tuple.of(Columns.utc(now), most))
                .chain(due -> due.rowCount() == 0 ? none() : counted(tx, due));
    }

    private static Uni<List<News>> none() {
        return Uni.createFrom().item(List.of());
    }

    private static Uni<List<News>> counted(SqlConnection tx, RowSet<Row> due) {
        List<UUID> ids = new ArrayList<>();
        due.forEach(row -> ids.add(row.getUUID("id")));
        return tx.preparedQuery(COUNT)
                .execute(Tuple.tuple().addArrayOfUUID(ids.toArray(UUID[]::new)))
                .map(rows -> {
                    List<News> news = new ArrayList<>();
                    rows.forEach(row ->
                            news.add(
                                    new News(
                                            row.getString("kind"),
                                            row.getString("door"),
                                            row.getLong("count"))));
                    return news;
                });
    }

    /**
     * Which misses are meant, by when their message was handed over.
     *
     * @param journey absent for all
     * @param channel absent for all
     */
    public record Asked(
            Instant from, Instant to, @Nullable String journey, @Nullable String channel) {}

    /** How long something took; nothing where there was none. */
    public record Spread(Duration p50, Duration p99, Duration worst) {

        static @Nullable Spread of(Row row, String column) {
            Long[] micros = row.getArrayOfLongs(column);
            return micros == null || micros.length < 3
                    ? null
                    : new Spread(duration(micros[0]), duration(micros[1]), duration(micros[2]));
        }
    }

    /**
     * What one of the four took.
     *
     * @param door {@code source}, {@code network}, {@code ingestion} or {@code engine}
     * @param misses messages that were handed over while it was there
     */
    public record Door(
            String door,
            long misses,
            @Nullable Duration p50,
            @Nullable Duration p99,
            @Nullable Duration worst) {}

    /**
     * All misses together.
     *
     * @param misses messages; one that slipped past a conversion and an opt-out counts twice
     * @param messages each once
     * @param recalled of the misses, those whose message was taken back in time
     * @param delay from when it happened until it was in force, or the message had gone
     */
    public record Summary(
            long misses, long messages, long recalled, @Nullable Spread delay, List<Door> doors) {}

    /** The misses that one source has told of, or one means of opting out. */
    public record Source(String kind, String source, long misses, @Nullable Spread delay) {}

    /** What the delay of one miss is made of. */
    public record Parts(Duration source, Duration network, Duration ingestion, Duration engine) {}

    /**
     * One message that slipped past.
     *
     * @param kind {@code conversion} or {@code opt_out}
     * @param event the name of the event that converted
     * @param source that told of the conversion; the means of an opt-out
     * @param door where the conversion or opt-out was when the message was handed over
     * @param recall what came of taking it back, as it stands with the message; absent where that
     *     was not tried
     */
    public record Miss(
            UUID message,
            UUID customer,
            String channel,
            @Nullable String journey,
            String kind,
            @Nullable String event,
            String source,
            Instant happenedAt,
            Instant receivedAt,
            Instant inForceAt,
            Instant handedOverAt,
            String door,
            Duration delay,
            Parts parts,
            @Nullable String recall) {}

    /** Where a list, newest first, goes on: after this one. */
    public record Position(Instant handedOverAt, UUID message, String kind) {}

    public Uni<Summary> summary(Asked asked) {
        return pool.preparedQuery(SUMMARY)
                .execute(parameters(asked))
                .map(rows -> summary(rows.iterator().next()));
    }

    /** Those whose 99th percentile is the longest, first. */
    public Uni<List<Source>> slowest(Asked asked, int most) {
        return pool.preparedQuery(SLOWEST)
                .execute(parameters(asked).addInteger(most))
                .map(rows -> {
                    List<Source> sources = new ArrayList<>();
                    rows.forEach(row ->
                            sources.add(
                                    new Source(
                                            row.getString("kind"),
                                            row.getString("source"),
                                            row.getLong("count"),
                                            Spread.of(row, "total"))));
                    return sources;
                });
    }

    /** The misses, those handed over last first. */
    public Uni<List<Miss>> list(Asked asked, @Nullable Position after, int most) {
        return list(asked, after, null, false, most);
    }

    /** Messages that slipped past an opt-out and that nobody could take back. */
    public Uni<List<Miss>> pastRecall(Instant from, Instant to, int most) {
        return list(new Asked(from, to, null, null), null, "opt_out", true, most);
    }

    private Uni<List<Miss>> list(
            Asked asked,
            @Nullable Position after,
            @Nullable String kind,
            boolean pastRecall,
            int most) {
        return pool.preparedQuery(LIST)
                .execute(
                        parameters(asked)
                                .addOffsetDateTime(
                                        Columns.utc(after == null ? null : after.handedOverAt()))
                                .addUUID(after == null ? null : after.message())
                                .addString(after == null ? null : after.kind())
                                .addString(kind)
                                .addBoolean(pastRecall)
                                .addInteger(most))
                .map(rows -> {
                    List<Miss> misses = new ArrayList<>();
                    rows.forEach(row -> misses.add(miss(row)));
                    return misses;
                });
    }

    private static Tuple parameters(Asked asked) {
        return Tuple.tuple()
                .addOffsetDateTime(Columns.utc(asked.from()))
                .addOffsetDateTime(Columns.utc(asked.to()))
                .addString(asked.journey())
                .addString(asked.channel());
    }

    private static Summary summary(Row row) {
        List<Door> doors = new ArrayList<>();
        for (String door : DOORS) {
            Spread spread = Spread.of(row, door);
            doors.add(
                    new Door(
                            door,
                            row.getLong(door + "_count"),
                            spread == null ? null : spread.p50(),
                            spread == null ? null : spread.p99(),
                            spread == null ? null : spread.worst()));
        }
        return new Summary(
                row.getLong("count"),
                row.getLong("messages"),
                row.getLong("recalled"),
                Spread.of(row, "total"),
                doors);
    }

    private static Miss miss(Row row) {
        return new Miss(
                row.getUUID("message"),
                row.getUUID("customer"),
                row.getString("channel"),
                row.getString("journey"),
                row.getString("kind"),
                row.getString("name"),
                row.getString("source"),
                instant(row, "happened_at"),
                instant(row, "received_at"),
                instant(row, "in_force_at"),
                instant(row, "handed_over_at"),
                row.getString("door"),
                duration(row.getLong("total_micros")),
                new Parts(
                        duration(row.getLong("source_micros")),
                        duration(row.getLong("network_micros")),
                        duration(row.getLong("ingestion_micros")),
                        duration(row.getLong("engine_micros"))),
                row.getString("recall"));
    }

    private static Instant instant(Row row, String column) {
        return row.getOffsetDateTime(column).toInstant();
    }

    static Duration duration(long micros) {
        return Duration.ofNanos(micros * 1_000);
    }
}
