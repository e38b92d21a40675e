package io.throughline.channel.store;

import io.smallrye.mutiny.Uni;
import io.throughline.channel.delivery.MessageState;
import io.throughline.channel.delivery.Parts.Part;
import io.throughline.channel.route.Receipt;
import io.throughline.channel.store.SendLedger.HistoryRow;
import io.throughline.chassis.stream.Outbox;
import io.throughline.chassis.stream.Transactions;
import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.message.JourneyRef;
import io.throughline.contracts.message.MessageEvent;
import io.throughline.contracts.message.RecallOutcome;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Which messages are to be taken back, and what came of it. */
@ApplicationScoped
public class Recalls {

    /** What was handed over longer ago than this is not asked for, whatever its deadline. */
    private static final Duration OLDEST = Duration.ofDays(1);

    /** As long as topics can tell of the same again. */
    private static final Duration KEPT = Duration.ofDays(8);

    /**
     * For everybody who is one with the customers (customer_aliases by both its indexes): what is
     * with a carrier (by messages_counted) and what is being handed over (by messages_claimed).
     * Where nothing can be taken back it is only noted of what was handed over since it happened.
     */
    private static final String ASK =
            """
            WITH asked AS (
              SELECT a.*, coalesce(s.survivor, a.customer) AS survivor
                FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[],
                            $10::text[], $11::text[], $12::timestamptz[])
                     AS a(customer, cause, channel, topic, journey, happened_at, categories, silence, caused_at)
                LEFT JOIN customer_aliases s ON s.merged = a.customer),
            people AS (
              SELECT asked.*, customer AS person FROM asked
              UNION
              SELECT asked.*, survivor FROM asked
              UNION
              SELECT asked.*, m.merged FROM asked JOIN customer_aliases m ON m.survivor = asked.survivor),
            meant AS (
              SELECT m.id, p.cause, p.channel, p.topic, p.journey, p.categories, p.silence, p.caused_at,
                     m.channel AS its_channel, m.topic AS its_topic, m.journey AS its_journey,
                     m.category AS its_category
                FROM people p JOIN messages m ON m.customer = p.person
               WHERE m.counted_at > $7 AND m.refunded_at IS NULL AND m.state IN ('sent', 'unknown') AND m.deadline > $8
                 AND (m.route = ANY($9) OR m.counted_at >= p.happened_at)
              UNION ALL
              SELECT m.id, p.cause, p.channel, p.topic, p.journey, p.categories, p.silence, p.caused_at,
                     m.channel, m.topic, m.journey, m.category
                FROM people p JOIN messages m ON m.customer = p.person
               WHERE m.state = 'handing_over')
            INSERT INTO recalls AS known (message, cause, asked_at, due_at, silence, caused_at)
            SELECT id, max(cause), $8, $8,
                   CASE WHEN count(DISTINCT coalesce(silence, '')) = 1 THEN max(silence) END, max(caused_at)
              FROM meant
             WHERE (channel IS NULL OR channel = its_channel)
               AND (topic IS NULL OR topic = its_topic)
               AND (cause <> 'conversion'
                    OR (its_journey IS NOT NULL AND (journey IS NULL OR journey = its_journey)
                        AND (categories IS NULL OR its_category = ANY(string_to_array(categories, ',')))))
             GROUP BY id ORDER BY id
            ON CONFLICT (message) DO UPDATE SET
                cause = CASE WHEN known.outcome IS NULL THEN greatest(known.cause, excluded.cause)
                             ELSE excluded.cause END,
                silence = CASE WHEN known.outcome IS NOT NULL OR known.silence = excluded.silence
                               THEN excluded.silence END,
                caused_at = greatest(known.caused_at, excluded.caused_at),
                asked_at = CASE WHEN known.outcome IS NULL THEN known.asked_at ELSE excluded.asked_at END,
                due_at = CASE WHEN known.outcome IS NULL THEN known.due_at ELSE excluded.due_at END,
                outcome = NULL, why = NULL
             WHERE known.outcome IS NULL OR known.outcome = 'not_needed'
            """;

    /** By the partial index recalls_due. */
    private static final String CLAIM =
            """
            WITH due AS (
              SELECT message FROM recalls
               WHERE outcome IS NULL AND due_at <= $1
               ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED)
            UPDATE recalls r SET due_at = $2 FROM due WHERE r.message = due.message
            RETURNING r.message, r.cause, r.tries, r.unanswered
            """;

