package io.throughline.channel.store;

import io.smallrye.mutiny.Uni;
import io.throughline.channel.delivery.MessageState;
import io.throughline.channel.store.SendLedger.HistoryRow;
import io.throughline.chassis.stream.Outbox;
import io.throughline.contracts.Channel;
import io.throughline.contracts.ContractEvent;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.Topics;
import io.throughline.contracts.customer.IdentifiersUnlinked;
import io.throughline.contracts.message.MessageEvent;
import io.throughline.contracts.message.MessageRequested;
import io.throughline.contracts.message.SuppressionReason;
import io.throughline.contracts.message.WithdrawalRequested;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Takes messages out of the queue that are not to go any more. What was claimed, or may have left,
 * stays as it is.
 *
 * <p>Around a merge a message is asked for and withdrawn under two ids of its customer, and so on
 * two partitions: the withdrawal may be read first. It is remembered then, and the message ends as
 * soon as it comes. The transaction that remembers waits for those that queue messages, and they
 * for it: either it sees the message, or they see that it was withdrawn.
 */
@ApplicationScoped
public class Withdrawals {

    /**
     * Longer than the brokers keep a request that does not know of it, dead letters that are put
     * back included.
     */
    private static final Duration KEPT = Topics.DEAD_LETTER_RETENTION.plusDays(3);

    /** Keeps this lock apart from others of one key. */
    private static final long LOCK = 0x7468_7277L;

    private static final String ALONE = "SELECT pg_advisory_xact_lock($1)";
    private static final String TOGETHER = "SELECT pg_advisory_xact_lock_shared($1)";

    /** By the primary key. */
    private static final String UNKNOWN =
            """
            SELECT w.id FROM unnest($1::uuid[]) AS w(id)
             WHERE NOT EXISTS (SELECT FROM messages m WHERE m.id = w.id) LIMIT 1
            """;

    /** What is too old to matter goes, by the index withdrawn_messages_by_time. */
    private static final String REMEMBER =
            """
            WITH old AS (
              DELETE FROM withdrawn_messages WHERE message IN (
                SELECT message FROM withdrawn_messages
                 WHERE withdrawn_at < $5 FOR UPDATE SKIP LOCKED))
            INSERT INTO withdrawn_messages (message, customer, reason, withdrawn_at)
            SELECT w.id, w.customer, w.reason, $4
              FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS w(id, customer, reason)
             WHERE NOT EXISTS (SELECT FROM messages m WHERE m.id = w.id)
            ON CONFLICT DO NOTHING
            """;

    /**
     * Messages are taken in the order of their ids, so that two batches never wait in a circle. One
     * that is being claimed at this instant is waited for, and is not queued any more then.
     */
    private static final String SUPPRESS =
            """
               WHERE m.state = 'queued' AND m.counted_at IS NULL
               ORDER BY m.id FOR UPDATE OF m)
            UPDATE messages m
               SET state = 'suppressed'
              FROM queued WHERE m.id = queued.id
            RETURNING m.id, m.customer, m.channel, m.journey, m.journey_version, m.instance, m.step,
                      queued.reason
            """;

    /** By the primary key. */
    private static final String WITHDRAW =
            """
            WITH queued AS (
              SELECT m.id, w.reason
                FROM unnest($1::uuid[], $2::text[]) AS w(id, reason)
                JOIN messages m ON m.id = w.id
            """
                    + SUPPRESS;

    /** By the primary keys of both. */
    private static final String WITHDRAW_REMEMBERED =
            """
            WITH queued AS (
              SELECT m.id, w.reason
                FROM unnest($1::uuid[]) AS q(id)
                JOIN withdrawn_messages w ON w.message = q.id
                JOIN messages m ON m.id = w.message
            """
                    + SUPPRESS;

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

    /**
     * In the caller's transaction; what is withdrawn is told as suppressed.
     *
     * @param queued what the transaction has just queued, of which some may have been withdrawn
     *     before
     */
    public Uni<Void> take(
            SqlConnection tx,
            List<WithdrawalRequested> requests,
            List<MessageRequested> queued,
            Instant now) {
        return withdraw(tx, requests, now, queued.isEmpty() ? null : TOGETHER)
                .chain(() -> withdrawRemembered(tx, queued, now));
    }

    /**
     * @param otherwise the lock to take where all that is withdrawn is known; one at most, and with
     *     the lock nothing is queued any more, so nobody waits in a circle
     */
    private Uni<Void> withdraw(
            SqlConnection tx,
            List<WithdrawalRequested> requests,
            Instant now,
            @Nullable String otherwise) {
        if (requests.isEmpty()) {
            return lock(tx, otherwise);
        }
        UUID[] ids = requests.stream().map(r -> r.message().value()).toArray(UUID[]::new);
        String[] reasons =
                requests.stream().map(WithdrawalRequested::reason).toArray(String[]::new);
        return tx.preparedQuery(UNKNOWN)
                .execute(Tuple.of((Object) ids))
                .map(unknown -> unknown.rowCount() > 0)
                .chain(early ->
                        lock(tx, early ? ALONE : otherwise)
                                .chain(() ->
                                        tx.preparedQuery(WITHDRAW).execute(Tuple.of(ids, reasons)))
                                .chain(rows -> tell(tx, rows, SuppressionReason.WITHDRAWN, now))
                                .chain(() ->
                                        early
                                                ? remember(tx, requests, now)
                                                : Uni.createFrom().voidItem()));
    }

    private static Uni<Void> lock(SqlConnection tx, @Nullable String how) {
        return how == null
                ? Uni.createFrom().voidItem()
                : tx.preparedQuery(how).execute(Tuple.of(LOCK)).replaceWithVoid();
    }

    private static Uni<Void> remember(
            SqlConnection tx, List<WithdrawalRequested> requests, Instant now) {
        return tx.preparedQuery(REMEMBER)
                .execute(
                        Tuple.of(
                                requests.stream()
                                        .map(r -> r.message().value())
                                        .toArray(UUID[]::new),
                                requests.stream()
                                        .map(r -> r.customer().value())
                                        .toArray(UUID[]::new),
                                requests.stream()
                                        .map(WithdrawalRequested::reason)
                                        .toArray(String[]::new),
                                Columns.time(now),
                                Columns.time(now.minus(KEPT))))
                .replaceWithVoid();
    }

    private Uni<Void> withdrawRemembered(
            SqlConnection tx, List<MessageRequested> queued, Instant now) {
        return queued.isEmpty()
                ? Uni.createFrom().voidItem()
                : tx.preparedQuery(WITHDRAW_REMEMBERED)
                        .execute(
                                Tuple.of(
                                        (Object)
                                                queued.stream()
                                                        .map(m -> m.message().value())
                                                        .toArray(UUID[]::new)))
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
