package io.throughline.identity.store;

import com.fasterxml.jackson.annotation.JsonRawValue;
import io.smallrye.mutiny.Uni;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Identifier;
import io.throughline.contracts.Whereabouts;
import io.throughline.governance.ConsentWrite;
import io.throughline.governance.CustomerHistory;
import io.throughline.governance.SilenceWrite;
import io.throughline.identity.profile.Profile;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlClient;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Reads customers as they are, without locks. */
@ApplicationScoped
public class CustomerReader {

    /** By the primary key. */
    private static final String CURRENT =
            """
            SELECT id, coalesce(merged_into, id) AS current
              FROM customers WHERE id = ANY($1) AND erased_at IS NULL
            """;

    /** By the primary key. */
    private static final String ERASED =
            "SELECT erased_at FROM customers WHERE id = $1 AND erased_at IS NOT NULL";

    /** By the primary key (type, value). */
    private static final String HOLDER =
            "SELECT customer_id FROM identifiers WHERE type = $1 AND value = $2 AND held";

    /** By the primary key (type, value). */
    private static final String HOLDERS =
            """
            SELECT i.type, i.value, i.customer_id
              FROM unnest($1::text[], $2::text[]) AS asked (type, value)
              JOIN identifiers i USING (type, value)
             WHERE i.held
            """;

    /** By the primary key. */
    private static final String SHARE =
            "SELECT merged_into, erased_at FROM customers WHERE id = ANY($1) ORDER BY id FOR SHARE";

    /** By the primary key. */
    private static final String PROFILES =
            "SELECT " + ProfileRows.COLUMNS + " FROM customers WHERE id = ANY($1)";

    /** By the index identifiers_customer. */
    private static final String IDENTIFIERS =
            """
            SELECT type, value, cause, linked_at
              FROM identifiers WHERE customer_id = $1 AND held ORDER BY linked_at, type, value
            """;

    /** By the index identifiers_customer. */
    private static final String NUMBERS =
            """
            SELECT customer_id, value FROM identifiers
             WHERE customer_id = ANY($1) AND held AND type = 'phone'
            """;

    /** By the index customers_merged_into. */
    private static final String ALIASES =
            "SELECT id, merged_into FROM customers WHERE merged_into = ANY($1) ORDER BY id";

    /** By the primary key (customer_id, channel, topic). */
    private static final String CONSENTS =
            """
            SELECT customer_id, channel, topic, state, at
              FROM consents WHERE customer_id = ANY($1) ORDER BY channel, topic
            """;

    private static final String LEDGER =
            """
            SELECT channel, topic, state, address, identifier, source, evidence::text AS evidence, wording,
                   legal_basis, recorded_by, occurred_at, recorded_at
            """
                    + PermissionStore.LINES_OF
                    + " ORDER BY recorded_at DESC, id DESC LIMIT 200";

    /** By the index identifiers_customer and the primary key (address, channel, topic). */
    private static final String ADDRESS_CONSENTS =
            """
            SELECT i.customer_id, a.address, a.channel, a.topic, a.state, a.at
              FROM identifiers i JOIN address_consents a ON a.address = i.value
             WHERE i.customer_id = ANY($1) AND i.held AND i.type IN ('email', 'phone', 'push_token')
            """;

    /**
     * Of a customer's running silences, those that are told to the gate. With {@code MOST_CONTACTS}
     * in gate.lua and her consents a call there takes eight thousand values apart, three of each
     * silence; beyond it answers nothing at all.
     */
    static final int MOST_SILENCES = 1_000;

    /**
     * By the primary key (customer_id, cause). The longest of every scope comes before the next
     * longest of any, and what keeps back before what was lifted, so what decides is always there;
     * when a silence is lifted its customer is read anew.
     */
    private static final String SILENCES =
            """
            SELECT customer_id, cause, journey, categories, at, until, lifted
              FROM (SELECT running.*, row_number() OVER (PARTITION BY customer_id
                                                         ORDER BY place, lifted, until DESC) AS turn
                      FROM (SELECT customer_id, cause, journey, categories, at, until, lifted,
                                   row_number() OVER (PARTITION BY customer_id, journey, categories, lifted
                                                      ORDER BY until DESC) AS place
                              FROM silences WHERE customer_id = ANY($1) AND until > $2) running) placed
             WHERE turn <= $3
            """;