    /** By the primary key (silence, customer). */
    private static final String LIFT =
            """
            INSERT INTO silence_lifts (customer, silence, at, told_at)
            SELECT customer, silence, max(at), $4
              FROM unnest($1::uuid[], $2::text[], $3::timestamptz[]) AS l(customer, silence, at)
             GROUP BY customer, silence ORDER BY silence, customer
            ON CONFLICT (silence, customer) DO UPDATE SET
                at = greatest(silence_lifts.at, excluded.at), told_at = excluded.told_at
            """;

    /**
     * By the primary keys and provider_ids_by_message. A lifting counts, whichever of the customers
     * that are one by now it was told of.
     */
    private static final String STANDING =
            """
            SELECT m.id, m.customer, m.channel, m.address, m.journey, m.journey_version, m.instance, m.step,
                   m.state, m.route, m.deadline,
                   coalesce(m.verdicts @> '[{"rule": "consent"}]', m.category <> 'transactional') AS heeds_opt_out,
                   coalesce(m.verdicts @> '[{"rule": "silence"}]', m.category <> 'transactional') AS heeds_conversion,
                   EXISTS (SELECT FROM recalls r
                             JOIN silence_lifts l ON l.silence = r.silence AND l.at > r.caused_at
                            WHERE r.message = m.id
                              AND coalesce((SELECT survivor FROM customer_aliases WHERE merged = l.customer), l.customer)
                                = coalesce((SELECT survivor FROM customer_aliases WHERE merged = m.customer), m.customer))
                       AS lifted,
                   p.provider_id, p.status, p.code, p.given_back
              FROM messages m LEFT JOIN provider_ids p ON p.message = m.id
             WHERE m.id = ANY($1) ORDER BY m.id, p.part
            """;

    /** By the primary key. */
    private static final String LATER =
            "UPDATE recalls SET due_at = $2, tries = $3, unanswered = $4 WHERE message = $1 AND outcome IS NULL";

    /** By the primary key. */
    private static final String END =
            "UPDATE recalls SET outcome = $2, why = $3, tries = $4 WHERE message = $1 AND outcome IS NULL";

    /** By the primary key. What it counted for is free again. */
    private static final String GIVEN_BACK =
            """
            UPDATE messages SET state = 'recalled', refunded_at = coalesce(refunded_at, $3)
             WHERE id = $1 AND state = ANY($2)
            """;

    /** By the primary key. */
    private static final String OF_MESSAGE =
            "SELECT cause, asked_at, tries, outcome, why FROM recalls WHERE message = $1";

    /** By the indexes recalls_asked and silence_lifts_told. */
    private static final String PRUNE =
            """
            WITH lifts AS (DELETE FROM silence_lifts WHERE told_at < $1)
            DELETE FROM recalls WHERE asked_at < $1
            """;

    /** By the primary key. */
    private static final String PARTS_GIVEN_BACK =
            "UPDATE provider_ids SET given_back = true WHERE route = $1 AND provider_id = ANY($2)";

    private static final String UNKNOWN_ID = "^(unanswered|unnamed):.*";

    /** Of a part that never left there is nothing to take back. */
    private static final String UNSENT_ID = "^unsent:.*";

    private static final String RECALLED = "recalled";
    private static final String NOT_RECALLED = "not_recalled";
    private static final String NOTHING = "not_needed";

    private final Pool pool;
    private final Transactions transactions;
    private final Outbox outbox;

    Recalls(Pool pool, Transactions transactions, Outbox outbox) {
        this.pool = pool;
        this.transactions = transactions;
        this.outbox = outbox;
    }

    /** Why messages are to come back. */
    public enum Cause {
        OPT_OUT("opt_out"),
        CONVERSION("conversion");

        private final String word;

        Cause(String word) {
            this.word = word;
        }

        public String word() {
            return word;
        }

        static Cause of(String word) {
            return word.equals(OPT_OUT.word) ? OPT_OUT : CONVERSION;
        }
    }

