package io.throughline.identity.store;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.smallrye.mutiny.Uni;
import io.throughline.contracts.ingest.AcceptedEvent.Kind;
import io.throughline.identity.catalogue.Catalogue.Seen;
import io.throughline.identity.catalogue.EventName;
import io.throughline.identity.catalogue.Tally;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What came under which name, and how far the log is counted. */
@ApplicationScoped
public class CatalogueStore {

    /** By the primary key. */
    private static final String POSITIONS =
            """
            SELECT log_partition, next_offset, counted_at
              FROM catalogue_positions
             WHERE log_partition = ANY($1) ORDER BY log_partition
               FOR UPDATE
            """;

    private static final String MOVE =
            """
            INSERT INTO catalogue_positions (log_partition, next_offset, counted_at)
            SELECT log_partition, next_offset, counted_at
              FROM unnest($1::int[], $2::bigint[], $3::timestamptz[])
                   AS moved (log_partition, next_offset, counted_at)
             ORDER BY log_partition
            ON CONFLICT (log_partition) DO UPDATE
               SET next_offset = EXCLUDED.next_offset, counted_at = EXCLUDED.counted_at
            """;

    /** By the primary key (kind, name); names that are new only as far as there is room. */
    private static final String COUNT =
            """
            WITH added AS (
              SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::timestamptz[], $5::timestamptz[])
                       AS a (kind, name, count, first_seen, last_seen)),
            fresh AS (
              SELECT kind, name, row_number() OVER (ORDER BY kind, name) AS n
                FROM added a
               WHERE NOT EXISTS (
                     SELECT 1 FROM event_names e WHERE e.kind = a.kind AND e.name = a.name)),
            room AS (
              SELECT $6::bigint - count(*) AS n FROM event_names)
            INSERT INTO event_names (kind, name, count, first_seen, last_seen)
            SELECT a.kind, a.name, a.count, a.first_seen, a.last_seen
              FROM added a LEFT JOIN fresh f USING (kind, name), room
             WHERE f.n IS NULL OR f.n <= room.n
             ORDER BY a.kind, a.name
            ON CONFLICT (kind, name) DO UPDATE
               SET count = event_names.count + EXCLUDED.count,
                   first_seen = least(event_names.first_seen, EXCLUDED.first_seen),
                   last_seen = greatest(event_names.last_seen, EXCLUDED.last_seen)
            RETURNING kind, name
            """;

    /** By the primary key (kind, name, property); the same. */
    private static final String DESCRIBE =
            """
            WITH added AS (
              SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::smallint[])
                       AS a (kind, name, property, types)),
            fresh AS (
              SELECT kind, name, property,
                     row_number() OVER (PARTITION BY kind, name ORDER BY property) AS n
                FROM added a
               WHERE NOT EXISTS (
                     SELECT 1 FROM event_properties p
                      WHERE p.kind = a.kind AND p.name = a.name AND p.property = a.property)),
            held AS (
              SELECT p.kind, p.name, count(*) AS n
                FROM event_properties p
                JOIN (SELECT DISTINCT kind, name FROM fresh) f USING (kind, name)
               GROUP BY p.kind, p.name)
            INSERT INTO event_properties (kind, name, property, types)
            SELECT a.kind, a.name, a.property, a.types
              FROM added a
              JOIN event_names USING (kind, name)
              LEFT JOIN fresh f USING (kind, name, property)
              LEFT JOIN held h USING (kind, name)
             WHERE f.n IS NULL OR coalesce(h.n, 0) + f.n <= $5::bigint
             ORDER BY a.kind, a.name, a.property
            ON CONFLICT (kind, name, property) DO UPDATE
               SET types = event_properties.types | EXCLUDED.types
             WHERE event_properties.types <> event_properties.types | EXCLUDED.types
            """;

    private static final String NAMES =
            "SELECT kind, name, count, first_seen, last_seen FROM event_names";

    /** By the primary key (kind, name, property). */
    private static final String PROPERTIES =
            """
            SELECT p.kind, p.name, p.property, p.types
              FROM unnest($1::text[], $2::text[]) AS asked (kind, name)
              JOIN event_properties p USING (kind, name)
             ORDER BY p.property
            """;

    private static final int REMEMBERED = 50_000;

    private final Pool pool;

    /** Types that are stored, so that most events change no property. */
    private final Cache<Property, Integer> described =
            Caffeine.newBuilder().maximumSize(REMEMBERED).build();

    CatalogueStore(Pool pool) {
        this.pool = pool;
    }

    private record Property(EventName event, String name) {}

    /**
     * How far a partition is counted.
     *
     * @param nextOffset the first that is not
     * @param at the latest time of a record that is
     */
    public record Position(int partition, long nextOffset, Instant at) {

        /** Whether a record was counted; one before the position that is later is of a new log. */
        public boolean covers(long offset, Instant time) {
            return offset < nextOffset && !time.isAfter(at);
        }
    }

