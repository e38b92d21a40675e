package io.throughline.channel.store;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.type.TypeReference;
import io.smallrye.mutiny.Uni;
import io.throughline.channel.store.SendLedger.HistoryRow;
import io.throughline.contracts.Channel;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.message.JourneyRef;
import io.throughline.contracts.message.MessageRequested.Fallback;
import io.throughline.contracts.message.Verdict;
import io.throughline.governance.explanation.Turning;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The send ledger as people read it. */
@ApplicationScoped
public class MessageRecords {

    private static final String COLUMNS =
            """
            SELECT m.id, coalesce(a.survivor, m.customer) AS customer, m.channel, m.address, m.template,
                   m.category, m.topic, m.journey, m.journey_version, m.instance, m.step,
                   m.requested_at, m.deadline, m.state, m.attempts, m.route, m.verdicts::text AS verdicts,
                   m.policy_version, m.fallbacks::text AS fallbacks, m.sent_at, m.delivered_at
              FROM messages m LEFT JOIN customer_aliases a ON a.merged = m.customer
            """;

    /** By the primary key. */
    private static final String FIND = COLUMNS + " WHERE m.id = $1";

    /** By the primary key. */
    private static final String HOLD = "SELECT id FROM messages WHERE id = $1 FOR KEY SHARE";

    private static final String AFTER =
            " AND ($1::timestamptz IS NULL OR (m.requested_at, m.id) < ($1, $2))";
    private static final String NEWEST_FIRST = " ORDER BY m.requested_at DESC, m.id DESC LIMIT $3";

    /** By the index messages_by_request. */
    private static final String LIST = COLUMNS + " WHERE true" + AFTER + NEWEST_FIRST;

    /** By the index messages_by_state. */
    private static final String LIST_BY_STATE =
            COLUMNS + " WHERE m.state = $4" + AFTER + NEWEST_FIRST;

    private static final String PEOPLE =
            """
             WHERE m.customer IN (
                   SELECT $4::uuid
                   UNION SELECT survivor FROM customer_aliases WHERE merged = $4
                   UNION SELECT merged FROM customer_aliases
                          WHERE survivor = coalesce(
                                (SELECT survivor FROM customer_aliases WHERE merged = $4), $4))
            """;

    /** By the index messages_by_customer, for everybody who is one with the customer. */
    private static final String LIST_BY_CUSTOMER = COLUMNS + PEOPLE + AFTER + NEWEST_FIRST;

    private static final String LIST_BY_BOTH =
            COLUMNS + PEOPLE + " AND m.state = $5" + AFTER + NEWEST_FIRST;

    /**
     * By the index message_history_by_message. Whoever has a message can load its picture without
     * end; the first openings and clicks say enough.
     */
    private static final String HISTORY =
            """
            SELECT at, state, detail::text AS detail
              FROM (SELECT *, row_number() OVER (PARTITION BY state ORDER BY id) AS place
                      FROM message_history WHERE message = $1) AS h
             WHERE place <= 100 OR state NOT IN ('opened', 'clicked') ORDER BY id
            """;

    /** By the index provider_ids_by_message. */
    private static final String PARTS =
            """
            SELECT route, provider_id, part, lower(status) AS status, code
              FROM provider_ids WHERE message = $1 ORDER BY part
            """;

    /** By the partial index messages_to_claim. */
    private static final String QUEUED =
            "SELECT channel, count(*) AS n FROM messages WHERE state = 'queued' GROUP BY channel";

    /** By the index messages_by_sent. */
    private static final String RECENT =
            """
            SELECT channel, count(*) AS sent, count(*) FILTER (WHERE state = 'delivered') AS delivered,
                   count(*) FILTER (WHERE state = 'failed') AS failed
              FROM messages WHERE sent_at > $1 GROUP BY channel
            """;

