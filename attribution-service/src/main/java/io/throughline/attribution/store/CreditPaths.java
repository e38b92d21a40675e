package io.throughline.attribution.store;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.throughline.attribution.conversion.Achieved;
import io.throughline.attribution.credit.Conversion;
import io.throughline.attribution.credit.CreditTally;
import io.throughline.attribution.credit.Path;
import io.throughline.attribution.credit.Touch;
import io.throughline.contracts.Money;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.PreparedStatement;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowStream;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Conversions with the touches before them, read through a cursor so that memory stays flat. */
@ApplicationScoped
public class CreditPaths {

    private static final int FETCHED_AT_ONCE = 500;

    /**
     * By conversions_journey, then for each conversion and each id that its customer ever had
     * messages_taken or messages_engaged, and sessions_customer. %s: which time of a message
     * counts.
     */
    private static final String PATHS =
            """
            SELECT c.id, c.at, c.value, c.currency, c.reversed, t.ids, t.times, t.channels, t.journeys, t.campaigns
              FROM standing_conversions c
              LEFT JOIN LATERAL (
                   SELECT array_agg(x.id) AS ids, array_agg(x.at) AS times, array_agg(x.channel) AS channels,
                          array_agg(x.journey) AS journeys, array_agg(x.campaign) AS campaigns
                     FROM (SELECT c.customer AS id
                            UNION ALL
                           SELECT merged FROM customer_aliases WHERE survivor = c.customer) who
                    CROSS JOIN LATERAL (
                          SELECT m.id, m.{moment} AS at, m.channel, m.journey, m.template AS campaign
                            FROM messages m
                           WHERE m.customer = who.id AND m.failed_at IS NULL
                             AND m.{moment} >= c.at - make_interval(secs => $1) AND m.{moment} <= c.at
                           UNION ALL
                          SELECT s.id, s.started_at, 'web', NULL, coalesce(s.name, s.source)
                            FROM sessions s
                           WHERE s.customer = who.id
                             AND s.started_at >= c.at - make_interval(secs => $1) AND s.started_at <= c.at) x
                   ) t ON NOT c.reversed
             WHERE c.journey = $2 AND c.at >= $3 AND c.at < $4
               AND ($5::text IS NULL OR c.name = $5)
               AND ($6::text IS NULL OR EXISTS (
                    SELECT FROM assignments a
                      LEFT JOIN customer_aliases aa ON aa.merged = a.customer
                     WHERE a.journey = $6 AND NOT a.held_out AND coalesce(aa.survivor, a.customer) = c.customer
                       AND a.at <= c.at AND (c.within IS NULL OR c.at < a.at + c.within)))
            """;

    private final Pool pool;

    CreditPaths(Pool pool) {
        this.pool = pool;
    }

    /** Which messages are touches. */
    public enum Touches {
        /** Every message that was handed over and did not fail. */
        SENT("taken_at"),
        /** Only those that the customer opened or clicked, at the time of that. */
        ENGAGED("engaged_at");

        private final String column;

        Touches(String column) {
            this.column = column;
        }
    }

    /**
     * Which conversions, and what led to them.
     *
     * @param goals whose conversions count: the shop's, or a journey's own goals
     * @param name the only event that counts; absent for any
     * @param entered a journey that the customer must have entered, untreated ones not counting;
     *     absent where it does not matter
     */
    public record Question(
            Instant from,
            Instant to,
            Duration lookback,
            Touches touches,
            String goals,
            @Nullable String name,
            @Nullable String entered) {}

    /** Adds every conversion to the tally. */
    public Uni<CreditTally> addTo(CreditTally tally, Question question) {
        return pool.withTransaction(tx ->
                paths(tx, question)
                        .invoke(row -> add(tally, row))
                        .collect()
                        .last()
                        .replaceWith(tally));
    }

    private static Multi<Row> paths(SqlConnection tx, Question question) {
        String sql = PATHS.replace("{moment}", question.touches().column);
        return tx.prepare(sql)
                .onItem()
                .transformToMulti(statement -> stream(statement, question).toMulti());
    }

    private static RowStream<Row> stream(PreparedStatement statement, Question question) {
        return statement.createStream(
                FETCHED_AT_ONCE,
                Tuple.tuple()
                        .addDouble((double) question.lookback().toSeconds())
                        .addString(question.goals())
                        .addOffsetDateTime(Columns.utc(question.from()))
                        .addOffsetDateTime(Columns.utc(question.to()))
                        .addString(question.name())
                        .addString(question.entered()));
    }

    private static void add(CreditTally tally, Row row) {
        if (row.getBoolean("reversed")) {
            tally.addReversed();
        } else {
            tally.add(new Path(conversion(row), touches(row)));
        }
    }

    private static Conversion conversion(Row row) {
        BigDecimal value = row.getBigDecimal("value");
        return new Conversion(
                row.getUUID("id"),
                instant(row.getOffsetDateTime("at")),
                value == null ? null : new Money(value, row.getString("currency")));
    }

    private static List<Touch> touches(Row row) {
        UUID[] ids = row.getArrayOfUUIDs("ids");
        if (ids == null) {
            return List.of();
        }
        OffsetDateTime[] times = row.getArrayOfOffsetDateTimes("times");
        String[] channels = row.getArrayOfStrings("channels");
        String[] journeys = row.getArrayOfStrings("journeys");
        String[] campaigns = row.getArrayOfStrings("campaigns");
        List<Touch> touches = new ArrayList<>(ids.length);
        for (int i = 0; i < ids.length; i++) {
            touches.add(
                    new Touch(ids[i], instant(times[i]), channels[i], journeys[i], campaigns[i]));
        }
        return touches;
    }

    private static Instant instant(@Nullable OffsetDateTime time) {
        return Objects.requireNonNull(time).toInstant();
    }

    /** The question about the shop's conversions. */
    public static Question ofShop(
            Instant from, Instant to, Duration lookback, Touches touches, @Nullable String name) {
        return new Question(from, to, lookback, touches, Achieved.SHOP, name, null);
    }
}
