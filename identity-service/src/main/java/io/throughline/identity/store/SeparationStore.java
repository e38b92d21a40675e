package io.throughline.identity.store;

import io.smallrye.mutiny.Uni;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Identifier;
import io.throughline.identity.resolution.Separations.Pair;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What people took apart, and the merges that can be undone. */
@ApplicationScoped
public class SeparationStore {

    private static final String ADD =
            """
            INSERT INTO separations (one, other, at, made_by)
            SELECT one, other, $3, $4 FROM unnest($1::text[], $2::text[]) AS pair (one, other)
            ON CONFLICT DO NOTHING
            """;

    /** By the primary key and the index separations_other. */
    private static final String REMOVE =
            """
            DELETE FROM separations
             WHERE (one = $1 AND other = ANY($2)) OR (other = $1 AND one = ANY($2))
            """;

    /** Separations by the primary key and the index separations_other. */
    private static final String RECORDED =
            """
            SELECT m.merged, m.survivor, m.cause, m.merged_at, m.survivor_held, m.merged_held,
                   EXISTS (SELECT FROM separations s
                            WHERE (s.one = ANY(m.survivor_held) AND s.other = ANY(m.merged_held))
                               OR (s.one = ANY(m.merged_held) AND s.other = ANY(m.survivor_held))) AS undone
            """;

    /** By the primary key. */
    private static final String MERGE =
            RECORDED
                    + """
                      FROM merges m JOIN customers c ON c.id = m.merged
                     WHERE m.merged = $2 AND c.merged_into = $1
                    """;

    /** By the index customers_merged_into and the primary key. */
    private static final String MERGES =
            RECORDED
                    + """
                      FROM customers c JOIN merges m ON m.merged = c.id
                     WHERE c.merged_into = $1
                     ORDER BY m.merged_at DESC, m.merged
                    """;

    /** By the primary key (type, value). */
    private static final String HOLDER =
            "SELECT customer_id FROM identifiers WHERE type = $1 AND value = $2 AND held";

    /** By the index identifiers_customer. */
    private static final String HELD =
            "SELECT type, value FROM identifiers WHERE customer_id = $1 AND held ORDER BY type, value";

    /**
     * A merge as it was made.
     *
     * @param survivor at that time; it may have been merged since
     * @param cause the {@code messageId} of the event that linked the two
     * @param undone whether somebody took what the two held apart, and nobody joined it again
     */
    public record MergeRecord(
            CustomerId merged,
            CustomerId survivor,
            String cause,
            Instant mergedAt,
            List<Identifier> survivorHeld,
            List<Identifier> mergedHeld,
            boolean undone) {}

    public Uni<Void> add(SqlConnection tx, List<Pair> pairs, Instant at, String by) {
        return pairs.isEmpty()
                ? Uni.createFrom().voidItem()
                : tx.preparedQuery(ADD)
                        .execute(
                                Tuple.of(
                                        Columns.texts(pairs, p -> p.one().toString()),
                                        Columns.texts(pairs, p -> p.other().toString()),
                                        Columns.time(at),
                                        by))
                        .replaceWithVoid();
    }

    /** An identifier may be one customer's with these again. */
    public Uni<Void> remove(SqlConnection tx, Identifier identifier, List<Identifier> others) {
        return tx.preparedQuery(REMOVE)
                .execute(Tuple.of(identifier.toString(), Columns.written(others)))
                .replaceWithVoid();
    }

    /**
     * The merge by which one became the other, or became somebody who did; absent where none did.
     */
    public Uni<@Nullable MergeRecord> merge(
            SqlConnection tx, CustomerId customer, CustomerId merged) {
        return tx.preparedQuery(MERGE)
                .execute(Tuple.of(customer.value(), merged.value()))
                .map(rows -> rows.rowCount() == 0 ? null : read(rows.iterator().next()));
    }

    /** All merges that made a customer, newest first. */
    public Uni<List<MergeRecord>> merges(SqlConnection tx, CustomerId customer) {
        return tx.preparedQuery(MERGES)
                .execute(Tuple.of(customer.value()))
                .map(rows -> Columns.list(rows, SeparationStore::read));
    }

    public Uni<@Nullable CustomerId> holder(SqlConnection tx, Identifier identifier) {
        return tx.preparedQuery(HOLDER)
                .execute(Tuple.of(identifier.type(), identifier.value()))
                .map(rows ->
                        rows.rowCount() == 0
                                ? null
                                : Columns.customer(rows.iterator().next(), "customer_id"));
    }

    public Uni<List<Identifier>> held(SqlConnection tx, CustomerId customer) {
        return tx.preparedQuery(HELD)
                .execute(Tuple.of(customer.value()))
                .map(rows ->
                        Columns.list(
                                rows,
                                row ->
                                        new Identifier(
                                                row.getString("type"), row.getString("value"))));
    }

    private static MergeRecord read(Row row) {
        return new MergeRecord(
                Columns.customer(row, "merged"),
                Columns.customer(row, "survivor"),
                row.getString("cause"),
                Columns.instant(row, "merged_at"),
                Columns.identifiers(row, "survivor_held"),
                Columns.identifiers(row, "merged_held"),
                row.getBoolean("undone"));
    }
}
