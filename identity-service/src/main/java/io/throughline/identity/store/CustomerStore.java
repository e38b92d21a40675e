package io.throughline.identity.store;

import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Identifier;
import io.throughline.contracts.customer.CustomersMerged;
import io.throughline.contracts.ingest.AcceptedEvent;
import io.throughline.identity.profile.Profile;
import io.throughline.identity.resolution.Changes;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Customers and their identifiers.
 *
 * <p>Every unit of work takes its locks in the same order: messages, then customers by id, then
 * identifiers by name. So two of them, in whichever processes, wait for each other and never in a
 * circle. A customer's identifiers change only under her row's lock.
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
            SELECT a.source, a.message_id
              FROM unnest($1::text[], $2::text[]) AS asked (source, message_id)
              JOIN accepted_messages a USING (source, message_id)
            """;

    /** By the primary key (type, value). */
    private static final String HOLDERS =
            """
            SELECT DISTINCT i.customer_id
              FROM unnest($1::text[], $2::text[]) AS asked (type, value)
              JOIN identifiers i USING (type, value)
            """;

    /** By the primary key. */
    private static final String LOCK =
            "SELECT merged_into, "
                    + ProfileRows.COLUMNS
                    + " FROM customers WHERE id = ANY($1) ORDER BY id FOR UPDATE";

    /** By the primary key. */
    private static final String CURRENT =
            "SELECT coalesce(merged_into, id) AS current FROM customers WHERE id = $1";

    /** By the index identifiers_customer. */
    private static final String IDENTIFIERS =
            "SELECT customer_id, type, value FROM identifiers WHERE customer_id = ANY($1)";

    private static final String SAVE =
            """
            INSERT INTO customers (id, version, traits, facts, purchases,
                                   first_seen, last_seen, created_at, changed_at)
            SELECT id, version, traits::jsonb, facts::jsonb, purchases::jsonb,
                   first_seen, last_seen, created_at, changed_at
              FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::text[],
                          $6::timestamptz[], $7::timestamptz[], $8::timestamptz[], $9::timestamptz[])
                   AS saved (id, version, traits, facts, purchases,
                             first_seen, last_seen, created_at, changed_at)
            ON CONFLICT (id) DO UPDATE
               SET version = EXCLUDED.version, traits = EXCLUDED.traits, facts = EXCLUDED.facts,
                   purchases = EXCLUDED.purchases, first_seen = EXCLUDED.first_seen,
                   last_seen = EXCLUDED.last_seen, created_at = EXCLUDED.created_at,
                   changed_at = EXCLUDED.changed_at
            """;

    private static final String ATTACH =
            """
            INSERT INTO identifiers (type, value, customer_id, cause, linked_at)
            SELECT type, value, customer_id, cause, linked_at
              FROM unnest($1::text[], $2::text[], $3::uuid[], $4::text[], $5::timestamptz[])
                   AS attached (type, value, customer_id, cause, linked_at)
             ORDER BY type, value
            ON CONFLICT DO NOTHING
            """;

    /** By the primary key and the index customers_merged_into. */
    private static final String MERGE_CUSTOMER =
            "UPDATE customers SET merged_into = $1 WHERE id = $2 OR merged_into = $2";

    /** By the index identifiers_customer. */
    private static final String MERGE_IDENTIFIERS =
            "UPDATE identifiers SET customer_id = $1 WHERE customer_id = $2";

    private static final String MERGE_RECORD =
            "INSERT INTO merges (survivor, merged, cause, merged_at) VALUES ($1, $2, $3, $4)";

    private final PermissionStore permissions;
    private final MeterRegistry metrics;

    CustomerStore(PermissionStore permissions, MeterRegistry metrics) {
        this.permissions = permissions;
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

    /** Those of the events that were not applied before; marks nothing. */
    public Uni<List<AcceptedEvent>> unseen(SqlConnection tx, List<AcceptedEvent> events) {
        Tuple messages =
                Tuple.of(
                        Columns.texts(events, AcceptedEvent::source),
                        Columns.texts(events, AcceptedEvent::messageId));
        return tx.preparedQuery(ACCEPTED)
                .execute(messages)
                .map(rows -> {
                    Set<Message> seen = new HashSet<>(Columns.list(rows, Message::of));
                    return events.stream().filter(e -> !seen.contains(Message.of(e))).toList();
                });
    }

    /**
     * Locks the customers that hold any of the identifiers and reads them whole.
     *
     * @throws ConcurrentChange (as a failure) when one was merged away between finding and locking
     */
    public Uni<List<Profile>> lockHolders(SqlConnection tx, Collection<Identifier> identifiers) {
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
     * Locks customers, in the order of their ids, and reads them whole.
     *
     * @throws ConcurrentChange (as a failure) when one of them was merged away
     */
    public Uni<List<Profile>> lock(SqlConnection tx, Collection<CustomerId> customers) {
        if (customers.isEmpty()) {
            return Uni.createFrom().item(List.of());
        }
        Tuple ids = Tuple.of(Columns.uuids(customers));
        return tx.preparedQuery(LOCK)
                .execute(ids)
                .chain(locked ->
                        tx.preparedQuery(IDENTIFIERS)
                                .execute(ids)
                                .map(identifiers -> profiles(locked, identifiers)));
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

    /**
     * Stores what a unit of work changed.
     *
     * @throws ConcurrentChange (as a failure) when somebody else has one of the new identifiers by
     *     now
     */
    public Uni<Void> save(SqlConnection tx, Changes changes) {
        return saveProfiles(tx, changes.profiles())
                .chain(() -> mergeAll(tx, changes.merges()))
                .chain(() -> attach(tx, changes.attached()));
    }

    private Uni<Void> saveProfiles(SqlConnection tx, List<Profile> profiles) {
        return profiles.isEmpty()
                ? Uni.createFrom().voidItem()
                : tx.preparedQuery(SAVE).execute(ProfileRows.columns(profiles)).replaceWithVoid();
    }

    private Uni<Void> mergeAll(SqlConnection tx, List<CustomersMerged> merges) {
        return Multi.createFrom()
                .iterable(merges)
                .onItem()
                .transformToUniAndConcatenate(merge -> merge(tx, merge))
                .collect()
                .last()
                .replaceWithVoid();
    }

    private Uni<Void> merge(SqlConnection tx, CustomersMerged merge) {
        Tuple both = Tuple.of(merge.survivor().value(), merge.merged().value());
        Tuple record =
                Tuple.of(
                        merge.survivor().value(),
                        merge.merged().value(),
                        merge.cause(),
                        Columns.time(merge.mergedAt()));
        return tx.preparedQuery(MERGE_CUSTOMER)
                .execute(both)
                .chain(() -> tx.preparedQuery(MERGE_IDENTIFIERS).execute(both))
                .chain(() -> permissions.merge(tx, merge.survivor(), merge.merged()))
                .chain(() -> tx.preparedQuery(MERGE_RECORD).execute(record))
                .replaceWithVoid();
    }

    private Uni<Void> attach(SqlConnection tx, List<Changes.Attached> attached) {
        if (attached.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        List<Changes.Attached> sorted = new ArrayList<>(attached);
        sorted.sort(Comparator.comparing(Changes.Attached::identifier));
        Tuple rows =
                Tuple.of(
                        Columns.texts(sorted, a -> a.identifier().type()),
                        Columns.texts(sorted, a -> a.identifier().value()),
                        Columns.ids(sorted, Changes.Attached::customer),
                        Columns.texts(sorted, Changes.Attached::cause),
                        Columns.times(sorted, Changes.Attached::at));
        return tx.preparedQuery(ATTACH)
                .execute(rows)
                .invoke(result -> {
                    if (result.rowCount() < sorted.size()) {
                        throw new ConcurrentChange("an identifier got a holder meanwhile");
                    }
                })
                .replaceWithVoid();
    }

    private static List<Profile> profiles(RowSet<Row> locked, RowSet<Row> identifiers) {
        Map<CustomerId, SortedSet<Identifier>> held = new HashMap<>();
        for (Row row : identifiers) {
            held.computeIfAbsent(Columns.customer(row, "customer_id"), id -> new TreeSet<>())
                    .add(new Identifier(row.getString("type"), row.getString("value")));
        }
        return Columns.list(
                locked,
                row -> {
                    if (row.getUUID("merged_into") != null) {
                        throw new ConcurrentChange("a customer was merged meanwhile");
                    }
                    CustomerId id = Columns.customer(row, "id");
                    return ProfileRows.read(
                            row, held.getOrDefault(id, Collections.emptySortedSet()));
                });
    }
}
