package io.throughline.channel.store;

import com.fasterxml.jackson.core.type.TypeReference;
import io.smallrye.mutiny.Uni;
import io.throughline.channel.delivery.MessageState;
import io.throughline.channel.delivery.Parts;
import io.throughline.channel.delivery.Parts.Part;
import io.throughline.channel.route.Receipt;
import io.throughline.channel.store.SendLedger.HistoryRow;
import io.throughline.chassis.stream.Outbox;
import io.throughline.chassis.stream.Transactions;
import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.message.MessageEvent;
import io.throughline.contracts.message.Verdict;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What carriers say became of messages. A receipt that matches nothing yet is held a while. */
@ApplicationScoped
public class Receipts {

    private static final Duration HELD = Duration.ofMinutes(30);

    /** Held receipts that are matched at once. */
    private static final int MOST = 1_000;

    private static final TypeReference<List<Verdict>> VERDICTS = new TypeReference<>() {};

    /** By the primary key of provider_ids; messages are locked in the order of their ids. */
    private static final String MATCH =
            """
            SELECT m.id
              FROM messages m
             WHERE m.id IN (SELECT p.message
                              FROM unnest($1::text[], $2::text[]) AS r(route, provider_id)
                              JOIN provider_ids p USING (route, provider_id))
             ORDER BY m.id FOR UPDATE
            """;

    /** All parts of the messages, by provider_ids_by_message. */
    private static final String PARTS =
            """
            SELECT m.id, m.customer, m.channel, m.journey, m.journey_version, m.instance, m.step,
                   m.state, m.template, m.category, m.topic, m.counted_at, m.refunded_at,
                   m.verdicts::text AS verdicts, m.policy_version,
                   p.route, p.provider_id, p.status, p.code
              FROM messages m JOIN provider_ids p ON p.message = m.id
             WHERE m.id = ANY($1) ORDER BY m.id, p.part
            """;

    private static final String UPDATE_PARTS =
            """
            UPDATE provider_ids p SET status = r.status, code = r.code
              FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])
                   AS r(route, provider_id, status, code)
             WHERE p.route = r.route AND p.provider_id = r.provider_id
            """;

    private static final String UPDATE_MESSAGES =
            """
            UPDATE messages m
               SET state = r.state,
                   route = coalesce(m.route, r.route),
                   sent_at = coalesce(m.sent_at, m.counted_at),
                   delivered_at = CASE r.state WHEN 'delivered' THEN r.at ELSE m.delivered_at END,
                   refunded_at = CASE r.charge WHEN 'taken_back' THEN now() WHEN 'put_back' THEN NULL
                                 ELSE m.refunded_at END
              FROM unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::text[], $5::text[])
                   AS r(id, state, at, route, charge)
             WHERE m.id = r.id
            """;

    private static final String HOLD =
            """
            INSERT INTO unmatched_receipts
                        (route, provider_id, channel, address, status, code, at, held_since)
            SELECT *, now() FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[],
                                        $6::text[], $7::timestamptz[])
            """;

    /**
     * Gives ids that nobody knows to the parts that went unanswered, where it is clear which are
     * meant: to that address there is exactly one message whose fate is unknown and none on its
     * way, it left before the receipts came, and there are no more ids than such parts. One that
     * was found abandoned left some time before it was counted. By unmatched_receipts_held,
     * messages_unknown, messages_claimed, provider_ids_by_message.
     */
    private static final String ADOPT =
            """
            WITH told AS (
              SELECT u.route, u.provider_id, u.channel, u.address, min(u.held_since) AS since
                FROM unmatched_receipts u
               WHERE u.held_since > now() - interval '5 minutes' AND u.address IS NOT NULL
                 AND NOT EXISTS (SELECT FROM provider_ids p
                                  WHERE p.route = u.route AND p.provider_id = u.provider_id)
               GROUP BY u.route, u.provider_id, u.channel, u.address),
            open AS (
              SELECT m.channel, m.address, (array_agg(m.id))[1] AS message,
                     (array_agg(m.route))[1] AS route, min(m.counted_at) AS counted_at
                FROM messages m
               WHERE m.state = 'unknown'
                 AND (m.channel, m.address) IN (SELECT channel, address FROM told)
               GROUP BY m.channel, m.address HAVING count(*) = 1),
            wanting AS (
              SELECT t.route, t.provider_id, o.message,
                     row_number() OVER (PARTITION BY o.message ORDER BY t.since, t.provider_id) AS n,
                     count(*) OVER (PARTITION BY o.message) AS many
                FROM told t JOIN open o USING (channel, address)
               WHERE CASE WHEN o.route IS NULL
                          THEN t.since > o.counted_at - interval '5 minutes'
                          ELSE t.route = o.route AND t.since > o.counted_at - interval '1 second' END
                 AND NOT EXISTS (SELECT FROM messages m
                                  WHERE m.state = 'handing_over'
                                    AND m.channel = t.channel AND m.address = t.address)),
            places AS (
              SELECT p.route, p.provider_id, p.message,
                     row_number() OVER (PARTITION BY p.message ORDER BY p.part) AS n,
                     count(*) OVER (PARTITION BY p.message) AS many
                FROM provider_ids p
               WHERE p.message IN (SELECT message FROM wanting)
                 AND p.provider_id LIKE 'unanswered:%')
            UPDATE provider_ids p
               SET route = w.route, provider_id = w.provider_id
              FROM wanting w JOIN places f ON f.message = w.message AND f.n = w.n AND w.many <= f.many
             WHERE p.route = f.route AND p.provider_id = f.provider_id
            """;

