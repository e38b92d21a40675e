package io.throughline.channel.store;

import io.smallrye.mutiny.Uni;
import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.message.SuppressionReason;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Which messages were ready to go to a customer, and what became of each at the gate. */
@ApplicationScoped
public class ContactHistory {

    /** Of one customer; whoever had more within the time is told of the latest. */
    static final int MOST = 1000;

    /** Of one message. */
    private static final int MOST_ENGAGED = 20;

    /** What a contact policy decides of a message that the customer agreed to. */
    private static final String[] OF_THE_POLICY =
            Stream.of(
                            SuppressionReason.SILENCED,
                            SuppressionReason.QUIET_HOURS,
                            SuppressionReason.MINIMUM_GAP,
                            SuppressionReason.JOURNEY_CAP,
                            SuppressionReason.CHANNEL_CAP,
                            SuppressionReason.GLOBAL_CAP)
                    .map(SuppressionReason::word)
                    .toArray(String[]::new);

    /**
     * Everybody who is one with the customers asked about (customer_aliases by both its indexes),
     * their messages by messages_by_customer, and of those that were suppressed why and when, and
     * when each was opened by a person or clicked, by the primary key of message_history.
     */
    private static final String ATTEMPTS =
            SamePeople.OF_ASKED
                    + """
                    SELECT p.customer, a.*
                      FROM (SELECT customer, array_agg(person) AS persons FROM people GROUP BY customer) p
                     CROSS JOIN LATERAL (
                       SELECT m.id, m.channel, m.category, m.topic, m.journey, m.refunded_at,
                              coalesce(m.counted_at, h.at) AS at, h.reason, h.retry_at,
                              ARRAY(SELECT e.at FROM message_history e
                                     WHERE e.message = m.id
                                       AND (e.state = 'clicked' OR (e.state = 'opened' AND e.detail->'machine' = 'false'))
                                     ORDER BY e.id LIMIT $6) AS engaged
                         FROM messages m
                         LEFT JOIN LATERAL (
                           SELECT s.at, s.detail->>'reason' AS reason,
                                  coalesce((SELECT (v->>'retryAt')::timestamptz
                                              FROM jsonb_array_elements(s.detail->'verdicts') v
                                             WHERE v->>'rule' = 'silence' LIMIT 1),
                                           (s.detail->>'retryAt')::timestamptz) AS retry_at
                             FROM message_history s
                            WHERE s.message = m.id AND s.state = 'suppressed'
                            ORDER BY s.id DESC LIMIT 1) h ON m.state = 'suppressed' AND m.counted_at IS NULL
                        WHERE m.customer = ANY(p.persons)
                          AND (m.counted_at IS NOT NULL OR h.reason = ANY($4))
                          AND coalesce(m.counted_at, h.at) >= $2 AND coalesce(m.counted_at, h.at) < $3
                        ORDER BY coalesce(m.counted_at, h.at) DESC, m.id DESC
                        LIMIT $5) a
                     ORDER BY p.customer, a.at, a.id
                    """;

    private final Pool pool;

    ContactHistory(Pool pool) {
        this.pool = pool;
    }

    /**
     * A message that nothing but the contact policy could have kept back.
     *
     * @param customer as asked about; she may have had another id when it was sent
     * @param at since when it counts as a contact; of one that was suppressed, when that was
     * @param refused why it was suppressed; absent for one that was handed over, or may have been
     * @param retryAt of one that was silenced, when the silence ends; of one that was suppressed
     *     otherwise, when waiting would have helped
     * @param takenBackAt since when it does not count after all
     * @param engagedAt when the customer opened it or clicked on it, at most the first 20 times
     */
    public record Attempt(
            CustomerId customer,
            MessageId message,
            Channel channel,
            Category category,
            @Nullable String topic,
            @Nullable String journey,
            Instant at,
            @Nullable SuppressionReason refused,
            @Nullable Instant retryAt,
            @Nullable Instant takenBackAt,
            List<Instant> engagedAt) {}

    /** Those in [from, to), by customer, time and message. */
    public Uni<List<Attempt>> attempts(List<CustomerId> customers, Instant from, Instant to) {
        UUID[] ids = customers.stream().map(CustomerId::value).distinct().toArray(UUID[]::new);
        return pool.preparedQuery(ATTEMPTS)
                .execute(
                        Tuple.of(
                                ids,
                                Columns.time(from),
                                Columns.time(to),
                                OF_THE_POLICY,
                                MOST,
                                MOST_ENGAGED))
                .map(ContactHistory::attempts);
    }

    private static List<Attempt> attempts(RowSet<Row> rows) {
        List<Attempt> attempts = new ArrayList<>(rows.size());
        for (Row row : rows) {
            String reason = row.getString("reason");
            attempts.add(
                    new Attempt(
                            new CustomerId(row.getUUID("customer")),
                            new MessageId(row.getUUID("id")),
                            Channel.of(row.getString("channel")),
                            Category.of(row.getString("category")),
                            row.getString("topic"),
                            row.getString("journey"),
                            Columns.instantOf(row, "at"),
                            reason == null ? null : SuppressionReason.of(reason),
                            Columns.instant(row, "retry_at"),
                            Columns.instant(row, "refunded_at"),
                            Columns.instants(row, "engaged")));
        }
        return attempts;
    }
}
