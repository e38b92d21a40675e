package io.throughline.identity.store;

import io.smallrye.mutiny.Uni;
import io.throughline.chassis.stream.Statements;
import io.throughline.contracts.CustomerId;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Who is in which segment. A customer's memberships change only under the lock of her row in {@code
 * segment_customers}; the row of {@code customers} is left to those who change what is known of
 * her, so that evaluating never holds up the taking in of events.
 */
@ApplicationScoped
public class MembershipStore {

    /** By the primary key. */
    private static final String CURRENT =
            """
            SELECT id, coalesce(merged_into, id) AS current FROM customers WHERE id = ANY($1)
            """;

    private static final String KNOW =
            """
            INSERT INTO segment_customers (customer_id)
            SELECT id FROM unnest($1::uuid[]) AS id ORDER BY id
            ON CONFLICT DO NOTHING
            """;

    /** By the primary key. */
    private static final String LOCK =
            """
            SELECT customer_id, due FROM segment_customers
             WHERE customer_id = ANY($1) ORDER BY customer_id FOR UPDATE
            """;

    /** By the index segment_customers_due; nobody is waited for, so the order does no harm. */
    private static final String LOCK_DUE =
            """
            SELECT customer_id, due FROM segment_customers
             WHERE due <= $1 ORDER BY due LIMIT $2 FOR UPDATE SKIP LOCKED
            """;

    /** By the primary key (customer_id, segment). */
    private static final String OF_CUSTOMERS =
            """
            SELECT customer_id, segment, version, since FROM segment_members
             WHERE customer_id = ANY($1) ORDER BY customer_id, segment
            """;

    /** By the index segment_members_segment. */
    private static final String IN_SEGMENT =
            """
            SELECT customer_id, segment, version, since FROM segment_members
             WHERE segment = $1
               AND ($2::timestamptz IS NULL OR (since, customer_id) < ($2::timestamptz, $3::uuid))
             ORDER BY since DESC, customer_id DESC LIMIT $4
            """;

    /** By the index segment_members_segment. */
    private static final String SOME =
            "SELECT customer_id FROM segment_members WHERE segment = $1 LIMIT $2";

    private static final String ENTER =
            """
            INSERT INTO segment_members (customer_id, segment, version, since)
            SELECT customer_id, segment, version, since
              FROM unnest($1::uuid[], $2::text[], $3::int[], $4::timestamptz[])
                   AS n (customer_id, segment, version, since)
            ON CONFLICT (customer_id, segment) DO NOTHING
            """;

    /** By the primary key (customer_id, segment). */
    private static final String LEAVE =
            """
            DELETE FROM segment_members m
             USING unnest($1::uuid[], $2::text[]) AS n (customer_id, segment)
             WHERE m.customer_id = n.customer_id AND m.segment = n.segment
            """;

    /** By the primary key. */
    private static final String DUE =
            """
            UPDATE segment_customers c SET due = n.due
              FROM unnest($1::uuid[], $2::timestamptz[]) AS n (customer_id, due)
             WHERE c.customer_id = n.customer_id AND c.due IS DISTINCT FROM n.due
            """;

    /** By the primary key. */
    private static final String FORGET =
            "DELETE FROM segment_customers WHERE customer_id = ANY($1)";

    private static final String RESIZE =
            """
            INSERT INTO segment_sizes (segment, slot, size)
            SELECT segment, $1, size FROM unnest($2::text[], $3::bigint[]) AS n (segment, size)
            ON CONFLICT (segment, slot) DO UPDATE SET size = segment_sizes.size + EXCLUDED.size
            """;

    private static final int SLOTS = 16;

    private final Pool pool;

    MembershipStore(Pool pool) {
        this.pool = pool;
    }

    /**
     * @param version of the definition by which she came in
     */
    public record Membership(CustomerId customer, String segment, int version, Instant since) {}

    /** Where the page before ended. */
    public record Position(Instant since, CustomerId customer) {}

    /**
     * When a customer is to be looked at again.
     *
     * @param due absent where time alone changes nothing
     */
    public record Due(CustomerId customer, @Nullable Instant due) {}

    /**
     * What becomes of customers; all of them are locked.
     *
     * @param forgotten those who were merged away
     */
    public record Changes(
            List<Membership> entered,
            List<Membership> left,
            List<Due> due,
            List<CustomerId> forgotten) {

        boolean isEmpty() {
            return entered.isEmpty() && left.isEmpty() && due.isEmpty() && forgotten.isEmpty();
        }
    }

    /** Who the customers are by now; unknown ids are left out. */
    public Uni<Map<CustomerId, CustomerId>> current(
            SqlConnection tx, Collection<CustomerId> customers) {
        return tx.preparedQuery(CURRENT)
                .execute(Tuple.of(Columns.uuids(customers)))
                .map(rows -> {
                    Map<CustomerId, CustomerId> current = new HashMap<>();
                    rows.forEach(row ->
                            current.put(
                                    Columns.customer(row, "id"), Columns.customer(row, "current")));
                    return current;
                });
    }

    /** Locks customers' memberships in the order of ids, and says when each is due. */
    public Uni<List<Due>> lock(SqlConnection tx, Collection<CustomerId> customers) {
        if (customers.isEmpty()) {
            return Uni.createFrom().item(List.of());
        }
        Tuple ids = Tuple.of(Columns.uuids(customers));
        return Uni.join()
                .all(tx.preparedQuery(KNOW).execute(ids), tx.preparedQuery(LOCK).execute(ids))
                .andFailFast()
                .map(results -> Columns.list(results.getLast(), MembershipStore::due));
    }