    /** By the primary key of provider_ids; the table of held receipts is small. */
    private static final String TAKE_HELD =
            """
            WITH due AS (
              SELECT u.id FROM unmatched_receipts u JOIN provider_ids p USING (route, provider_id)
               ORDER BY u.id LIMIT $1 FOR UPDATE OF u SKIP LOCKED),
            matched AS (
              DELETE FROM unmatched_receipts u USING due WHERE u.id = due.id RETURNING u.*)
            SELECT route, provider_id, channel, address, status, code, at FROM matched ORDER BY id
            """;

    /** What had to wait for this process to know the policy is as if it had come now. */
    private static final String HOLD_ANEW = "UPDATE unmatched_receipts SET held_since = now()";

    private static final String FORGET_HELD =
            "DELETE FROM unmatched_receipts WHERE held_since < now() - make_interval(secs => $1)";

    /** The code of a part that was taken back, where another was not. */
    public static final String RECALLED = "recalled";

    private final Transactions transactions;
    private final Outbox outbox;
    private final Charges charges;
    private final AtomicBoolean waited = new AtomicBoolean(true);

    Receipts(Transactions transactions, Outbox outbox, Charges charges) {
        this.transactions = transactions;
        this.outbox = outbox;
        this.charges = charges;
    }

    private record Key(String route, String providerId) {}

    private record Message(MessageId id, MessageState state, Row row, Map<Key, Part> parts) {

        CustomerId customer() {
            return new CustomerId(row.getUUID("customer"));
        }

        boolean refunded() {
            return Columns.instant(row, "refunded_at") != null;
        }
    }

    /**
     * Applies receipts in their order; committed when the item comes. While nobody knows yet by
     * which policy what did not arrive counts they are held, and applied once it is known.
     */
    public Uni<Void> apply(List<Receipt> receipts) {
        return transactions.inTransaction(
                tx -> charges.areKnown() ? apply(tx, receipts) : hold(tx, receipts));
    }

    /**
     * Applies held receipts whose message has been recorded meanwhile, a limited number.
     *
     * @return whether there may be more
     */
    public Uni<Boolean> applyHeld() {
        if (!charges.areKnown()) {
            return Uni.createFrom().item(false);
        }
        return waited.compareAndSet(true, false)
                ? transactions
                        .inTransaction(tx -> tx.query(HOLD_ANEW).execute())
                        .onFailure()
                        .invoke(() -> waited.set(true))
                        .replaceWith(true)
                : transactions.inTransaction(tx ->
                        tx.preparedQuery(ADOPT)
                                .execute()
                                .chain(() -> tx.preparedQuery(TAKE_HELD).execute(Tuple.of(MOST)))
                                .map(Receipts::held)
                                .chain(held -> apply(tx, held).replaceWith(held.size() == MOST)));
    }

    /** Forgets receipts that nothing ever matched. */
    public Uni<Integer> forgetHeld() {
        return !charges.areKnown()
                ? Uni.createFrom().item(0)
                : transactions.inTransaction(tx ->
                        tx.preparedQuery(FORGET_HELD)
                                .execute(Tuple.of((double) HELD.toSeconds()))
                                .map(RowSet::rowCount));
    }

