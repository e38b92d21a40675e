package io.throughline.identity.store;

import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.Uni;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Identifier;
import io.throughline.contracts.Topics;
import io.throughline.contracts.ingest.AcceptedEvent;
import io.throughline.identity.tracking.Fingerprint;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Which messages were applied, and the locks on customers.
 *
 * <p>Every unit of work takes its locks in the same order: messages, then customers by id, then
 * identifiers by name. So two of them, in whichever processes, wait for each other and never in a
 * circle. What a customer holds and what is known of her change only under her row's lock.
 */
@ApplicationScoped
public class CustomerStore {

    /** By the primary key (source, message_id). */
    private static final String ACCEPT =
            """
            INSERT INTO accepted_messages (source, message_id, received_at)
            SELECT source, message_id, received_at
              FROM unnest($1::text[], $2::text[], $3::timestamptz[])
                   AS accepted (source, message_id, received_at)
             ORDER BY source, message_id
            ON CONFLICT DO NOTHING
            RETURNING source, message_id
            """;

    /** By the primary key (source, message_id). */
    private static final String ACCEPTED =
            """
            SELECT asked.source, asked.message_id
              FROM unnest($1::text[], $2::text[], $3::uuid[]) AS asked (source, message_id, event_id)
             WHERE EXISTS (SELECT FROM accepted_messages a
                            WHERE a.source = asked.source AND a.message_id = asked.message_id)
                OR EXISTS (SELECT FROM inbox i
                            WHERE i.consumer = $4 AND i.event_id = asked.event_id)
            """;

    /** By the primary key (type, value). */
    private static final String HOLDERS =
            """
            SELECT DISTINCT i.customer_id
              FROM unnest($1::text[], $2::text[]) AS asked (type, value)
              JOIN identifiers i USING (type, value)
             WHERE i.held
            """;

    /** By the primary keys of both tables. */
    private static final String MEANT =
            """
            SELECT i.customer_id
              FROM unnest($1::text[], $2::text[]) AS asked (type, value)
              JOIN identifiers i USING (type, value)
             WHERE i.held
             UNION
            SELECT coalesce(merged_into, id) FROM customers WHERE id = ANY($3) AND erased_at IS NULL
            """;

    /** By the primary key. */
    private static final String LOCK =
            """
            SELECT id, merged_into, erased_at FROM customers WHERE id = ANY($1) ORDER BY id FOR UPDATE
            """;

    /** By the primary key. */
    private static final String CURRENT =
            """
            SELECT coalesce(merged_into, id) AS current
              FROM customers WHERE id = $1 AND erased_at IS NULL
            """;

    private final MeterRegistry metrics;

    CustomerStore(MeterRegistry metrics) {
        this.metrics = metrics;
    }

    private record Message(String source, String messageId) {

        static Message of(AcceptedEvent event) {
            return new Message(event.source(), event.messageId());
        }

        static Message of(Row row) {
            return new Message(row.getString("source"), row.getString("message_id"));
        }
    }

    /** Marks messages as applied and gives those that were not, each once, in their order. */
    public Uni<List<AcceptedEvent>> accept(SqlConnection tx, List<AcceptedEvent> events) {
        Tuple messages =
                Tuple.of(
                        Columns.texts(events, AcceptedEvent::source),
                        Columns.texts(events, AcceptedEvent::messageId),
                        Columns.times(events, AcceptedEvent::receivedAt));
        return tx.preparedQuery(ACCEPT)
                .execute(messages)
                .map(rows -> {
                    Set<Message> fresh = new HashSet<>(Columns.list(rows, Message::of));
                    metrics.counter("throughline.events.repeated")
                            .increment(events.size() - fresh.size());
                    return events.stream().filter(e -> fresh.remove(Message.of(e))).toList();
                });
    }

    /**
     * Those of the events that were not applied before; marks nothing. Of an erased customer's not
     * even the message ids are left, but what the log's reader has applied it knows by its hash.
     */
    public Uni<List<AcceptedEvent>> unseen(SqlConnection tx, List<AcceptedEvent> events) {
        Tuple messages =
                Tuple.of(
                        Columns.texts(events, AcceptedEvent::source),
                        Columns.texts(events, AcceptedEvent::messageId),
                        events.stream().map(Fingerprint::of).toArray(UUID[]::new),
                        Topics.EVENTS);
        return tx.preparedQuery(ACCEPTED)
                .execute(messages)
                .map(rows -> {
                    Set<Message> seen = new HashSet<>(Columns.list(rows, Message::of));
                    return events.stream().filter(e -> !seen.contains(Message.of(e))).toList();
                });
    }

    /**
     * Locks the customers that hold any of the identifiers.
     *
     * @throws ConcurrentChange (as a failure) when one was merged away between finding and locking
     */
    public Uni<List<CustomerId>> lockHolders(SqlConnection tx, Collection<Identifier> identifiers) {
        SortedSet<Identifier> asked = new TreeSet<>(identifiers);
        return tx.preparedQuery(HOLDERS)
                .execute(
                        Tuple.of(
                                Columns.texts(asked, Identifier::type),
                                Columns.texts(asked, Identifier::value)))
                .map(rows -> Columns.list(rows, row -> Columns.customer(row, "customer_id")))
                .chain(holders -> lock(tx, holders));
    }

    /**
     * Locks everybody who is meant, in the order of their ids: holders of identifiers, and
     * customers, by whatever id they had.
     *
     * @throws ConcurrentChange (as a failure) when one was merged away between finding and locking
     */
    public Uni<List<CustomerId>> lockAll(
            SqlConnection tx, Collection<Identifier> identifiers, Collection<CustomerId> ids) {
        SortedSet<Identifier> asked = new TreeSet<>(identifiers);
        return tx.preparedQuery(MEANT)
                .execute(
                        Tuple.of(
                                Columns.texts(asked, Identifier::type),
                                Columns.texts(asked, Identifier::value),
                                Columns.uuids(ids)))
                .map(rows -> Columns.list(rows, row -> Columns.customer(row, "customer_id")))
                .chain(meant -> lock(tx, meant));
    }

    /**
     * Locks customers, in the order of their ids.
     *
     * @throws ConcurrentChange (as a failure) when one of them was merged away
     */
    public Uni<List<CustomerId>> lock(SqlConnection tx, Collection<CustomerId> customers) {
        return customers.isEmpty()
                ? Uni.createFrom().item(List.of())
                : tx.preparedQuery(LOCK)
                        .execute(Tuple.of(Columns.uuids(customers)))
                        .map(rows -> Columns.list(rows, CustomerStore::unmerged));
    }

    /** Who a customer is by now; absent where the id is unknown. */
    public Uni<@Nullable CustomerId> current(SqlConnection tx, CustomerId customer) {
        return tx.preparedQuery(CURRENT)
                .execute(Tuple.of(customer.value()))
                .map(rows ->
                        rows.rowCount() == 0
                                ? null
                                : Columns.customer(rows.iterator().next(), "current"));
    }

    private static CustomerId unmerged(Row row) {
        if (row.getUUID("merged_into") != null || row.getValue("erased_at") != null) {
            throw new ConcurrentChange("a customer was merged or erased meanwhile");
        }
        return Columns.customer(row, "id");
    }
}
