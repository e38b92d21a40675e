package io.throughline.attribution.store;

import io.smallrye.mutiny.Uni;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/** Lets what is kept of messages follow them to the customers that they turned out to be of. */
@ApplicationScoped
public class MessageOwners {

    private static final String MOVED =
            " FROM unnest($1::uuid[], $2::uuid[]) AS owned (message, owner) ";

    /**
     * By the primary keys of messages and hand_overs, and the index decisions_message, which is on
     * the same expression.
     */
    private static final List<String> MOVE =
            List.of(
                    "UPDATE messages SET customer = owner"
                            + MOVED
                            + "WHERE id = owned.message AND customer <> owner",
                    "UPDATE hand_overs h SET customer = owner"
                            + MOVED
                            + "WHERE h.message = owned.message AND h.customer <> owner",
                    "UPDATE decisions d SET customer = owner,"
                            + " body = jsonb_set(body, '{customer}', to_jsonb(owner))"
                            + MOVED
                            + "WHERE d.body ->> 'message' = owned.message::text AND d.customer <> owner");

    /**
     * After all that the transaction writes of these messages.
     *
     * @param owners whose messages are
     */
    public Uni<Void> move(SqlConnection tx, Map<MessageId, CustomerId> owners) {
        // In the order of their ids, as everywhere rows of messages are locked.
        Map<UUID, UUID> sorted = new TreeMap<>();
        owners.forEach((message, owner) -> sorted.put(message.value(), owner.value()));
        Tuple moved =
                Tuple.of(
                        sorted.keySet().toArray(UUID[]::new), sorted.values().toArray(UUID[]::new));
        Uni<Void> done = Uni.createFrom().voidItem();
        for (String statement : MOVE) {
            done = done.chain(() -> tx.preparedQuery(statement).execute(moved).replaceWithVoid());
        }
        return done;
    }
}
