package io.throughline.journey.store;

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
 * Removes all there is of customers: where they are in journeys, timers, entries, what they did,
 * and the copies of their profiles. Their locks come first, so that nobody is in the midst of
 * moving them.
 */
@ApplicationScoped
class Removal implements Forgetting {

    private static final String SERVICE = "journey";

    // Index: customers_pkey, customers_survivor, timers_pkey, instances_customer, entries_pkey,
    // behaviours_customer.
    private static final List<String> STATEMENTS =
            List.of(
                    "SELECT FROM customers WHERE id = ANY($1) ORDER BY id FOR UPDATE",
                    """
                    DELETE FROM timers WHERE instance IN
                           (SELECT id FROM instances WHERE customer = ANY($1))\
                    """,
                    "DELETE FROM instances WHERE customer = ANY($1)",
                    "DELETE FROM entries WHERE customer = ANY($1)",
                    "DELETE FROM behaviours WHERE customer = ANY($1)",
                    "DELETE FROM customers WHERE id = ANY($1) OR survivor = ANY($1)",
                    "DELETE FROM outbox_set_aside WHERE record_key = ANY($1::uuid[]::text[])");

    private final Outbox outbox;
    private final InstantSource clock;

    Removal(Outbox outbox, InstantSource clock) {
        this.outbox = outbox;
        this.clock = clock;
    }

    @Override
    public Uni<Void> forget(SqlConnection tx, List<UUID> ids) {
        Tuple customers = Tuple.of((Object) ids.toArray(UUID[]::new));
        Uni<Void> forgotten = Uni.createFrom().voidItem();
        for (String statement : STATEMENTS) {
            forgotten =
                    forgotten.chain(
                            () -> tx.preparedQuery(statement).execute(customers).replaceWithVoid());
        }
        return forgotten;
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