    /**
     * Under every id she had. By the indexes customers_pkey, customers_merged_into,
     * last_engaged_pkey.
     */
    private static final String ENGAGED =
            """
            SELECT coalesce(c.merged_into, c.id) AS customer, max(e.at) AS at
              FROM customers c JOIN last_engaged e ON e.customer_id = c.id
             WHERE c.id = ANY($1) OR c.merged_into = ANY($1)
             GROUP BY 1
            """;

    private final Pool pool;
    private final InstantSource clock;

    CustomerReader(Pool pool, InstantSource clock) {
        this.pool = pool;
        this.clock = clock;
    }

    /**
     * An identifier and since when it is the customer's.
     *
     * @param cause the {@code messageId} that linked it
     */
    public record Link(Identifier identifier, String cause, Instant linkedAt) {}

    /**
     * A line of the ledger, as it was written.
     *
     * @param identifier under which it was said
     * @param evidence JSON object
     */
    public record LedgerLine(
            String channel,
            @Nullable String topic,
            String state,
            @Nullable String address,
            @Nullable String identifier,
            String source,
            @JsonRawValue @Nullable String evidence,
            @Nullable String wording,
            @Nullable String legalBasis,
            @Nullable String recordedBy,
            Instant occurredAt,
            Instant recordedAt) {}

    /**
     * What a customer may be sent, and everything it was concluded from, newest first.
     *
     * @param addresses what counts for the addresses she holds, whoever said it
     */
    public record Consents(
            List<ConsentWrite> current, List<ConsentWrite> addresses, List<LedgerLine> ledger) {}

    /** When a customer was erased; absent where she is there, or never was. */
    public Uni<@Nullable Instant> erasedAt(CustomerId customer) {
        return pool.preparedQuery(ERASED)
                .execute(Tuple.of(customer.value()))
                .map(rows ->
                        rows.rowCount() == 0
                                ? null
                                : Columns.instant(rows.iterator().next(), "erased_at"));
    }

    /** Who the customers are by now; unknown and erased ids are left out. */
    public Uni<Map<CustomerId, CustomerId>> current(Collection<CustomerId> customers) {
        return current(pool, customers);
    }

    /** The same as a transaction sees it. */
    public Uni<Map<CustomerId, CustomerId>> current(
            SqlClient client, Collection<CustomerId> customers) {
        return client.preparedQuery(CURRENT)
                .execute(Tuple.of(Columns.uuids(customers)))
                .map(rows -> {
                    Map<CustomerId, CustomerId> current = new LinkedHashMap<>();
                    rows.forEach(row ->
                            current.put(
                                    Columns.customer(row, "id"), Columns.customer(row, "current")));
                    return current;
                });
    }

    public Uni<@Nullable CustomerId> holder(Identifier identifier) {
        return pool.preparedQuery(HOLDER)
                .execute(Tuple.of(identifier.type(), identifier.value()))
                .map(rows ->
                        rows.rowCount() == 0
                                ? null
                                : Columns.customer(rows.iterator().next(), "customer_id"));
    }

    /** Who holds identifiers, of those that anybody holds. */
    public Uni<Map<Identifier, CustomerId>> holders(Collection<Identifier> identifiers) {
        return pool.preparedQuery(HOLDERS)
                .execute(
                        Tuple.of(
                                Columns.texts(identifiers, Identifier::type),
                                Columns.texts(identifiers, Identifier::value)))
                .map(rows -> {
                    Map<Identifier, CustomerId> holders = new HashMap<>();
                    rows.forEach(row ->
                            holders.put(
                                    new Identifier(row.getString("type"), row.getString("value")),
                                    Columns.customer(row, "customer_id")));
                    return holders;
                });
    }