    private static final TypeReference<List<Verdict>> VERDICTS = new TypeReference<>() {};
    private static final TypeReference<List<Fallback>> FALLBACKS = new TypeReference<>() {};
    private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};

    private final Pool pool;

    MessageRecords(Pool pool) {
        this.pool = pool;
    }

    /**
     * Where a message stands.
     *
     * @param to the address it goes to
     * @param attempts those before the one that counted
     * @param verdicts what the gate said when it was last asked
     */
    public record Standing(
            MessageId id,
            CustomerId customer,
            Channel channel,
            String to,
            String template,
            String category,
            @Nullable String topic,
            @Nullable JourneyRef origin,
            String state,
            Instant requestedAt,
            Instant deadline,
            @Nullable Instant sentAt,
            @Nullable Instant deliveredAt,
            @Nullable String route,
            int attempts,
            List<Fallback> fallbacks,
            List<Verdict> verdicts,
            @Nullable Integer policyVersion) {}

    /**
     * One row of a message's history.
     *
     * @param change the smallest change that would have let it pass; absent where no rule refused
     */
    public record Happening(
            Instant at,
            String state,
            Map<String, Object> detail,
            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String change) {}

    /** As much of what a row of the history keeps as the gate said. */
    private record Ruled(
            @Nullable Channel channel, List<Verdict> verdicts, @Nullable Instant retryAt) {

        private static final TypeReference<Ruled> TYPE = new TypeReference<>() {};

        @Nullable String change() {
            return Turning.of(channel, verdicts, retryAt);
        }
    }

    /** One part of a message as its carrier knows it. */
    public record Part(
            String route,
            String providerId,
            int part,
            @Nullable String status,
            @Nullable String code) {}

    /** How much goes on on a channel. */
    public record Traffic(long queued, long sent, long delivered, long failed) {}

    /** The position of a message in a list. */
    public record Position(Instant requestedAt, MessageId id) {}

    /** A null item where there is no such message. */
    public Uni<@Nullable Standing> find(MessageId message) {
        return pool.preparedQuery(FIND)
                .execute(Tuple.of(message.value()))
                .map(rows -> {
                    for (Standing standing : standings(rows)) {
                        return standing;
                    }
                    return null;
                });
    }

    public Uni<List<Happening>> history(MessageId message) {
        return pool.preparedQuery(HISTORY)
                .execute(Tuple.of(message.value()))
                .map(rows -> {
                    List<Happening> history = new ArrayList<>();
                    for (Row row : rows) {
                        String text = row.getString("detail");
                        Map<String, Object> detail = Columns.read(text, OBJECT);
                        history.add(
                                new Happening(
                                        Columns.instantOf(row, "at"),
                                        row.getString("state"),
                                        detail,
                                        detail.containsKey("verdicts")
                                                ? Columns.read(text, Ruled.TYPE).change()
                                                : null));
                    }
                    return history;
                });
    }

    public Uni<List<Part>> parts(MessageId message) {
        return pool.preparedQuery(PARTS)
                .execute(Tuple.of(message.value()))
                .map(rows -> {
                    List<Part> parts = new ArrayList<>();
                    for (Row row : rows) {
                        parts.add(
                                new Part(
                                        row.getString("route"),
                                        row.getString("provider_id"),
                                        row.getShort("part"),
                                        row.getString("status"),
                                        row.getString("code")));
                    }
                    return parts;
                });
    }

    /** Messages, those asked for last first. */
    public Uni<List<Standing>> list(
            @Nullable CustomerId customer,
            @Nullable String state,
            @Nullable Position after,
            int most) {
        Tuple parameters =
                Tuple.tuple()
                        .addOffsetDateTime(after == null ? null : Columns.time(after.requestedAt()))
                        .addUUID(after == null ? null : after.id().value())
                        .addInteger(most);
        String query = LIST;
        if (customer != null) {
            parameters.addUUID(customer.value());
            query = state == null ? LIST_BY_CUSTOMER : LIST_BY_BOTH;
        } else if (state != null) {
            query = LIST_BY_STATE;
        }
        if (state != null) {
            parameters.addString(state);
        }
        return pool.preparedQuery(query).execute(parameters).map(MessageRecords::standings);
    }

    /** What each channel has queued, and what became of what it sent lately. */
    public Uni<Map<Channel, Traffic>> traffic(Instant now, Duration lately) {
        return pool.preparedQuery(QUEUED)
                .execute()
                .chain(queued ->
                        pool.preparedQuery(RECENT)
                                .execute(Tuple.of(Columns.time(now.minus(lately))))
                                .map(recent -> traffic(queued, recent)));
    }

    private static Map<Channel, Traffic> traffic(RowSet<Row> queued, RowSet<Row> recent) {
        Map<Channel, Traffic> traffic = new EnumMap<>(Channel.class);
        for (Row row : queued) {
            traffic.put(
                    Channel.of(row.getString("channel")), new Traffic(row.getLong("n"), 0, 0, 0));
        }
        for (Row row : recent) {
            traffic.merge(
                    Channel.of(row.getString("channel")),
                    new Traffic(
                            0,
                            row.getLong("sent"),
                            row.getLong("delivered"),
                            row.getLong("failed")),
                    (a, b) -> new Traffic(a.queued(), b.sent(), b.delivered(), b.failed()));
        }
        return traffic;
    }

    /**
     * Notes an opening or a click, in the caller's transaction; nothing where the message has been
     * removed.
     */
    public Uni<Void> note(
            SqlConnection tx,
            MessageId message,
            String what,
            Map<String, Object> detail,
            Instant at) {
        return tx.preparedQuery(HOLD)
                .execute(Tuple.of(message.value()))
                .chain(held ->
                        held.rowCount() == 0
                                ? Uni.createFrom().voidItem()
                                : SendLedger.history(
                                        tx, List.of(new HistoryRow(message, at, what, detail))));
    }

    private static List<Standing> standings(RowSet<Row> rows) {
        List<Standing> standings = new ArrayList<>(rows.size());
        for (Row row : rows) {
            String verdicts = row.getString("verdicts");
            UUID customer = row.getUUID("customer");
            standings.add(
                    new Standing(
                            new MessageId(row.getUUID("id")),
                            new CustomerId(customer),
                            Channel.of(row.getString("channel")),
                            row.getString("address"),
                            row.getString("template"),
                            row.getString("category"),
                            row.getString("topic"),
                            Columns.origin(row),
                            row.getString("state"),
                            Columns.instantOf(row, "requested_at"),
                            Columns.instantOf(row, "deadline"),
                            Columns.instant(row, "sent_at"),
                            Columns.instant(row, "delivered_at"),
                            row.getString("route"),
                            row.getInteger("attempts"),
                            Columns.read(row.getString("fallbacks"), FALLBACKS),
                            verdicts == null ? List.of() : Columns.read(verdicts, VERDICTS),
                            row.getInteger("policy_version")));
        }
        return standings;
    }
}