    /**
     * Something came that keeps a customer's messages back; what is with carriers already is to be
     * taken back.
     *
     * @param channel of an opt-out; absent for a conversion
     * @param topic of an opt-out from less than the channel
     * @param journey the only one that a conversion's silence covers
     * @param happenedAt when it happened, wherever that was
     * @param categories the only ones that a conversion's silence covers; absent for all
     * @param silence the cause of a conversion's silence; absent where nothing lifts it
     * @param causedAt only a lifting of it that happened later ends it
     */
    public record Asked(
            CustomerId customer,
            Cause cause,
            @Nullable Channel channel,
            @Nullable String topic,
            @Nullable String journey,
            Instant happenedAt,
            @Nullable Set<Category> categories,
            @Nullable String silence,
            @Nullable Instant causedAt) {

        /** Of an opt-out. */
        public Asked(
                CustomerId customer, Channel channel, @Nullable String topic, Instant happenedAt) {
            this(customer, Cause.OPT_OUT, channel, topic, null, happenedAt, null, null, null);
        }
    }

    /**
     * A silence that was lifted.
     *
     * @param silence its cause
     * @param at when what lifts it happened
     */
    public record Lifted(CustomerId customer, String silence, Instant at) {}

    /**
     * A message to be taken back, and where it stands.
     *
     * @param tries how often its carrier was asked
     * @param unanswered whether one of those went without an answer
     * @param heeds whether the cause keeps such messages back
     * @param lifted whether the cause is one no more
     * @param parts by the carrier's ids
     * @param givenBack ids of the parts that are back already
     * @param known whether every part has one
     */
    public record Due(
            MessageId message,
            CustomerId customer,
            Cause cause,
            int tries,
            boolean unanswered,
            Channel channel,
            String to,
            @Nullable JourneyRef origin,
            MessageState state,
            @Nullable String route,
            Instant deadline,
            boolean heeds,
            boolean lifted,
            Map<String, Part> parts,
            Set<String> givenBack,
            boolean known) {

        /** After some more parts came back. */
        public Due with(List<String> alsoBack) {
            Set<String> all = new HashSet<>(givenBack);
            all.addAll(alsoBack);
            return new Due(
                    message,
                    customer,
                    cause,
                    tries,
                    unanswered,
                    channel,
                    to,
                    origin,
                    state,
                    route,
                    deadline,
                    heeds,
                    lifted,
                    parts,
                    all,
                    known);
        }
    }

    /**
     * What came of taking a message back.
     *
     * @param outcome {@code recalled}, {@code not_needed}, or why it could not be; absent while it
     *     is being tried
     */
    public record Recall(
            String cause,
            Instant askedAt,
            int tries,
            @Nullable String outcome,
            @Nullable String why) {}