    /** The profile of a customer that was not merged away. */
    public Uni<Profile> profile(CustomerId customer) {
        return identifiers(customer)
                .chain(links ->
                        pool.preparedQuery(PROFILES)
                                .execute(Tuple.of(Columns.uuids(List.of(customer))))
                                .map(rows -> profile(rows.iterator().next(), links)));
    }

    public Uni<List<Link>> identifiers(CustomerId customer) {
        return pool.preparedQuery(IDENTIFIERS)
                .execute(Tuple.of(customer.value()))
                .map(rows -> Columns.list(rows, CustomerReader::link));
    }

    /** The ids that were merged into a customer. */
    public Uni<List<CustomerId>> aliases(CustomerId customer) {
        return pool.preparedQuery(ALIASES)
                .execute(Tuple.of(Columns.uuids(List.of(customer))))
                .map(rows -> Columns.list(rows, row -> Columns.customer(row, "id")));
    }

    /**
     * @param customers a customer's id and those that were merged into her
     */
    public Uni<Consents> consents(CustomerId customer, Collection<CustomerId> customers) {
        return pool.preparedQuery(CONSENTS)
                .execute(Tuple.of(Columns.uuids(List.of(customer))))
                .map(rows -> Columns.list(rows, row -> PermissionStore.write(row, customer, null)))
                .chain(current ->
                        pool.preparedQuery(ADDRESS_CONSENTS)
                                .execute(Tuple.of(Columns.uuids(List.of(customer))))
                                .chain(addresses ->
                                        pool.preparedQuery(LEDGER)
                                                .execute(Tuple.of(Columns.uuids(customers)))
                                                .map(rows ->
                                                        new Consents(
                                                                current,
                                                                ofAddresses(addresses),
                                                                Columns.list(
                                                                        rows,
                                                                        CustomerReader
                                                                                ::ledgerLine)))));
    }

    private static List<ConsentWrite> ofAddresses(RowSet<Row> rows) {
        return Columns.list(
                rows, row -> PermissionStore.write(row, null, row.getString("address")));
    }

    /** What counts of a customer's consents, and of those of the addresses she holds. */
    public Uni<List<ConsentWrite>> standing(CustomerId customer) {
        Tuple ids = Tuple.of(Columns.uuids(List.of(customer)));
        return Uni.combine()
                .all()
                .unis(
                        pool.preparedQuery(CONSENTS).execute(ids),
                        pool.preparedQuery(ADDRESS_CONSENTS).execute(ids))
                .with((own, addresses) -> {
                    List<ConsentWrite> standing = new ArrayList<>();
                    own.forEach(row -> standing.add(PermissionStore.write(row, customer, null)));
                    addresses.forEach(row ->
                            standing.add(
                                    PermissionStore.write(row, null, row.getString("address"))));
                    return standing;
                });
    }

    /**
     * What the gate must know of customers, in the order given. They stay locked against changes
     * until the transaction ends, so that nothing can be said between reading and giving.
     *
     * @throws ConcurrentChange (as a failure) when one of them was merged away
     */
    public Uni<List<CustomerHistory>> permissions(SqlConnection tx, List<CustomerId> customers) {
        return tx.preparedQuery(SHARE)
                .execute(Tuple.of(Columns.uuids(customers)))
                .invoke(CustomerReader::nobodyMerged)
                .chain(() -> lockedPermissions(tx, customers));
    }

    private Uni<List<CustomerHistory>> lockedPermissions(
            SqlConnection tx, List<CustomerId> customers) {
        Tuple ids = Tuple.of(Columns.uuids(customers));
        Tuple silent =
                Tuple.of(Columns.uuids(customers), Columns.time(clock.instant()), MOST_SILENCES);
        return Uni.combine()
                .all()
                .unis(
                        tx.preparedQuery(PROFILES).execute(ids),
                        tx.preparedQuery(CONSENTS).execute(ids),
                        tx.preparedQuery(ADDRESS_CONSENTS).execute(ids),
                        tx.preparedQuery(SILENCES).execute(silent),
                        tx.preparedQuery(ALIASES).execute(ids),
                        tx.preparedQuery(NUMBERS).execute(ids),
                        tx.preparedQuery(ENGAGED).execute(ids))
                .with((profiles, consents, addresses, silences, aliases, numbers, engaged) ->
                        histories(
                                customers, profiles, consents, addresses, silences, aliases,
                                numbers, engaged));
    }