    /** Locks customers that are due and that nobody is at, the longest due first. */
    public Uni<List<Due>> lockDue(SqlConnection tx, Instant now, int most) {
        return tx.preparedQuery(LOCK_DUE)
                .execute(Tuple.of(Columns.time(now), most))
                .map(rows -> Columns.list(rows, MembershipStore::due));
    }

    public Uni<List<Membership>> of(SqlConnection tx, Collection<CustomerId> customers) {
        return customers.isEmpty()
                ? Uni.createFrom().item(List.of())
                : tx.preparedQuery(OF_CUSTOMERS)
                        .execute(Tuple.of(Columns.uuids(customers)))
                        .map(rows -> Columns.list(rows, MembershipStore::membership));
    }

    /** The segments a customer is in, in the order of keys. */
    public Uni<List<Membership>> of(CustomerId customer) {
        return pool.preparedQuery(OF_CUSTOMERS)
                .execute(Tuple.of(Columns.uuids(List.of(customer))))
                .map(rows -> Columns.list(rows, MembershipStore::membership));
    }

    /**
     * Who is in a segment, the newest first.
     *
     * @param before absent for the first page
     */
    public Uni<List<Membership>> in(String segment, @Nullable Position before, int limit) {
        return pool.preparedQuery(IN_SEGMENT)
                .execute(
                        Tuple.of(
                                segment,
                                before == null ? null : Columns.time(before.since()),
                                before == null ? null : before.customer().value(),
                                limit))
                .map(rows -> Columns.list(rows, MembershipStore::membership));
    }

    /** Some of those who are in a segment. */
    public Uni<List<CustomerId>> some(SqlConnection tx, String segment, int most) {
        return tx.preparedQuery(SOME)
                .execute(Tuple.of(segment, most))
                .map(rows -> Columns.list(rows, row -> Columns.customer(row, "customer_id")));
    }

    /** Stores what becomes of customers; the sizes last, since others wait for these. */
    public Uni<Void> save(SqlConnection tx, Changes changes) {
        if (changes.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        List<Uni<Void>> statements = new ArrayList<>();
        if (!changes.left().isEmpty()) {
            statements.add(
                    run(
                            tx,
                            LEAVE,
                            Tuple.of(
                                    Columns.ids(changes.left(), Membership::customer),
                                    Columns.texts(changes.left(), Membership::segment))));
        }
        if (!changes.entered().isEmpty()) {
            statements.add(
                    run(
                            tx,
                            ENTER,
                            Tuple.of(
                                    Columns.ids(changes.entered(), Membership::customer),
                                    Columns.texts(changes.entered(), Membership::segment),
                                    changes.entered().stream()
                                            .map(Membership::version)
                                            .toArray(Integer[]::new),
                                    Columns.times(changes.entered(), Membership::since))));
        }
        if (!changes.due().isEmpty()) {
            statements.add(
                    run(
                            tx,
                            DUE,
                            Tuple.of(
                                    Columns.ids(changes.due(), Due::customer),
                                    changes.due().stream()
                                            .map(due -> time(due.due()))
                                            .toArray(OffsetDateTime[]::new))));
        }
        if (!changes.forgotten().isEmpty()) {
            statements.add(run(tx, FORGET, Tuple.of(Columns.uuids(changes.forgotten()))));
        }
        resize(tx, changes, statements);
        return Statements.inOneGo(statements);
    }

    private static void resize(SqlConnection tx, Changes changes, List<Uni<Void>> statements) {
        SortedMap<String, Long> sizes = new TreeMap<>();
        changes.entered().forEach(one -> sizes.merge(one.segment(), 1L, Long::sum));
        changes.left().forEach(one -> sizes.merge(one.segment(), -1L, Long::sum));
        sizes.values().removeIf(change -> change == 0);
        if (!sizes.isEmpty()) {
            statements.add(
                    run(
                            tx,
                            RESIZE,
                            Tuple.of(
                                    (short) ThreadLocalRandom.current().nextInt(SLOTS),
                                    sizes.keySet().toArray(String[]::new),
                                    sizes.values().toArray(Long[]::new))));
        }
    }

    private static Uni<Void> run(SqlConnection tx, String sql, Tuple values) {
        return tx.preparedQuery(sql).execute(values).replaceWithVoid();
    }

    private static @Nullable OffsetDateTime time(@Nullable Instant instant) {
        return instant == null ? null : Columns.time(instant);
    }

    private static Due due(Row row) {
        OffsetDateTime due = row.getOffsetDateTime("due");
        return new Due(Columns.customer(row, "customer_id"), due == null ? null : due.toInstant());
    }

    private static Membership membership(Row row) {
        return new Membership(
                Columns.customer(row, "customer_id"),
                row.getString("segment"),
                row.getInteger("version"),
                Columns.instant(row, "since"));
    }

    /** The keys among memberships. */
    public static Set<String> keys(Collection<Membership> memberships) {
        Set<String> keys = new HashSet<>();
        memberships.forEach(membership -> keys.add(membership.segment()));
        return keys;
    }
}
