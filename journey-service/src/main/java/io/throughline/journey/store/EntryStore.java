package io.throughline.journey.store;

import io.smallrye.mutiny.Uni;
import io.throughline.contracts.CustomerId;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** The latest entry of each customer into each journey. */
@ApplicationScoped
public class EntryStore {

    // Index: entries_pkey.
    private static final String LATEST =
            """
            SELECT customer, journey, trigger, entered_at
              FROM entries
             WHERE customer = ANY($1::uuid[])
            """;

    // Index: entries_pkey.
    private static final String SAVE =
            """
            INSERT INTO entries (customer, journey, trigger, entered_at)
            SELECT *
              FROM unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[])
            ON CONFLICT (customer, journey) DO UPDATE
               SET trigger = excluded.trigger,
                   entered_at = excluded.entered_at
             WHERE entries.entered_at < excluded.entered_at
            """;

    // Index: entries_pkey.
    private static final String FORGET =
            """
            DELETE FROM entries WHERE customer = $1
            """;

    /**
     * @param trigger {@code messageId} of the event that led in
     */
    public record Entry(CustomerId customer, String journey, String trigger, Instant at) {}

    public Uni<List<Entry>> latest(SqlConnection tx, Collection<CustomerId> customers) {
        return tx.preparedQuery(LATEST)
                .execute(Tuple.of(CustomerStore.ids(customers)))
                .map(EntryStore::entries);
    }

    /** Stores entries, at most one a customer and journey; a later one that is there stays. */
    public Uni<Void> save(SqlConnection tx, List<Entry> entries) {
        if (entries.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        Tuple columns =
                Columns.of(entries)
                        .uuid(e -> e.customer().value())
                        .text(Entry::journey)
                        .text(Entry::trigger)
                        .time(Entry::at)
                        .tuple();
        return tx.preparedQuery(SAVE).execute(columns).replaceWithVoid();
    }

    /** Removes the entries of a customer who was merged; the survivor has them now. */
    public Uni<Void> forget(SqlConnection tx, CustomerId merged) {
        return tx.preparedQuery(FORGET).execute(Tuple.of(merged.value())).replaceWithVoid();
    }

    private static List<Entry> entries(RowSet<Row> rows) {
        List<Entry> entries = new ArrayList<>();
        for (Row row : rows) {
            entries.add(
                    new Entry(
                            new CustomerId(row.getUUID("customer")),
                            row.getString("journey"),
                            row.getString("trigger"),
                            row.getOffsetDateTime("entered_at").toInstant()));
        }
        return entries;
    }
}