    /**
     * Notes, in the caller's transaction, what is to be taken back. Of a message that was noted
     * before and has no end yet it is noted that there is one more cause, and then no lifting of
     * one of them is enough; one of which nothing had to be taken back is looked at anew.
     *
     * @param recallable routes that can take something back
     */
    public Uni<Void> ask(
            SqlConnection tx, List<Asked> asked, List<String> recallable, Instant now) {
        if (asked.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        return tx.preparedQuery(ASK)
                .execute(
                        Tuple.tuple()
                                .addArrayOfUUID(
                                        asked.stream()
                                                .map(a -> a.customer().value())
                                                .toArray(UUID[]::new))
                                .addArrayOfString(texts(asked, a -> a.cause().word()))
                                .addArrayOfString(
                                        texts(
                                                asked,
                                                a ->
                                                        a.channel() == null
                                                                ? null
                                                                : a.channel().word()))
                                .addArrayOfString(texts(asked, Asked::topic))
                                .addArrayOfString(texts(asked, Asked::journey))
                                .addArrayOfOffsetDateTime(
                                        asked.stream()
                                                .map(a -> Columns.time(a.happenedAt()))
                                                .toArray(OffsetDateTime[]::new))
                                .addOffsetDateTime(Columns.time(now.minus(OLDEST)))
                                .addOffsetDateTime(Columns.time(now))
                                .addArrayOfString(recallable.toArray(String[]::new))
                                .addArrayOfString(texts(asked, a -> words(a.categories())))
                                .addArrayOfString(texts(asked, Asked::silence))
                                .addArrayOfOffsetDateTime(
                                        asked.stream()
                                                .map(a ->
                                                        a.causedAt() == null
                                                                ? null
                                                                : Columns.time(a.causedAt()))
                                                .toArray(OffsetDateTime[]::new)))
                .replaceWithVoid();
    }

    private static @Nullable String words(@Nullable Set<Category> categories) {
        return categories == null || categories.isEmpty()
                ? null
                : categories.stream().map(Category::word).sorted().collect(Collectors.joining(","));
    }

    /** Notes, in the caller's transaction, what was lifted, be it before what it lifts. */
    public Uni<Void> lift(SqlConnection tx, List<Lifted> lifted, Instant now) {
        if (lifted.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        return tx.preparedQuery(LIFT)
                .execute(
                        Tuple.of(
                                lifted.stream().map(l -> l.customer().value()).toArray(UUID[]::new),
                                lifted.stream().map(Lifted::silence).toArray(String[]::new),
                                lifted.stream()
                                        .map(l -> Columns.time(l.at()))
                                        .toArray(OffsetDateTime[]::new),
                                Columns.time(now)))
                .replaceWithVoid();
    }

    private static @Nullable String[] texts(
            List<Asked> asked, Function<Asked, @Nullable String> column) {
        @Nullable String[] texts = new String[asked.size()];
        for (int i = 0; i < texts.length; i++) {
            texts[i] = column.apply(asked.get(i));
        }
        return texts;
    }

    /**
     * Takes what is due, for a while for this process alone.
     *
     * @param until when another may take it
     */
    public Uni<List<Due>> due(Instant now, Instant until, int most) {
        return pool.preparedQuery(CLAIM)
                .execute(Tuple.of(Columns.time(now), Columns.time(until), most))
                .chain(claimed ->
                        claimed.rowCount() == 0
                                ? Uni.createFrom().item(List.of())
                                : standing(claimed));
    }

    private Uni<List<Due>> standing(RowSet<Row> claimed) {
        Map<UUID, Row> recalls = new LinkedHashMap<>();
        claimed.forEach(row -> recalls.put(row.getUUID("message"), row));
        return pool.preparedQuery(STANDING)
                .execute(Tuple.of((Object) recalls.keySet().toArray(UUID[]::new)))
                .map(rows -> {
                    Map<UUID, List<Row>> messages = new LinkedHashMap<>();
                    rows.forEach(row ->
                            messages.computeIfAbsent(row.getUUID("id"), id -> new ArrayList<>())
                                    .add(row));
                    List<Due> due = new ArrayList<>();
                    messages.forEach((id, parts) -> {
                        Row recall = recalls.get(id);
                        if (recall != null) {
                            due.add(due(recall, parts));
                        }
                    });
                    return due;
                });
    }

    private static Due due(Row recall, List<Row> rows) {
        Row first = rows.getFirst();
        Cause cause = Cause.of(recall.getString("cause"));
        Map<String, Part> parts = new LinkedHashMap<>();
        Set<String> givenBack = new HashSet<>();
        boolean known = true;
        for (Row row : rows) {
            String id = row.getString("provider_id");
            if (id == null || id.matches(UNKNOWN_ID)) {
                known = false;
            } else if (!id.matches(UNSENT_ID)) {
                parts.put(id, part(row));
                if (row.getBoolean("given_back")) {
                    givenBack.add(id);
                }
            }
        }
        return new Due(
                new MessageId(first.getUUID("id")),
                new CustomerId(first.getUUID("customer")),
                cause,
                recall.getInteger("tries"),
                recall.getBoolean("unanswered"),
                Channel.of(first.getString("channel")),
                first.getString("address"),
                Columns.origin(first),
                MessageState.parse(first.getString("state")).orElseThrow(),
                first.getString("route"),
                Columns.instantOf(first, "deadline"),
                first.getBoolean(cause == Cause.OPT_OUT ? "heeds_opt_out" : "heeds_conversion"),
                first.getBoolean("lifted"),
                parts,
                givenBack,
                known);
    }

    private static Part part(Row row) {
        String status = row.getString("status");
        String code = row.getString("code");
        return status == null
                ? Part.UNHEARD
                : new Part(Receipt.Status.valueOf(status), code == null ? "" : code);
    }

    /** It is tried again. */
    public Uni<Void> later(Due due, Instant at, int tries, boolean unanswered) {
        return pool.preparedQuery(LATER)
                .execute(Tuple.of(due.message().value(), Columns.time(at), tries, unanswered))
                .replaceWithVoid();
    }

    /** Some of a message's parts are back; they are not asked for again. */
    public Uni<Void> givenBack(Due due, List<String> providerIds) {
        return pool.preparedQuery(PARTS_GIVEN_BACK)
                .execute(Tuple.of(due.route(), providerIds.toArray(String[]::new)))
                .replaceWithVoid();
    }

    /** There was nothing to take back. */
    public Uni<Void> notNeeded(Due due, String why) {
        return pool.preparedQuery(END)
                .execute(Tuple.of(due.message().value(), NOTHING, why, due.tries()))
                .replaceWithVoid();
    }

    /**
     * The carrier gave it back.
     *
     * @param uncount makes the gate forget its contact, before anybody else can say of it that it
     *     did arrive
     * @return whether that still meant something: what a receipt calls delivered stays so
     */
    public Uni<Boolean> recalled(Due due, String means, Instant at, Uni<Void> uncount) {
        return transactions.inTransaction(tx ->
                tx.preparedQuery(GIVEN_BACK)
                        .execute(
                                Tuple.of(
                                        due.message().value(),
                                        MessageState.RECALLED.predecessors().toArray(String[]::new),
                                        Columns.time(at)))
                        .chain(changed ->
                                changed.rowCount() == 0
                                        ? end(
                                                        tx,
                                                        due,
                                                        RecallOutcome.TOO_LATE,
                                                        "it was delivered",
                                                        at)
                                                .replaceWith(false)
                                        : uncount.chain(() -> given(tx, due, means, at))
                                                .replaceWith(true)));
    }

    private Uni<Void> given(SqlConnection tx, Due due, String means, Instant at) {
        return end(tx, due, RECALLED, means)
                .chain(() ->
                        SendLedger.history(
                                tx,
                                List.of(
                                        new HistoryRow(
                                                due.message(),
                                                at,
                                                RECALLED,
                                                Map.of(
                                                        "channel", due.channel().word(),
                                                        "cause", due.cause().word(),
                                                        "means", means)))))
                .chain(() ->
                        outbox.append(
                                tx,
                                List.of(
                                        new MessageEvent.Recalled(
                                                due.message(),
                                                due.customer(),
                                                due.channel(),
                                                due.origin(),
                                                means,
                                                due.cause().word(),
                                                at))));
    }

    /** It could not be taken back. */
    public Uni<Void> lost(Due due, RecallOutcome outcome, String why, Instant at) {
        return transactions.inTransaction(tx -> end(tx, due, outcome, why, at));
    }

    private Uni<Void> end(
            SqlConnection tx, Due due, RecallOutcome outcome, String why, Instant at) {
        return end(tx, due, outcome.word(), why)
                .chain(() ->
                        SendLedger.history(
                                tx,
                                List.of(
                                        new HistoryRow(
                                                due.message(),
                                                at,
                                                NOT_RECALLED,
                                                Map.of(
                                                        "channel", due.channel().word(),
                                                        "cause", due.cause().word(),
                                                        "outcome", outcome.word(),
                                                        "why", why)))))
                .chain(() ->
                        outbox.append(
                                tx,
                                List.of(
                                        new MessageEvent.NotRecalled(
                                                due.message(),
                                                due.customer(),
                                                due.channel(),
                                                due.origin(),
                                                outcome,
                                                due.cause().word(),
                                                why,
                                                at))));
    }

    /**
     * @throws IllegalStateException where another process was faster, or it is gone: nothing is
     *     told of it then
     */
    private static Uni<Void> end(SqlConnection tx, Due due, String outcome, String why) {
        return tx.preparedQuery(END)
                .execute(Tuple.of(due.message().value(), outcome, why, due.tries() + 1))
                .invoke(ended -> {
                    if (ended.rowCount() == 0) {
                        throw new IllegalStateException("this recall has ended already");
                    }
                })
                .replaceWithVoid();
    }

    /** What came of taking a message back; a null item where that was never asked for. */
    public Uni<@Nullable Recall> of(MessageId message) {
        return pool.preparedQuery(OF_MESSAGE)
                .execute(Tuple.of(message.value()))
                .map(rows -> {
                    for (Row row : rows) {
                        return new Recall(
                                row.getString("cause"),
                                Columns.instantOf(row, "asked_at"),
                                row.getInteger("tries"),
                                row.getString("outcome"),
                                row.getString("why"));
                    }
                    return null;
                });
    }

    public Uni<Void> prune(Instant now) {
        return pool.preparedQuery(PRUNE)
                .execute(Tuple.of(Columns.time(now.minus(KEPT))))
                .replaceWithVoid();
    }
}
