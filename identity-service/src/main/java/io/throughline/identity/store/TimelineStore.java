package io.throughline.identity.store;

import io.smallrye.mutiny.Uni;
import io.throughline.contracts.CustomerId;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Customers' histories, newest first. */
@ApplicationScoped
public class TimelineStore {

    private static final String APPEND =
            """
            INSERT INTO timeline (customer_id, at, kind, entry, sighting)
            SELECT customer_id, at, kind, entry::json, sighting
              FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::uuid[])
                   AS entries (customer_id, at, kind, entry, sighting)
            """;

    /** By the primary key, one range a customer id: a customer's history is read whole, once. */
    private static final String MOVE =
            """
            UPDATE timeline SET customer_id = $2
             WHERE sighting = ANY($3)
               AND customer_id IN (SELECT $1::uuid UNION ALL SELECT id FROM customers WHERE merged_into = $1)
            """;

    /** By the primary key (customer_id, at, id), one range a customer id. */
    private static final String READ =
            """
            SELECT at, id, kind, entry::text AS entry
              FROM timeline
             WHERE customer_id = ANY($1)
               AND ($2::timestamptz IS NULL OR (at, id) < ($2::timestamptz, $3::bigint))
             ORDER BY at DESC, id DESC
             LIMIT $4
            """;

    /** By the index timeline_orders, one range a customer id. */
    private static final String ORDERS =
            """
            SELECT at, id, kind, entry::text AS entry
              FROM timeline
             WHERE customer_id = ANY($1)
               AND kind = 'event' AND entry ->> 'name' IN ('Order Completed', 'Completed Order')
               AND entry ->> 'type' = 'track'
               AND ($2::timestamptz IS NULL OR (at, id) < ($2::timestamptz, $3::bigint))
             ORDER BY at DESC, id DESC
             LIMIT $4
            """;

    private final Pool pool;

    TimelineStore(Pool pool) {
        this.pool = pool;
    }

    /**
     * @param entry JSON object
     */
    public record Read(Instant at, long id, String kind, String entry) {}

    /** Where the page before ended. */
    public record Position(Instant at, long id) {}

    public Uni<Void> append(SqlConnection tx, List<TimelineEntry> entries) {
        if (entries.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        return tx.preparedQuery(APPEND)
                .execute(
                        Tuple.of(
                                Columns.ids(entries, TimelineEntry::customer),
                                Columns.times(entries, TimelineEntry::at),
                                Columns.texts(entries, TimelineEntry::kind),
                                Columns.jsons(entries, TimelineEntry::entry),
                                Columns.nullableUuids(entries, TimelineEntry::sighting)))
                .replaceWithVoid();
    }

    /** Events of sightings that turned out to be another customer's go there. */
    Uni<Void> move(SqlConnection tx, CustomerId from, CustomerId to, Collection<UUID> sightings) {
        return tx.preparedQuery(MOVE)
                .execute(Tuple.of(from.value(), to.value(), sightings.toArray(UUID[]::new)))
                .replaceWithVoid();
    }

    /**
     * The newest entries of a customer.
     *
     * @param customers her id and those that were merged into her
     * @param before absent for the first page
     */
    public Uni<List<Read>> read(
            Collection<CustomerId> customers, @Nullable Position before, int limit) {
        return read(READ, customers, before, limit);
    }

    /** The same of the orders among them. */
    public Uni<List<Read>> orders(
            Collection<CustomerId> customers, @Nullable Position before, int limit) {
        return read(ORDERS, customers, before, limit);
    }

    private Uni<List<Read>> read(
            String sql, Collection<CustomerId> customers, @Nullable Position before, int limit) {
        Tuple parameters =
                Tuple.of(
                        Columns.uuids(customers),
                        before == null ? null : Columns.time(before.at()),
                        before == null ? null : before.id(),
                        limit);
        return pool.preparedQuery(sql)
                .execute(parameters)
                .map(rows -> Columns.list(rows, TimelineStore::entry));
    }

    private static Read entry(Row row) {
        return new Read(
                Columns.instant(row, "at"),
                row.getLong("id"),
                row.getString("kind"),
                row.getString("entry"));
    }
}
