package io.throughline.attribution.erasure;

import io.smallrye.mutiny.Uni;
import io.throughline.chassis.stream.Forgetting;
import io.throughline.chassis.stream.Gone;
import io.throughline.chassis.stream.Outbox;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.erasure.ErasureConfirmed;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;

/**
 * Makes what was measured of customers nobody's: reports stay what they were, since a stand-in
 * takes the customer's place, and everything by which the rows could be found elsewhere, ids of
 * events, messages and orders, is hashed with a salt that nobody keeps. What was said in words
 * goes.
 */
@ApplicationScoped
class Removal implements Forgetting {

    private static final String SERVICE = "attribution";

    /**
     * No index but behaviour_sightings' primary key and those that begin with the customer, of
     * which conversions, reversals and assignments have one for this, and suppressions, lifts and
     * hand_overs each their own.
     */
    private static final List<String> UNSALTED =
            List.of(
                    """
                    DELETE FROM behaviour_sightings WHERE event IN (
                           SELECT id FROM conversions WHERE customer = ANY($1)
                            UNION ALL SELECT id FROM reversals WHERE customer = ANY($1)
                            UNION ALL SELECT id FROM sessions WHERE customer = ANY($1)
                            UNION ALL SELECT id FROM suppressions WHERE customer = ANY($1)
                            UNION ALL SELECT id FROM lifts WHERE customer = ANY($1))\
                    """,
                    "DELETE FROM customer_aliases WHERE merged = ANY($1) OR survivor = ANY($1)",
                    "DELETE FROM outbox_set_aside WHERE record_key = ANY($1::uuid[]::text[])");

    /**
     * By the indexes that begin with the customer; of messages by messages_taken and
     * messages_failed.
     */
    private static final List<String> SALTED =
            List.of(
                    """
                    UPDATE decisions SET id = md5(id::text || $3::text)::uuid, customer = $2::uuid, body = '{}'
                     WHERE customer = ANY($1)\
                    """,
                    """
                    UPDATE assignments SET id = md5(id::text || $3::text)::uuid, customer = $2::uuid
                     WHERE customer = ANY($1)\
                    """,
                    """
                    UPDATE messages SET id = md5(id::text || $3::text)::uuid, customer = $2::uuid
                     WHERE customer = ANY($1) AND failed_at IS NULL\
                    """,
                    """
                    UPDATE messages SET id = md5(id::text || $3::text)::uuid, customer = $2::uuid
                     WHERE customer = ANY($1) AND failed_at IS NOT NULL\
                    """,
                    """
                    UPDATE sessions SET id = md5(id::text || $3::text)::uuid, customer = $2::uuid
                     WHERE customer = ANY($1)\
                    """,
                    """
                    UPDATE suppressions SET id = md5(id::text || $3::text)::uuid, customer = $2::uuid,
                                            cause = md5(cause || $3::text)
                     WHERE customer = ANY($1)\
                    """,
                    """
                    UPDATE lifts SET id = md5(id::text || $3::text)::uuid, customer = $2::uuid,
                                     cause = md5(cause || $3::text)
                     WHERE customer = ANY($1)\
                    """,
                    """
                    UPDATE hand_overs SET message = md5(message::text || $3::text)::uuid, customer = $2::uuid
                     WHERE customer = ANY($1)\
                    """,
                    """
                    UPDATE conversions
                       SET id = md5(id::text || $3::text)::uuid, customer = $2::uuid, order_id = md5(order_id || $3::text)
                     WHERE customer = ANY($1)\
                    """,
                    """
                    UPDATE reversals
                       SET id = md5(id::text || $3::text)::uuid, customer = $2::uuid, order_id = md5(order_id || $3::text)
                     WHERE customer = ANY($1)\
                    """);

    private final Outbox outbox;
    private final InstantSource clock;

    Removal(Outbox outbox, InstantSource clock) {
        this.outbox = outbox;
        this.clock = clock;
    }

    @Override
    public Uni<Void> forget(SqlConnection tx, List<UUID> ids) {
        UUID[] customers = ids.toArray(UUID[]::new);
        Tuple theirs = Tuple.of((Object) customers);
        Tuple salted = Tuple.of(customers, UUID.randomUUID(), UUID.randomUUID().toString());
        return all(tx, UNSALTED, theirs).chain(() -> all(tx, SALTED, salted));
    }

    private static Uni<Void> all(SqlConnection tx, List<String> statements, Tuple parameters) {
        Uni<Void> done = Uni.createFrom().voidItem();
        for (String statement : statements) {
            done =
                    done.chain(() ->
                            tx.preparedQuery(statement).execute(parameters).replaceWithVoid());
        }
        return done;
    }

    @Override
    public Uni<Void> forgotten(SqlConnection tx, Gone.Cause cause) {
        return outbox.append(
                tx,
                List.of(
                        new ErasureConfirmed(
                                cause.cause(),
                                new CustomerId(cause.subject()),
                                SERVICE,
                                clock.instant())));
    }
}
