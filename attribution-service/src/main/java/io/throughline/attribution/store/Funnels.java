package io.throughline.attribution.store;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** How far customers got in each journey. */
@ApplicationScoped
public class Funnels {

    /** By assignments_at, messages_tried and conversions_journey. */
    private static final String COUNTS =
            """
            WITH entries AS (
                SELECT journey, count(*) FILTER (WHERE NOT held_out) AS entered,
                       count(*) FILTER (WHERE held_out) AS held_out
                  FROM assignments
                 WHERE at >= $1 AND at < $2 AND ($3::text IS NULL OR journey = $3)
                 GROUP BY journey),
            sent AS (
                SELECT journey, count(taken_at) AS sent, count(delivered_at) AS delivered,
                       count(failed_at) AS failed,
                       count(*) FILTER (WHERE taken_at IS NULL AND failed_at IS NULL) AS unknown,
                       count(opened_at) AS opened, count(clicked_at) AS clicked
                  FROM messages
                 WHERE tried_at >= $1 AND tried_at < $2 AND journey IS NOT NULL
                   AND ($3::text IS NULL OR journey = $3)
                 GROUP BY journey),
            converted AS (
                SELECT a.journey, count(DISTINCT c.customer) AS converted
                  FROM assignments a
                  LEFT JOIN customer_aliases al ON al.merged = a.customer
                  JOIN standing_conversions c
                    ON c.journey = a.journey AND c.customer = coalesce(al.survivor, a.customer)
                   AND c.at >= a.at AND (c.within IS NULL OR c.at < a.at + c.within) AND NOT c.reversed
                 WHERE a.at >= $1 AND a.at < $2 AND c.at >= $1 AND NOT a.held_out
                   AND ($3::text IS NULL OR a.journey = $3)
                 GROUP BY a.journey)
            SELECT journey, entered, held_out, sent, delivered, failed, unknown, opened, clicked, converted
              FROM entries FULL JOIN sent USING (journey) FULL JOIN converted USING (journey)
             ORDER BY journey
            """;

    /** By decisions_at. */
    private static final String REASONS =
            """
            SELECT journey, kind, coalesce(reason, '') AS reason, count(*) AS decisions
              FROM decisions
             WHERE at >= $1 AND at < $2 AND kind IN ('left', 'suppressed', 'withheld', 'ghost-send')
               AND journey IS NOT NULL AND ($3::text IS NULL OR journey = $3)
             GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
            """;

    private final Pool pool;

    Funnels(Pool pool) {
        this.pool = pool;
    }

    /**
     * One journey's counts.
     *
     * @param entered entries of treated customers; one who came in twice counts twice
     * @param sent messages that a carrier took
     * @param unknown messages of which it is not known whether a carrier took them
     * @param converted customers who entered and reached the journey's own goal in its time
     * @param ghostSends messages that held-out customers would have been asked for
     * @param left customers by why they left
     * @param suppressed messages that were asked for and not handed over, by reason
     * @param withheld messages that were not asked for, by reason
     */
    public record Funnel(
            String journey,
            long entered,
            long heldOut,
            long sent,
            long delivered,
            long failed,
            long unknown,
            long opened,
            long clicked,
            long converted,
            long ghostSends,
            Map<String, Long> left,
            Map<String, Long> suppressed,
            Map<String, Long> withheld) {}

    /**
     * Journeys in which something happened from one instant until before another.
     *
     * @param journey absent for all
     */
    public Uni<List<Funnel>> between(Instant from, Instant to, @Nullable String journey) {
        Tuple range =
                Tuple.tuple()
                        .addOffsetDateTime(Columns.utc(from))
                        .addOffsetDateTime(Columns.utc(to))
                        .addString(journey);
        return pool.preparedQuery(REASONS)
                .execute(range)
                .map(Funnels::reasons)
                .chain(reasons ->
                        pool.preparedQuery(COUNTS)
                                .execute(range)
                                .map(rows -> funnels(rows, reasons)));
    }

    private static Map<String, Map<String, Map<String, Long>>> reasons(RowSet<Row> rows) {
        Map<String, Map<String, Map<String, Long>>> reasons = new TreeMap<>();
        rows.forEach(row ->
                reasons.computeIfAbsent(row.getString("journey"), j -> new TreeMap<>())
                        .computeIfAbsent(row.getString("kind"), k -> new TreeMap<>())
                        .put(row.getString("reason"), row.getLong("decisions")));
        return reasons;
    }

    private static List<Funnel> funnels(
            RowSet<Row> rows, Map<String, Map<String, Map<String, Long>>> reasons) {
        List<Funnel> funnels = new ArrayList<>();
        for (Row row : rows) {
            String journey = row.getString("journey");
            funnels.add(funnel(journey, row, reasons.getOrDefault(journey, Map.of())));
        }
        return funnels;
    }

    private static Funnel funnel(String journey, Row row, Map<String, Map<String, Long>> reasons) {
        return new Funnel(
                journey,
                count(row, "entered"),
                count(row, "held_out"),
                count(row, "sent"),
                count(row, "delivered"),
                count(row, "failed"),
                count(row, "unknown"),
                count(row, "opened"),
                count(row, "clicked"),
                count(row, "converted"),
                reasons.getOrDefault("ghost-send", Map.of()).values().stream()
                        .mapToLong(Long::longValue)
                        .sum(),
                reasons.getOrDefault("left", Map.of()),
                reasons.getOrDefault("suppressed", Map.of()),
                reasons.getOrDefault("withheld", Map.of()));
    }

    private static long count(Row row, String column) {
        Long count = row.getLong(column);
        return count == null ? 0 : count;
    }
}