    /** The positions of these partitions, held by this transaction from now on. */
    public Uni<Map<Integer, Position>> positions(SqlConnection tx, Collection<Integer> partitions) {
        return tx.preparedQuery(POSITIONS)
                .execute(Tuple.of((Object) partitions.toArray(Integer[]::new)))
                .map(rows -> {
                    Map<Integer, Position> positions = new HashMap<>();
                    for (Row row : rows) {
                        int partition = row.getInteger("log_partition");
                        positions.put(
                                partition,
                                new Position(
                                        partition,
                                        row.getLong("next_offset"),
                                        Columns.instant(row, "counted_at")));
                    }
                    return positions;
                });
    }

    public Uni<Void> move(SqlConnection tx, Collection<Position> positions) {
        return tx.preparedQuery(MOVE)
                .execute(
                        Tuple.of(
                                positions.stream().map(Position::partition).toArray(Integer[]::new),
                                Columns.longs(positions, Position::nextOffset),
                                Columns.times(positions, Position::at)))
                .replaceWithVoid();
    }

    /**
     * Adds a batch; gives how many events were left out since there was no room for their names.
     */
    public Uni<Long> add(SqlConnection tx, Tally tally) {
        if (tally.lines().isEmpty()) {
            return Uni.createFrom().item(tally.leftOut());
        }
        List<Map.Entry<EventName, Tally.Line>> lines = List.copyOf(tally.lines().entrySet());
        return tx.preparedQuery(COUNT)
                .execute(
                        Tuple.of(
                                Columns.texts(lines, line -> line.getKey().kind().word()),
                                Columns.texts(lines, line -> line.getKey().name()),
                                Columns.longs(lines, line -> line.getValue().count()),
                                Columns.times(lines, line -> line.getValue().first()),
                                Columns.times(lines, line -> line.getValue().last()),
                                (long) Tally.MOST_NAMES))
                .map(rows -> leftOut(tally, Set.copyOf(Columns.list(rows, CatalogueStore::event))))
                .call(() -> describe(tx, tally));
    }

    /** What add did is committed: it need not be done again. */
    public void remember(Tally tally) {
        tally.lines()
                .forEach((event, line) ->
                        line.types()
                                .forEach((name, types) ->
                                        described
                                                .asMap()
                                                .merge(
                                                        new Property(event, name),
                                                        types,
                                                        (a, b) -> a | b)));
    }

    /** Everything that came. */
    public Uni<List<Seen>> seen() {
        return pool.preparedQuery(NAMES)
                .execute()
                .map(rows ->
                        Columns.list(
                                rows,
                                row ->
                                        new Seen(
                                                event(row),
                                                row.getLong("count"),
                                                Columns.instant(row, "first_seen"),
                                                Columns.instant(row, "last_seen"))));
    }

    /** The properties that these events came with, each with the bits of its types. */
    public Uni<Map<EventName, Map<String, Integer>>> properties(Collection<EventName> events) {
        return pool.preparedQuery(PROPERTIES)
                .execute(
                        Tuple.of(
                                Columns.texts(events, event -> event.kind().word()),
                                Columns.texts(events, EventName::name)))
                .map(rows -> {
                    Map<EventName, Map<String, Integer>> properties = new HashMap<>();
                    for (Row row : rows) {
                        properties
                                .computeIfAbsent(event(row), ignored -> new TreeMap<>())
                                .put(row.getString("property"), (int) row.getShort("types"));
                    }
                    return properties;
                });
    }

    private record Described(EventName event, String property, int types) {}

    private Uni<Void> describe(SqlConnection tx, Tally tally) {
        List<Described> news = new ArrayList<>();
        tally.lines()
                .forEach((event, line) ->
                        line.types()
                                .forEach((name, types) -> {
                                    Integer held =
                                            described.getIfPresent(new Property(event, name));
                                    if (held == null || (held | types) != held) {
                                        news.add(new Described(event, name, types));
                                    }
                                }));
        return news.isEmpty()
                ? Uni.createFrom().voidItem()
                : tx.preparedQuery(DESCRIBE)
                        .execute(
                                Tuple.of(
                                        Columns.texts(news, n -> n.event().kind().word()),
                                        Columns.texts(news, n -> n.event().name()),
                                        Columns.texts(news, Described::property),
                                        news.stream()
                                                .map(n -> (short) n.types())
                                                .toArray(Short[]::new),
                                        (long) Tally.MOST_PROPERTIES))
                        .replaceWithVoid();
    }

    private static long leftOut(Tally tally, Set<EventName> counted) {
        long leftOut = tally.leftOut();
        for (Map.Entry<EventName, Tally.Line> line : tally.lines().entrySet()) {
            leftOut += counted.contains(line.getKey()) ? 0 : line.getValue().count();
        }
        return leftOut;
    }

    private static EventName event(Row row) {
        return new EventName(Kind.of(row.getString("kind")), row.getString("name"));
    }
}
