package io.throughline.identity.store;

import io.smallrye.mutiny.Uni;
import io.throughline.contracts.ingest.AcceptedEvent;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The messages that were applied, as far as a sender may use their ids again. */
@ApplicationScoped
public class AcceptedMessages {

    /** By the primary key (source, message_id). */
    private static final String KNOWN =
            """
            SELECT a.source, a.message_id
              FROM unnest($1::text[], $2::text[]) AS asked (source, message_id)
              JOIN accepted_messages a USING (source, message_id)
            """;

    private record Message(String source, String messageId) {}

    /** Those of the events whose message id is used already, by an earlier event of these too. */
    public Uni<List<AcceptedEvent>> known(SqlConnection tx, List<AcceptedEvent> events) {
        return tx.preparedQuery(KNOWN)
                .execute(
                        Tuple.of(
                                Columns.texts(events, AcceptedEvent::source),
                                Columns.texts(events, AcceptedEvent::messageId)))
                .map(rows -> {
                    Set<Message> used = new HashSet<>();
                    for (Row row : rows) {
                        used.add(new Message(row.getString("source"), row.getString("message_id")));
                    }
                    return used(events, used);
                });
    }

    private static List<AcceptedEvent> used(List<AcceptedEvent> events, Set<Message> used) {
        List<AcceptedEvent> known = new ArrayList<>();
        for (AcceptedEvent event : events) {
            if (!used.add(new Message(event.source(), event.messageId()))) {
                known.add(event);
            }
        }
        return known;
    }
}
