package io.throughline.channel.store;

import io.smallrye.mutiny.Uni;
import io.throughline.channel.delivery.MessageState;
import io.throughline.channel.store.SendLedger.HistoryRow;
import io.throughline.chassis.stream.Outbox;
import io.throughline.contracts.Channel;
import io.throughline.contracts.ContractEvent;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.customer.IdentifiersUnlinked;
import io.throughline.contracts.message.MessageEvent;
import io.throughline.contracts.message.SuppressionReason;
import io.throughline.contracts.message.WithdrawalRequested;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Takes messages out of the queue that are not to go any more. What was claimed, or may have left,
 * stays as it is.
 */
@ApplicationScoped
public class Withdrawals {

    /**
     * By the primary key, in the order of ids, so that two batches never wait in a circle. One that
     * is being claimed at this instant is waited for, and is not queued any more then.
     */
    private static final String WITHDRAW =
            """
            WITH queued AS (
              SELECT m.id, w.reason
                FROM unnest($1::uuid[], $2::text[]) AS w(id, reason)
                JOIN messages m ON m.id = w.id
               WHERE m.state = 'queued' AND m.counted_at IS NULL
               ORDER BY m.id FOR UPDATE OF m)
            UPDATE messages m
               SET state = 'suppressed'
              FROM queued WHERE m.id = queued.id
            RETURNING m.id, m.customer, m.channel, m.journey, m.journey_version, m.instance, m.step,
                      queued.reason
            """;

    /** By the indexes customer_aliases_by_survivor and messages_by_customer. */
    private static final String QUEUED_TO =
            """
            UPDATE messages m
               SET state = 'suppressed'
              FROM (SELECT id FROM messages
                     WHERE state = 'queued' AND counted_at IS NULL
                       AND (channel, address) IN (SELECT * FROM unnest($2::text[], $3::text[]))
                       AND customer IN (SELECT $1::uuid UNION ALL
                                        SELECT merged FROM customer_aliases WHERE survivor = $1)
                     ORDER BY id FOR UPDATE) AS queued
             WHERE m.id = queued.id
            RETURNING m.id, m.customer, m.channel, m.journey, m.journey_version, m.instance, m.step,
                      'unlinked' AS reason
            """;

    private final Outbox outbox;

    Withdrawals(Outbox outbox) {
        this.outbox = outbox;
    }

    /** In the caller's transaction; what is withdrawn is told as suppressed. */
    public Uni<Void> take(SqlConnection tx, List<WithdrawalRequested> requests, Instant now) {
        if (requests.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        UUID[] ids = requests.stream().map(r -> r.message().value()).toArray(UUID[]::new);
        String[] reasons =
                requests.stream().map(WithdrawalRequested::reason).toArray(String[]::new);
        return tx.preparedQuery(WITHDRAW)
                .execute(Tuple.of(ids, reasons))
                .chain(rows -> tell(tx, rows, SuppressionReason.WITHDRAWN, now));
    }

    /**
     * What waits for addresses that are another customer's, in the caller's transaction: it was
     * said to the first one, who has no such address any more. Told as hers.
     */
    public Uni<Void> unlinked(SqlConnection tx, IdentifiersUnlinked unlinked, Instant now) {
        MovedAddresses addresses = new MovedAddresses(unlinked);
        return addresses.isEmpty()
                ? Uni.createFrom().voidItem()
                : tx.preparedQuery(QUEUED_TO)
                        .execute(
                                Tuple.of(
                                        unlinked.customer().value(),
                                        addresses.channels(),
                                        addresses.addresses()))
                        .chain(rows -> tell(tx, rows, SuppressionReason.NO_ADDRESS, now));
    }

    private Uni<Void> tell(SqlConnection tx, RowSet<Row> rows, SuppressionReason why, Instant now) {
        List<HistoryRow> history = new ArrayList<>();
        List<ContractEvent> events = new ArrayList<>();
        for (Row row : rows) {
            MessageId message = new MessageId(row.getUUID("id"));
            Channel channel = Channel.of(row.getString("channel"));
            history.add(
                    new HistoryRow(
                            message,
                            now,
                            MessageState.SUPPRESSED.word(),
                            Map.of(
                                    "channel", channel.word(),
                                    "reason", why.word(),
                                    "why", row.getString("reason"))));
            events.add(
                    new MessageEvent.Suppressed(
                            message,
                            new CustomerId(row.getUUID("customer")),
                            channel,
                            Columns.origin(row),
                            why,
                            List.of(),
                            0,
                            null,
                            now));
        }
        return events.isEmpty()
                ? Uni.createFrom().voidItem()
                : SendLedger.history(tx, history).chain(() -> outbox.append(tx, events));
    }
}
