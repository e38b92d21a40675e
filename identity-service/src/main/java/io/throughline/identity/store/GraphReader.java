package io.throughline.identity.store;

import io.smallrye.mutiny.Uni;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Identifier;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Why a customer is who she is: the sightings, and what became of each identifier they name. */
@ApplicationScoped
public class GraphReader {

    /** A profile has as many identifiers as the rules allow; this many sightings are shown. */
    private static final int MOST = 1_000;

    /** By the index sightings_customer. */
    private static final String SIGHTINGS =
            """
            SELECT identifiers, trust, first_at, first_source, first_message, refused
              FROM sightings WHERE customer_id = $1 ORDER BY first_at, first_source, first_message LIMIT $2
            """;

    /** By the primary key (type, value). */
    private static final String IDENTIFIERS =
            """
            SELECT i.type, i.value, i.customer_id, i.held, i.shared, i.cause, i.linked_at
              FROM unnest($1::text[], $2::text[]) AS asked (type, value)
              JOIN identifiers i USING (type, value)
             ORDER BY i.linked_at, i.type, i.value
            """;

    /** By the primary key and the index separations_other. */
    private static final String SEPARATIONS =
            """
            SELECT one, other, at, made_by FROM separations
             WHERE one = ANY($1) OR other = ANY($1) ORDER BY at, one, other
            """;

    private final Pool pool;

    GraphReader(Pool pool) {
        this.pool = pool;
    }

    /**
     * Identifiers that were seen together.
     *
     * @param since the first event that carried just these
     * @param messageId of that event
     * @param refused those that a rule kept from being linked
     */
    public record Link(
            List<Identifier> identifiers,
            String trust,
            Instant since,
            String source,
            String messageId,
            List<Identifier> refused) {}

    /**
     * @param holder whose it is
     * @param held whether it is anybody's: a shared device, or one that rules refuse, is not
     * @param cause the {@code messageId} of the event that linked it
     */
    public record Node(
            Identifier identifier,
            CustomerId holder,
            boolean held,
            boolean shared,
            String cause,
            Instant linkedAt) {}

    /** Identifiers that somebody took apart. */
    public record Apart(Identifier one, Identifier other, Instant at, String by) {}

    /** All of it. */
    public record Graph(
            CustomerId customer,
            List<Node> identifiers,
            List<Link> links,
            List<Apart> separations) {}

    public Uni<Graph> graph(CustomerId customer) {
        return pool.preparedQuery(SIGHTINGS)
                .execute(Tuple.of(customer.value(), MOST))
                .map(rows -> Columns.list(rows, GraphReader::link))
                .chain(links -> {
                    Set<Identifier> named = new TreeSet<>();
                    links.forEach(link -> named.addAll(link.identifiers()));
                    return nodes(named)
                            .chain(nodes ->
                                    separations(named)
                                            .map(apart ->
                                                    new Graph(customer, nodes, links, apart)));
                });
    }

    private Uni<List<Node>> nodes(Set<Identifier> named) {
        return pool.preparedQuery(IDENTIFIERS)
                .execute(
                        Tuple.of(
                                Columns.texts(named, Identifier::type),
                                Columns.texts(named, Identifier::value)))
                .map(rows -> Columns.list(rows, GraphReader::node));
    }

    private Uni<List<Apart>> separations(Set<Identifier> named) {
        return pool.preparedQuery(SEPARATIONS)
                .execute(Tuple.of((Object) Columns.written(named)))
                .map(rows -> Columns.list(rows, GraphReader::apart));
    }

    private static Link link(Row row) {
        return new Link(
                Columns.identifiers(row, "identifiers"),
                row.getString("trust"),
                Columns.instant(row, "first_at"),
                row.getString("first_source"),
                row.getString("first_message"),
                Columns.identifiers(row, "refused"));
    }

    private static Node node(Row row) {
        return new Node(
                new Identifier(row.getString("type"), row.getString("value")),
                Columns.customer(row, "customer_id"),
                row.getBoolean("held"),
                row.getBoolean("shared"),
                row.getString("cause"),
                Columns.instant(row, "linked_at"));
    }

    private static Apart apart(Row row) {
        return new Apart(
                Identifier.of(row.getString("one")),
                Identifier.of(row.getString("other")),
                Columns.instant(row, "at"),
                row.getString("made_by"));
    }
}
