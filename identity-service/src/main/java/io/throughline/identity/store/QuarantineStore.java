package io.throughline.identity.store;

import io.smallrye.mutiny.Uni;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Identifier;
import io.throughline.identity.resolution.Sighting;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Profiles that have grown as far as profiles may, and wait for somebody to look at them. */
@ApplicationScoped
public class QuarantineStore {

    /** By the primary key. */
    private static final String LIFT = "DELETE FROM quarantines WHERE customer_id = ANY($1)";

    /** The customers are locked by whoever decides about them. */
    private static final String PUT =
            """
            INSERT INTO quarantines (customer_id, refused_at, links, newest)
            SELECT customer_id, refused_at, links, string_to_array(newest, ',')::uuid[]
              FROM unnest($1::uuid[], $2::timestamptz[], $3::int[], $4::text[])
                   AS put (customer_id, refused_at, links, newest)
             ORDER BY customer_id
            ON CONFLICT (customer_id) DO UPDATE
               SET refused_at = EXCLUDED.refused_at, links = EXCLUDED.links, newest = EXCLUDED.newest
            """;

    /**
     * By the index quarantines_refused_at, and of each customer by the index identifiers_customer.
     */
    private static final String PAGE =
            """
            SELECT q.customer_id, q.refused_at, q.links, q.newest,
                   (SELECT count(*) FROM identifiers i
                     WHERE i.customer_id = q.customer_id AND i.held) AS identifiers
              FROM quarantines q
             WHERE $1::timestamptz IS NULL OR (q.refused_at, q.customer_id) < ($1, $2)
             ORDER BY q.refused_at DESC, q.customer_id DESC LIMIT $3
            """;

    /** By the primary key. */
    private static final String LINKS =
            """
            SELECT customer_id, identifiers, refused, first_at, first_source, first_message
              FROM sightings WHERE id = ANY($1) ORDER BY first_at DESC, id
            """;

    private static final int MOST_SHOWN = 20;

    private final Pool pool;

    QuarantineStore(Pool pool) {
        this.pool = pool;
    }

    /**
     * A link that would have made a profile larger than profiles may be.
     *
     * @param identifiers that were seen together
     * @param refused those of them that were not linked
     * @param messageId of the first event that carried just these
     */
    public record RefusedLink(
            Instant at,
            String source,
            String messageId,
            List<Identifier> identifiers,
            List<Identifier> refused) {}

    /**
     * @param identifiers how many the customer holds
     * @param refusedAt when what was refused last happened
     * @param links how many were refused
     * @param newest of them, at most 20
     */
    public record Quarantined(
            CustomerId customer,
            long identifiers,
            Instant refusedAt,
            int links,
            List<RefusedLink> newest) {}

    /** Where the page before ended. */
    public record Position(Instant refusedAt, UUID customer) {}

    /** Replaces what is known of customers. */
    Uni<Void> save(SqlConnection tx, Map<CustomerId, SortedSet<Sighting>> quarantined) {
        List<CustomerId> lifted =
                quarantined.entrySet().stream()
                        .filter(q -> q.getValue().isEmpty())
                        .map(Map.Entry::getKey)
                        .toList();
        List<Map.Entry<CustomerId, SortedSet<Sighting>>> put =
                quarantined.entrySet().stream().filter(q -> !q.getValue().isEmpty()).toList();
        Uni<Void> done =
                lifted.isEmpty()
                        ? Uni.createFrom().voidItem()
                        : tx.preparedQuery(LIFT)
                                .execute(Tuple.of((Object) Columns.uuids(lifted)))
                                .replaceWithVoid();
        return put.isEmpty() ? done : done.chain(() -> put(tx, put));
    }

    private static Uni<Void> put(
            SqlConnection tx, List<Map.Entry<CustomerId, SortedSet<Sighting>>> put) {
        return tx.preparedQuery(PUT)
                .execute(
                        Tuple.of(
                                Columns.ids(put, Map.Entry::getKey),
                                Columns.times(put, q -> q.getValue().last().first().at()),
                                put.stream().map(q -> q.getValue().size()).toArray(Integer[]::new),
                                Columns.texts(put, q -> newest(q.getValue()))))
                .replaceWithVoid();
    }

    private static String newest(SortedSet<Sighting> sightings) {
        return sightings.reversed().stream()
                .limit(MOST_SHOWN)
                .map(s -> s.evidence().id().toString())
                .collect(Collectors.joining(","));
    }

    /**
     * Who is in quarantine, whose refusal is newest first.
     *
     * @param before absent for the first page
     */
    public Uni<List<Quarantined>> page(@Nullable Position before, int limit) {
        return pool.preparedQuery(PAGE)
                .execute(
                        Tuple.of(
                                before == null ? null : Columns.time(before.refusedAt()),
                                before == null ? null : before.customer(),
                                limit))
                .map(rows -> Columns.list(rows, row -> row))
                .chain(rows ->
                        links(rows)
                                .map(links ->
                                        rows.stream()
                                                .map(row -> quarantined(row, links))
                                                .toList()));
    }

    private Uni<Map<CustomerId, List<RefusedLink>>> links(List<Row> rows) {
        List<UUID> sightings = new ArrayList<>();
        rows.forEach(row -> sightings.addAll(List.of(row.getArrayOfUUIDs("newest"))));
        return pool.preparedQuery(LINKS)
                .execute(Tuple.of((Object) sightings.toArray(UUID[]::new)))
                .map(found -> {
                    Map<CustomerId, List<RefusedLink>> links = new HashMap<>();
                    found.forEach(row ->
                            links.computeIfAbsent(
                                            Columns.customer(row, "customer_id"),
                                            customer -> new ArrayList<>())
                                    .add(link(row)));
                    return links;
                });
    }

    private static Quarantined quarantined(Row row, Map<CustomerId, List<RefusedLink>> links) {
        CustomerId customer = Columns.customer(row, "customer_id");
        return new Quarantined(
                customer,
                row.getLong("identifiers"),
                Columns.instant(row, "refused_at"),
                row.getInteger("links"),
                links.getOrDefault(customer, List.of()));
    }

    private static RefusedLink link(Row row) {
        return new RefusedLink(
                Columns.instant(row, "first_at"),
                row.getString("first_source"),
                row.getString("first_message"),
                Columns.identifiers(row, "identifiers"),
                Columns.identifiers(row, "refused"));
    }
}