    /** The gate is told while the messages are locked, so that it hears in the ledger's order. */
    private Uni<Void> apply(SqlConnection tx, List<Receipt> receipts) {
        if (receipts.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        Charges.Changes changes = new Charges.Changes();
        return tx.preparedQuery(MATCH)
                .execute(
                        Tuple.of(
                                column(receipts, Receipt::route),
                                column(receipts, Receipt::providerId)))
                .chain(rows -> tx.preparedQuery(PARTS).execute(Tuple.of((Object) ids(rows))))
                .chain(rows -> apply(tx, receipts, messages(rows), changes))
                .chain(() -> charges.tell(changes));
    }

    private Uni<Void> apply(
            SqlConnection tx,
            List<Receipt> receipts,
            List<Message> messages,
            Charges.Changes changes) {
        Map<Key, Message> byPart = new LinkedHashMap<>();
        Map<MessageId, Message> byId = new LinkedHashMap<>();
        for (Message message : messages) {
            byId.put(message.id(), message);
            message.parts().keySet().forEach(key -> byPart.put(key, message));
        }
        List<Receipt> unmatched = new ArrayList<>();
        Map<Key, Receipt> telling = new LinkedHashMap<>();
        Map<MessageId, List<Receipt>> touched = new LinkedHashMap<>();
        for (Receipt receipt : receipts) {
            Key key = new Key(receipt.route(), receipt.providerId());
            Message message = byPart.get(key);
            if (message == null) {
                unmatched.add(receipt);
            } else if (raise(message, key, receipt)) {
                telling.put(key, receipt);
                touched.computeIfAbsent(message.id(), id -> new ArrayList<>()).add(receipt);
            }
        }
        return hold(tx, unmatched)
                .chain(() -> updateParts(tx, telling))
                .chain(() -> updateMessages(tx, byId, touched, changes));
    }

    private static boolean raise(Message message, Key key, Receipt receipt) {
        Part known = message.parts().get(key);
        Part told = new Part(receipt.status(), receipt.code());
        if (known != null && !known.mayBecome(told)) {
            return false;
        }
        message.parts().put(key, told);
        return true;
    }

    private Uni<Void> updateMessages(
            SqlConnection tx,
            Map<MessageId, Message> messages,
            Map<MessageId, List<Receipt>> touched,
            Charges.Changes changes) {
        List<HistoryRow> history = new ArrayList<>();
        List<MessageEvent> events = new ArrayList<>();
        List<HistoryRow> changed = new ArrayList<>();
        List<String> routes = new ArrayList<>();
        List<Charges.Change> changedCharges = new ArrayList<>();
        touched.forEach((id, told) -> {
            Message message = Objects.requireNonNull(messages.get(id));
            MessageState next = Parts.after(message.state(), message.parts().values());
            Receipt receipt = deciding(next, told);
            Charges.Change charge = charges.of(next, message.parts().values(), message.refunded());
            HistoryRow row =
                    new HistoryRow(
                            message.id(),
                            receipt.at(),
                            next.word(),
                            detail(message, receipt, charge));
            history.add(row);
            if (next != message.state() || charge != Charges.Change.STAYS) {
                changed.add(row);
                routes.add(receipt.route());
                changedCharges.add(charge);
                changes.add(message.customer(), message.id(), charge);
            }
            if (next != message.state()) {
                events.addAll(events(message, next, receipt));
            }
        });
        if (history.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        return tx.preparedQuery(UPDATE_MESSAGES)
                .execute(
                        Tuple.of(
                                changed.stream().map(r -> r.message().value()).toArray(UUID[]::new),
                                changed.stream().map(HistoryRow::state).toArray(String[]::new),
                                changed.stream()
                                        .map(r -> Columns.time(r.at()))
                                        .toArray(OffsetDateTime[]::new),
                                routes.toArray(String[]::new),
                                changedCharges.stream().map(Receipts::word).toArray(String[]::new)))
                .chain(() -> SendLedger.history(tx, history))
                .chain(() -> outbox.append(tx, events));
    }

    /** Of several parts that are told of together the one that went wrong says why. */
    private static Receipt deciding(MessageState next, List<Receipt> told) {
        return told.stream()
                .filter(receipt ->
                        next == MessageState.FAILED && receipt.status() == Receipt.Status.FAILED)
                .findFirst()
                .orElse(told.getLast());
    }

    private static String word(Charges.Change charge) {
        return charge.name().toLowerCase(Locale.ROOT);
    }

    private static Map<String, Object> detail(
            Message message, Receipt receipt, Charges.Change charge) {
        Map<String, Object> detail = new LinkedHashMap<>();
        detail.put("channel", receipt.channel().word());
        detail.put("route", receipt.route());
        detail.put("providerId", receipt.providerId());
        detail.put("receipt", receipt.status().name().toLowerCase(Locale.ROOT));
        detail.put("code", receipt.code());
        if (message.parts().size() > 1) {
            detail.put("parts", message.parts().size());
        }
        if (charge != Charges.Change.STAYS) {
            detail.put("contact", word(charge));
        }
        return detail;
    }

    /** Of one whose fate was unknown nobody was told yet that it was sent. */
    private static List<MessageEvent> events(Message message, MessageState next, Receipt receipt) {
        List<MessageEvent> events = new ArrayList<>();
        if (message.state() == MessageState.UNKNOWN && next != MessageState.FAILED) {
            events.add(sent(message, receipt));
        }
        if (next != MessageState.SENT) {
            events.add(end(message, next, receipt));
        }
        return events;
    }

    private static MessageEvent sent(Message message, Receipt receipt) {
        Row row = message.row();
        String verdicts = row.getString("verdicts");
        Integer policy = row.getInteger("policy_version");
        Instant counted = Columns.instant(row, "counted_at");
        return new MessageEvent.Sent(
                message.id(),
                new CustomerId(row.getUUID("customer")),
                Channel.of(row.getString("channel")),
                Columns.origin(row),
                row.getString("template"),
                receipt.route(),
                receipt.providerId(),
                message.parts().size(),
                verdicts == null ? List.of() : Columns.read(verdicts, VERDICTS),
                policy == null ? 0 : policy,
                counted == null ? receipt.at() : counted,
                row.getString("topic"),
                counted,
                Category.of(row.getString("category")));
    }

    private static MessageEvent end(Message message, MessageState next, Receipt receipt) {
        CustomerId customer = new CustomerId(message.row().getUUID("customer"));
        Channel channel = Channel.of(message.row().getString("channel"));
        return next == MessageState.DELIVERED
                ? new MessageEvent.Delivered(
                        message.id(),
                        customer,
                        channel,
                        Columns.origin(message.row()),
                        receipt.at())
                : new MessageEvent.Failed(
                        message.id(),
                        customer,
                        channel,
                        Columns.origin(message.row()),
                        receipt.code(),
                        "the carrier took it and did not deliver it",
                        receipt.at());
    }

    private static Uni<Void> updateParts(SqlConnection tx, Map<Key, Receipt> receipts) {
        if (receipts.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        List<Receipt> list = List.copyOf(receipts.values());
        return tx.preparedQuery(UPDATE_PARTS)
                .execute(
                        Tuple.of(
                                column(list, Receipt::route),
                                column(list, Receipt::providerId),
                                column(list, r -> r.status().name()),
                                column(list, Receipt::code)))
                .replaceWithVoid();
    }

    private static Uni<Void> hold(SqlConnection tx, List<Receipt> receipts) {
        if (receipts.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        return tx.preparedQuery(HOLD)
                .execute(
                        Tuple.tuple()
                                .addArrayOfString(column(receipts, Receipt::route))
                                .addArrayOfString(column(receipts, Receipt::providerId))
                                .addArrayOfString(column(receipts, r -> r.channel().word()))
                                .addArrayOfString(column(receipts, Receipt::address))
                                .addArrayOfString(column(receipts, r -> r.status().name()))
                                .addArrayOfString(column(receipts, Receipt::code))
                                .addArrayOfOffsetDateTime(
                                        receipts.stream()
                                                .map(r -> Columns.time(r.at()))
                                                .toArray(OffsetDateTime[]::new)))
                .replaceWithVoid();
    }

    private static @Nullable String[] column(
            List<Receipt> receipts, Function<Receipt, @Nullable String> value) {
        @Nullable String[] column = new String[receipts.size()];
        for (int i = 0; i < column.length; i++) {
            column[i] = value.apply(receipts.get(i));
        }
        return column;
    }

    private static UUID[] ids(RowSet<Row> rows) {
        List<UUID> ids = new ArrayList<>();
        for (Row row : rows) {
            ids.add(row.getUUID("id"));
        }
        return ids.toArray(UUID[]::new);
    }

    private static List<Message> messages(RowSet<Row> rows) {
        Map<UUID, Message> messages = new LinkedHashMap<>();
        for (Row row : rows) {
            Message message =
                    messages.computeIfAbsent(
                            row.getUUID("id"),
                            id ->
                                    new Message(
                                            new MessageId(id),
                                            MessageState.parse(row.getString("state"))
                                                    .orElseThrow(),
                                            row,
                                            new LinkedHashMap<>()));
            String status = row.getString("status");
            String code = row.getString("code");
            message.parts()
                    .put(
                            new Key(row.getString("route"), row.getString("provider_id")),
                            status == null
                                    ? Part.UNHEARD
                                    : new Part(
                                            Receipt.Status.valueOf(status),
                                            code == null ? "" : code));
        }
        return List.copyOf(messages.values());
    }

    private static List<Receipt> held(RowSet<Row> rows) {
        List<Receipt> held = new ArrayList<>();
        for (Row row : rows) {
            Instant at = Columns.instantOf(row, "at");
            held.add(
                    new Receipt(
                            row.getString("route"),
                            Channel.of(row.getString("channel")),
                            row.getString("provider_id"),
                            row.getString("address"),
                            Receipt.Status.valueOf(row.getString("status")),
                            row.getString("code"),
                            at));
        }
        return held;
    }
}