    private static List<CustomerHistory> histories(
            List<CustomerId> customers,
            RowSet<Row> profiles,
            RowSet<Row> consents,
            RowSet<Row> addresses,
            RowSet<Row> silences,
            RowSet<Row> aliases,
            RowSet<Row> numbers,
            RowSet<Row> engaged) {
        Map<CustomerId, List<ConsentWrite>> said = new HashMap<>();
        for (Row row : consents) {
            CustomerId customer = Columns.customer(row, "customer_id");
            add(said, customer, PermissionStore.write(row, customer, null));
        }
        for (Row row : addresses) {
            add(
                    said,
                    Columns.customer(row, "customer_id"),
                    PermissionStore.write(row, null, row.getString("address")));
        }
        Map<CustomerId, List<SilenceWrite>> silent = new HashMap<>();
        for (Row row : silences) {
            CustomerId customer = Columns.customer(row, "customer_id");
            add(silent, customer, PermissionStore.silence(row));
        }
        Map<CustomerId, List<CustomerId>> merged = new HashMap<>();
        for (Row row : aliases) {
            add(merged, Columns.customer(row, "merged_into"), Columns.customer(row, "id"));
        }
        Map<CustomerId, SortedSet<Identifier>> held = new HashMap<>();
        for (Row row : numbers) {
            held.computeIfAbsent(Columns.customer(row, "customer_id"), c -> new TreeSet<>())
                    .add(new Identifier(Identifier.PHONE, row.getString("value")));
        }
        Map<CustomerId, Whereabouts> where = new HashMap<>();
        for (Row row : profiles) {
            CustomerId customer = Columns.customer(row, "id");
            where.put(
                    customer,
                    ProfileRows.read(row, held.getOrDefault(customer, new TreeSet<>()))
                            .whereabouts());
        }
        Map<CustomerId, Instant> engagedAt = new HashMap<>();
        for (Row row : engaged) {
            engagedAt.put(Columns.customer(row, "customer"), Columns.instant(row, "at"));
        }
        return customers.stream()
                .<CustomerHistory>map(customer ->
                        new CustomerHistory.Permissions(
                                customer,
                                said.getOrDefault(customer, List.of()),
                                silent.getOrDefault(customer, List.of()),
                                where.get(customer),
                                merged.getOrDefault(customer, List.of()),
                                engagedAt.get(customer)))
                .toList();
    }

    private static void nobodyMerged(RowSet<Row> locked) {
        for (Row row : locked) {
            if (row.getUUID("merged_into") != null || row.getValue("erased_at") != null) {
                throw new ConcurrentChange("a customer was merged or erased meanwhile");
            }
        }
    }

    private static <T> void add(Map<CustomerId, List<T>> lists, CustomerId customer, T item) {
        lists.computeIfAbsent(customer, id -> new ArrayList<>()).add(item);
    }

    private static Profile profile(Row row, List<Link> links) {
        TreeSet<Identifier> identifiers = new TreeSet<>();
        links.forEach(link -> identifiers.add(link.identifier()));
        return ProfileRows.read(row, identifiers);
    }

    private static Link link(Row row) {
        return new Link(
                new Identifier(row.getString("type"), row.getString("value")),
                row.getString("cause"),
                Columns.instant(row, "linked_at"));
    }

    private static LedgerLine ledgerLine(Row row) {
        return new LedgerLine(
                row.getString("channel"),
                PermissionStore.absent(row.getString("topic")),
                row.getString("state"),
                row.getString("address"),
                row.getString("identifier"),
                row.getString("source"),
                row.getString("evidence"),
                row.getString("wording"),
                row.getString("legal_basis"),
                row.getString("recorded_by"),
                Columns.instant(row, "occurred_at"),
                Columns.instant(row, "recorded_at"));
    }
}
