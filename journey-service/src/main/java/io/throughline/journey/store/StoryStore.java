package io.throughline.journey.store;

import io.smallrye.mutiny.Uni;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.customer.BehaviourRecorded;
import io.throughline.journey.profile.KnownCustomer;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Customers and what they did, page by page in the order of their ids, for dry runs. */
@ApplicationScoped
public class StoryStore {

    // Index: customers_pkey.
    private static final String COUNT =
            """
            SELECT count(*) FROM customers WHERE survivor IS NULL
            """;

    // Index: customers_pkey.
    private static final String CUSTOMERS =
            """
            SELECT id, profile_version, traits::text, addresses::text, time_zone, locale, whereabouts,
                   consents::text, engagement::text, segments::text, scores::text, joined_at
              FROM customers
             WHERE survivor IS NULL AND ($1::uuid IS NULL OR id > $1)
             ORDER BY id
             LIMIT $2
            """;

    // Index: customers_pkey and customers_survivor, then behaviours_customer.
    private static final String BEHAVIOURS =
            """
            SELECT owned.owner, b.event::text
              FROM (SELECT id AS owner, id AS alias
                      FROM customers WHERE id = ANY($1::uuid[])
                     UNION ALL
                    SELECT survivor, id
                      FROM customers WHERE survivor = ANY($1::uuid[])) AS owned
             CROSS JOIN LATERAL
                   (SELECT * FROM behaviours
                     WHERE customer = owned.alias AND received_at >= $2
                     ORDER BY received_at DESC, id DESC LIMIT $3) AS b
             ORDER BY owned.owner, b.received_at, b.id
            """;

    /** A customer of more is a test or a till; what is older of hers is left out. */
    private static final int MOST_EVENTS = 2_000;

    private final Pool pool;

    StoryStore(Pool pool) {
        this.pool = pool;
    }

    /**
     * @param events by the time of their receipt
     */
    public record Story(KnownCustomer customer, List<BehaviourRecorded> events) {}

    /** How many customers there are. */
    public Uni<Long> count() {
        return pool.preparedQuery(COUNT).execute().map(rows -> rows.iterator().next().getLong(0));
    }

    /**
     * @param after the last customer of the page before; absent for the first
     * @param since what was received before is left out
     */
    public Uni<List<Story>> page(@Nullable CustomerId after, Instant since, int limit) {
        return pool.preparedQuery(CUSTOMERS)
                .execute(Tuple.from(Arrays.asList(after == null ? null : after.value(), limit)))
                .map(StoryStore::customers)
                .chain(customers -> withBehaviours(customers, since));
    }

    private Uni<List<Story>> withBehaviours(List<KnownCustomer> customers, Instant since) {
        if (customers.isEmpty()) {
            return Uni.createFrom().item(List.of());
        }
        UUID[] ids = customers.stream().map(c -> c.id().value()).toArray(UUID[]::new);
        return pool.preparedQuery(BEHAVIOURS)
                .execute(Tuple.of(ids, Columns.utc(since), MOST_EVENTS))
                .map(rows -> stories(customers, rows));
    }

    private static List<Story> stories(List<KnownCustomer> customers, RowSet<Row> rows) {
        Map<UUID, List<BehaviourRecorded>> events = new HashMap<>();
        for (Row row : rows) {
            events.computeIfAbsent(row.getUUID(0), owner -> new ArrayList<>())
                    .add(Json.read(row.getString(1), BehaviourRecorded.class));
        }
        return customers.stream()
                .map(customer ->
                        new Story(customer, events.getOrDefault(customer.id().value(), List.of())))
                .toList();
    }

    private static List<KnownCustomer> customers(RowSet<Row> rows) {
        List<KnownCustomer> customers = new ArrayList<>();
        rows.forEach(row -> customers.add(CustomerStore.customer(row)));
        return customers;
    }
}
