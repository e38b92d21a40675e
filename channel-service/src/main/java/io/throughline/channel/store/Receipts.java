package io.throughline.channel.store;

import io.smallrye.mutiny.Uni;
import io.throughline.channel.delivery.MessageState;
import io.throughline.channel.delivery.Parts;
import io.throughline.channel.delivery.Parts.Part;
import io.throughline.channel.route.Receipt;
import io.throughline.channel.store.SendLedger.HistoryRow;
import io.throughline.chassis.stream.Outbox;
import io.throughline.chassis.stream.Transactions;
import io.throughline.contracts.Channel;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.message.MessageEvent;
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
import java.util.function.Function;

/** What carriers say became of messages. A receipt that matches nothing yet is held a while. */
@ApplicationScoped
public class Receipts {

    private static final Duration HELD = Duration.ofMinutes(30);

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
                   m.state, p.route, p.provider_id, p.status, p.code
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
                   delivered_at = CASE r.state WHEN 'delivered' THEN r.at ELSE m.delivered_at END
              FROM unnest($1::uuid[], $2::text[], $3::timestamptz[]) AS r(id, state, at)
             WHERE m.id = r.id
            """;

    private static final String HOLD =
            """
            INSERT INTO unmatched_receipts (route, provider_id, channel, status, code, at, held_since)
            SELECT *, now() FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[],
                                        $6::timestamptz[])
            """;

    /** By the primary key of provider_ids; the table of held receipts is small. */
    private static final String TAKE_HELD =
            """
            WITH matched AS (
              DELETE FROM unmatched_receipts u USING provider_ids p
               WHERE p.route = u.route AND p.provider_id = u.provider_id
              RETURNING u.*)
            SELECT route, provider_id, channel, status, code, at FROM matched ORDER BY id
            """;

    private static final String FORGET_HELD =
            "DELETE FROM unmatched_receipts WHERE held_since < now() - make_interval(secs => $1)";

    private final Transactions transactions;
    private final Outbox outbox;

    Receipts(Transactions transactions, Outbox outbox) {
        this.transactions = transactions;
        this.outbox = outbox;
    }

    private record Key(String route, String providerId) {}

    private record Message(MessageId id, MessageState state, Row row, Map<Key, Part> parts) {}

    /** Applies receipts in their order; committed when the item comes. */
    public Uni<Void> apply(List<Receipt> receipts) {
        return transactions.inTransaction(tx -> apply(tx, receipts));
    }

    /** Applies held receipts whose message has been recorded as sent meanwhile. */
    public Uni<Integer> applyHeld() {
        return transactions.inTransaction(tx ->
                tx.preparedQuery(TAKE_HELD)
                        .execute()
                        .map(Receipts::held)
                        .chain(held -> apply(tx, held).replaceWith(held.size())));
    }

    /** Forgets receipts that nothing ever matched. */
    public Uni<Integer> forgetHeld() {
        return transactions.inTransaction(tx ->
                tx.preparedQuery(FORGET_HELD)
                        .execute(Tuple.of((double) HELD.toSeconds()))
                        .map(RowSet::rowCount));
    }

    private Uni<Void> apply(SqlConnection tx, List<Receipt> receipts) {
        if (receipts.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        return tx.preparedQuery(MATCH)
                .execute(
                        Tuple.of(
                                column(receipts, Receipt::route),
                                column(receipts, Receipt::providerId)))
                .chain(rows -> tx.preparedQuery(PARTS).execute(Tuple.of((Object) ids(rows))))
                .chain(rows -> apply(tx, receipts, messages(rows)));
    }

    private Uni<Void> apply(SqlConnection tx, List<Receipt> receipts, List<Message> messages) {
        Map<Key, Message> byPart = new LinkedHashMap<>();
        Map<MessageId, Message> byId = new LinkedHashMap<>();
        for (Message message : messages) {
            byId.put(message.id(), message);
            message.parts().keySet().forEach(key -> byPart.put(key, message));
        }
        List<Receipt> unmatched = new ArrayList<>();
        Map<Key, Receipt> telling = new LinkedHashMap<>();
        Map<MessageId, Receipt> touched = new LinkedHashMap<>();
        for (Receipt receipt : receipts) {
            Key key = new Key(receipt.route(), receipt.providerId());
            Message message = byPart.get(key);
            if (message == null) {
                unmatched.add(receipt);
            } else if (raise(message, key, receipt)) {
                telling.put(key, receipt);
                touched.put(message.id(), receipt);
            }
        }
        return hold(tx, unmatched)
                .chain(() -> updateParts(tx, telling))
                .chain(() -> updateMessages(tx, byId, touched));
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
            SqlConnection tx, Map<MessageId, Message> messages, Map<MessageId, Receipt> touched) {
        List<HistoryRow> history = new ArrayList<>();
        List<MessageEvent> events = new ArrayList<>();
        List<HistoryRow> changed = new ArrayList<>();
        touched.forEach((id, receipt) -> {
            Message message = Objects.requireNonNull(messages.get(id));
            MessageState next = message.state().raisedTo(Parts.together(message.parts().values()));
            HistoryRow row =
                    new HistoryRow(
                            message.id(), receipt.at(), next.word(), detail(message, receipt));
            history.add(row);
            if (next != message.state()) {
                changed.add(row);
                events.add(event(message, next, receipt));
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
                                        .toArray(OffsetDateTime[]::new)))
                .chain(() -> SendLedger.history(tx, history))
                .chain(() -> outbox.append(tx, events));
    }

    private static Map<String, Object> detail(Message message, Receipt receipt) {
        Map<String, Object> detail = new LinkedHashMap<>();
        detail.put("channel", receipt.channel().word());
        detail.put("route", receipt.route());
        detail.put("providerId", receipt.providerId());
        detail.put("receipt", receipt.status().name().toLowerCase(Locale.ROOT));
        detail.put("code", receipt.code());
        if (message.parts().size() > 1) {
            detail.put("parts", message.parts().size());
        }
        return detail;
    }

    private static MessageEvent event(Message message, MessageState next, Receipt receipt) {
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
                        Tuple.of(
                                column(receipts, Receipt::route),
                                column(receipts, Receipt::providerId),
                                column(receipts, r -> r.channel().word()),
                                column(receipts, r -> r.status().name()),
                                column(receipts, Receipt::code),
                                receipts.stream()
                                        .map(r -> Columns.time(r.at()))
                                        .toArray(OffsetDateTime[]::new)))
                .replaceWithVoid();
    }

    private static String[] column(List<Receipt> receipts, Function<Receipt, String> value) {
        return receipts.stream().map(value).toArray(String[]::new);
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
                            Receipt.Status.valueOf(row.getString("status")),
                            row.getString("code"),
                            at));
        }
        return held;
    }
}
