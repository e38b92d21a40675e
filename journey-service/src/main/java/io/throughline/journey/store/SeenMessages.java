package io.throughline.journey.store;

import io.smallrye.mutiny.Uni;
import io.throughline.contracts.MessageId;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/** Which messages went out, and which of them were answered: each counts once. */
@ApplicationScoped
public class SeenMessages {

    // Index: messages_seen_pkey.
    private static final String SENT =
            """
            INSERT INTO messages_seen (message, sent_at)
            SELECT DISTINCT ON (message) message, sent_at
              FROM unnest($1::uuid[], $2::timestamptz[]) AS n(message, sent_at)
            ON CONFLICT (message) DO NOTHING
            RETURNING message
            """;

    // Index: messages_seen_pkey. Two transactions meet at a row only where a message turned out to
    // be another customer's; else its one customer's lock is held.
    private static final String ANSWERED =
            """
            UPDATE messages_seen AS m
               SET engaged_at = $2
             WHERE m.message = ANY($1::uuid[]) AND m.engaged_at IS NULL
            RETURNING m.message
            """;

    // Index: messages_seen_sent.
    private static final String PRUNE =
            """
            DELETE FROM messages_seen
             WHERE message IN (SELECT message FROM messages_seen WHERE sent_at < $1 LIMIT $2)
            """;

    private final Pool pool;

    SeenMessages(Pool pool) {
        this.pool = pool;
    }

    /** A message that was taken by its carrier. */
    public record Sent(MessageId message, Instant at) {}

    /** Notes messages as sent; gives those that were not noted before. */
    public Uni<Set<MessageId>> sent(SqlConnection tx, List<Sent> messages) {
        if (messages.isEmpty()) {
            return Uni.createFrom().item(Set.of());
        }
        Tuple columns = Columns.of(messages).uuid(s -> s.message().value()).time(Sent::at).tuple();
        return tx.preparedQuery(SENT).execute(columns).map(SeenMessages::ids);
    }

    /** Notes messages as answered; gives those whose first answer this is. */
    public Uni<Set<MessageId>> answered(SqlConnection tx, Set<MessageId> messages, Instant at) {
        if (messages.isEmpty()) {
            return Uni.createFrom().item(Set.of());
        }
        UUID[] ids = messages.stream().map(MessageId::value).toArray(UUID[]::new);
        return tx.preparedQuery(ANSWERED)
                .execute(Tuple.of(ids, Columns.utc(at)))
                .map(SeenMessages::ids);
    }

    /** Forgets a limited number of messages sent before an instant; gives how many. */
    public Uni<Integer> prune(Instant before, int limit) {
        return pool.preparedQuery(PRUNE)
                .execute(Tuple.of(Columns.utc(before), limit))
                .map(RowSet::rowCount);
    }

    private static Set<MessageId> ids(Iterable<Row> rows) {
        Set<MessageId> ids = new HashSet<>();
        rows.forEach(row -> ids.add(new MessageId(row.getUUID(0))));
        return ids;
    }
}
