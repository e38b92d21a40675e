package io.throughline.attribution.store;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What carriers and customers made of messages, by day (UTC) and channel. */
@ApplicationScoped
public class Deliveries {

    /** By messages_tried. */
    private static final String DELIVERED =
            """
            SELECT (tried_at AT TIME ZONE 'UTC')::date AS day, channel,
                   count(*) AS tried, count(taken_at) AS sent, count(delivered_at) AS delivered,
                   count(failed_at) AS failed,
                   count(*) FILTER (WHERE taken_at IS NULL AND failed_at IS NULL) AS unknown
              FROM messages
             WHERE tried_at >= $1 AND tried_at < $2 AND ($3::text IS NULL OR journey = $3)
             GROUP BY 1, 2 ORDER BY 1, 2
            """;

    /**
     * By messages_delivered, messages_tried and objections_at; of one journey, the objections whose
     * message is known to be of it, by the messages' primary key. Not every channel and carrier
     * tells of delivery, so both denominators are given.
     */
    private static final String OBJECTED =
            """
            WITH said AS (
                SELECT (at AT TIME ZONE 'UTC')::date AS day, channel,
                       count(DISTINCT coalesce(message, id)) FILTER (WHERE kind = 'unsubscribed') AS opt_outs,
                       count(DISTINCT coalesce(message, id)) FILTER (WHERE kind = 'complained') AS complaints
                  FROM objections o
                 WHERE at >= $1 AND at < $2
                   AND ($3::text IS NULL OR EXISTS (SELECT FROM messages m
                                                     WHERE m.id = o.message AND m.journey = $3))
                 GROUP BY 1, 2),
            sent AS (
                SELECT (tried_at AT TIME ZONE 'UTC')::date AS day, channel, count(taken_at) AS sent
                  FROM messages
                 WHERE tried_at >= $1 AND tried_at < $2 AND ($3::text IS NULL OR journey = $3) GROUP BY 1, 2),
            delivered AS (
                SELECT (delivered_at AT TIME ZONE 'UTC')::date AS day, channel, count(*) AS delivered
                  FROM messages
                 WHERE delivered_at >= $1 AND delivered_at < $2 AND ($3::text IS NULL OR journey = $3)
                 GROUP BY 1, 2)
            SELECT day, channel, coalesce(sent, 0) AS sent, coalesce(delivered, 0) AS delivered,
                   coalesce(opt_outs, 0) AS opt_outs, coalesce(complaints, 0) AS complaints
              FROM said FULL JOIN sent USING (day, channel) FULL JOIN delivered USING (day, channel)
             ORDER BY day, channel
            """;

    private final Pool pool;

    Deliveries(Pool pool) {
        this.pool = pool;
    }

    /**
     * Messages of one day.
     *
     * @param tried handed over, or the carrier refused them, or it is not known which
     * @param sent taken by the carrier
     */
    public record Delivered(
            LocalDate day,
            String channel,
            long tried,
            long sent,
            long delivered,
            long failed,
            long unknown) {}

    /**
     * Objections of one day.
     *
     * @param optOuts by answering or by a message's own link; the same message's counts once
     */
    public record Objected(
            LocalDate day,
            String channel,
            long sent,
            long delivered,
            long optOuts,
            long complaints) {}

    /**
     * @param journey absent for all
     */
    public Uni<List<Delivered>> delivered(Instant from, Instant to, @Nullable String journey) {
        return days(
                DELIVERED,
                from,
                to,
                journey,
                row ->
                        new Delivered(
                                row.getLocalDate("day"),
                                row.getString("channel"),
                                row.getLong("tried"),
                                row.getLong("sent"),
                                row.getLong("delivered"),
                                row.getLong("failed"),
                                row.getLong("unknown")));
    }

    /**
     * @param journey absent for all
     */
    public Uni<List<Objected>> objected(Instant from, Instant to, @Nullable String journey) {
        return days(
                OBJECTED,
                from,
                to,
                journey,
                row ->
                        new Objected(
                                row.getLocalDate("day"),
                                row.getString("channel"),
                                row.getLong("sent"),
                                row.getLong("delivered"),
                                row.getLong("opt_outs"),
                                row.getLong("complaints")));
    }

    private <T> Uni<List<T>> days(
            String sql, Instant from, Instant to, @Nullable String journey, Function<Row, T> read) {
        return pool.preparedQuery(sql)
                .execute(Tuple.of(Columns.utc(from), Columns.utc(to), journey))
                .map(rows -> {
                    List<T> days = new ArrayList<>();
                    rows.forEach(row -> days.add(read.apply(row)));
                    return days;
                });
    }
}
