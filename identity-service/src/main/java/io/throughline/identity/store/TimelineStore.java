package io.throughline.identity.store;

import io.smallrye.mutiny.Uni;
import io.throughline.contracts.Channel;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Identifier;
import io.throughline.contracts.MessageId;
import io.throughline.identity.resolution.Changes;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
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

    /** By the primary keys of customers and the timeline, a range of that for each id. */
    private static final String REASSIGN =
            """
            WITH owned AS (
              SELECT * FROM unnest($1::uuid[], $2::uuid[]) AS o (message, owner)),
            root AS (
              SELECT DISTINCT coalesce(c.merged_into, c.id) AS id FROM customers c WHERE c.id = ANY($3)),
            who AS (
              SELECT id FROM root UNION SELECT c.id FROM customers c JOIN root ON c.merged_into = root.id),
            theirs AS (
              SELECT t.customer_id, t.at, t.id, owned.owner, t.entry ->> 'channel' AS channel
                FROM who JOIN timeline t ON t.customer_id = who.id AND t.kind = 'message'
                JOIN owned ON owned.message = (t.entry ->> 'message')::uuid AND owned.owner <> t.customer_id
                 FOR UPDATE OF t)
            UPDATE timeline t SET customer_id = theirs.owner
              FROM theirs WHERE t.customer_id = theirs.customer_id AND t.at = theirs.at AND t.id = theirs.id
            RETURNING theirs.customer_id AS was, theirs.owner, theirs.channel
            """;

    /** By the primary key, a range of it for each id: a customer's history is read whole. */
    private static final String OF_MESSAGES =
            """
            SELECT t.customer_id, t.at, t.entry::text AS entry
              FROM timeline t
             WHERE t.customer_id = ANY($1) AND t.kind = 'message'
             ORDER BY t.at, t.id
            """;

    /**
     * By the primary key, one range a customer id. An entry of before identifiers stood in it has
     * the address alone.
     */
    private static final String MOVE_CONSENTS =
            """
            UPDATE timeline SET customer_id = $2
             WHERE kind IN ('consent', 'opt-in-requested')
               AND (entry ->> 'identifier' = ANY($3)
                    OR entry ->> 'identifier' IS NULL AND entry ->> 'address' = ANY($4))
               AND customer_id IN (SELECT $1::uuid UNION ALL SELECT id FROM customers WHERE merged_into = $1)
            """;

    /** Of each customer id the newest before a place, then of all of them; ends {@link #PAGE}. */
    private static final String BEFORE =
            """
                       AND at <= coalesce($2::timestamptz, 'infinity')
                       AND ($2::timestamptz IS NULL OR (at, id) < ($2::timestamptz, $3::bigint))
                     ORDER BY at DESC, id DESC LIMIT $4) AS t
             ORDER BY t.at DESC, t.id DESC LIMIT $4
            """;

    private static final String PAGE =
            """
            SELECT t.at, t.id, t.kind, t.entry::text AS entry
              FROM unnest($1::uuid[]) AS c (id)
             CROSS JOIN LATERAL
                   (SELECT * FROM timeline WHERE customer_id = c.id
            """;

    /** By the primary key (customer_id, at, id), one range a customer id. */
    private static final String READ = PAGE + BEFORE;

    /** By the index timeline_orders, one range a customer id. */
    private static final String ORDERS =
            PAGE
                    + """
                       AND kind = 'event' AND entry ->> 'name' IN ('Order Completed', 'Completed Order')
                       AND entry ->> 'type' = 'track'
                    """
                    + BEFORE;

    private final Pool pool;

    TimelineStore(Pool pool) {
        this.pool = pool;
    }

    /**
     * @param entry JSON object
     */
    public record Read(Instant at, long id, String kind, String entry) {}

    /**
     * An entry of a message that went to another customer.
     *
     * @param was whose it was
     */
    public record Moved(CustomerId was, CustomerId owner, Channel channel) {}

    /**
     * An entry of a message.
     *
     * @param entry JSON object
     */
    public record OfMessage(CustomerId customer, Instant at, String entry) {}

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

    /**
     * Events of sightings that turned out to be another customer's go there, and what was said
     * under identifiers.
     */
    Uni<Void> move(SqlConnection tx, Changes.Unlinked unlinked) {
        UUID from = unlinked.from().value();
        UUID to = unlinked.to().value();
        return tx.preparedQuery(MOVE)
                .execute(Tuple.of(from, to, unlinked.sightings().toArray(UUID[]::new)))
                .chain(() ->
                        tx.preparedQuery(MOVE_CONSENTS)
                                .execute(
                                        Tuple.of(
                                                from,
                                                to,
                                                Columns.written(unlinked.identifiers()),
                                                Columns.texts(
                                                        unlinked.identifiers(),
                                                        Identifier::value))))
                .replaceWithVoid();
    }

    /**
     * Entries of messages go to the customers that the messages turned out to be of.
     *
     * @param told as whose they were told of
     */
    public Uni<List<Moved>> reassign(
            SqlConnection tx, Map<MessageId, CustomerId> owners, Collection<CustomerId> told) {
        List<Map.Entry<MessageId, CustomerId>> owned = List.copyOf(owners.entrySet());
        return tx.preparedQuery(REASSIGN)
                .execute(
                        Tuple.of(
                                owned.stream().map(o -> o.getKey().value()).toArray(UUID[]::new),
                                Columns.ids(owned, Map.Entry::getValue),
                                Columns.uuids(told)))
                .map(rows ->
                        Columns.list(
                                rows,
                                row ->
                                        new Moved(
                                                Columns.customer(row, "was"),
                                                Columns.customer(row, "owner"),
                                                Channel.of(row.getString("channel")))));
    }

    /** All entries of messages of some customers, in the order in which they happened. */
    public Uni<List<OfMessage>> ofMessages(SqlConnection tx, Collection<CustomerId> customers) {
        return tx.preparedQuery(OF_MESSAGES)
                .execute(Tuple.of((Object) Columns.uuids(customers)))
                .map(rows ->
                        Columns.list(
                                rows,
                                row ->
                                        new OfMessage(
                                                Columns.customer(row, "customer_id"),
                                                Columns.instant(row, "at"),
                                                row.getString("entry"))));
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
