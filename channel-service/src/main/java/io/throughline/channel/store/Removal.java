package io.throughline.channel.store;

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
 * Removes all there is of customers: messages, sent or not, with their history and links, what came
 * in from their addresses, and the address book. What somebody else shares stays.
 */
@ApplicationScoped
class Removal implements Forgetting {

    private static final String SERVICE = "channel";

    /** By the index messages_by_customer. */
    private static final String LOCK =
            "SELECT id FROM messages WHERE customer = ANY($1) ORDER BY id FOR UPDATE";

    /**
     * Addresses that are theirs alone. By the indexes messages_by_customer and
     * address_book_by_customer, then the primary key of address_book.
     */
    private static final String ADDRESSES =
            """
            WITH theirs AS (
              SELECT channel, address FROM messages WHERE customer = ANY($1)
              UNION
              SELECT channel, address FROM address_book WHERE customer = ANY($1))
            SELECT array_agg(channel) AS channels, array_agg(address) AS addresses FROM theirs t
             WHERE NOT EXISTS (SELECT FROM address_book b
                                WHERE b.channel = t.channel AND b.address = t.address
                                  AND b.customer <> ALL($1))
            """;

    private static final String MESSAGES = "DELETE FROM messages WHERE id = ANY($1)";

    /** By the primary key, and by the indexes provider_ids_by_message and links_message. */
    private static final List<String> OF_MESSAGES =
            List.of(
                    "DELETE FROM message_history WHERE message = ANY($1)",
                    "DELETE FROM provider_ids WHERE message = ANY($1)",
                    "DELETE FROM recalls WHERE message = ANY($1)",
                    "DELETE FROM links WHERE message = ANY($1)");

    /**
     * By the indexes inbound_texts_by_address and opt_outs_by_address; unmatched receipts are held
     * for minutes and are few.
     */
    private static final List<String> OF_ADDRESSES =
            List.of(
                    """
                    DELETE FROM inbound_texts t USING unnest($1::text[], $2::text[]) AS a (channel, address)
                     WHERE t.channel = a.channel AND t.address = a.address\
                    """,
                    """
                    DELETE FROM opt_outs o USING unnest($1::text[], $2::text[]) AS a (channel, address)
                     WHERE o.channel = a.channel AND o.address = a.address\
                    """,
                    """
                    DELETE FROM unmatched_receipts u USING unnest($1::text[], $2::text[]) AS a (channel, address)
                     WHERE u.channel = a.channel AND u.address = a.address\
                    """);

    /**
     * By the indexes address_book_by_customer, silence_lifts_customer, opt_outs_by_customer,
     * unlinked_addresses_by_customer, unlinked_addresses_by_holder, withdrawn_messages_by_customer,
     * customer_aliases_by_survivor and the primary key.
     */
    private static final List<String> OF_CUSTOMERS =
            List.of(
                    "DELETE FROM address_book WHERE customer = ANY($1)",
                    "DELETE FROM silence_lifts WHERE customer = ANY($1)",
                    "DELETE FROM opt_outs WHERE customer = ANY($1)",
                    "DELETE FROM unlinked_addresses WHERE customer = ANY($1) OR holder = ANY($1)",
                    "DELETE FROM withdrawn_messages WHERE customer = ANY($1)",
                    "DELETE FROM customer_aliases WHERE merged = ANY($1) OR survivor = ANY($1)");

    /** What the brokers would not take; a handful of rows. */
    private static final String SET_ASIDE =
            "DELETE FROM outbox_set_aside WHERE record_key = ANY($1)";

    private final Outbox outbox;
    private final InstantSource clock;

    Removal(Outbox outbox, InstantSource clock) {
        this.outbox = outbox;
        this.clock = clock;
    }

    @Override
    public Uni<Void> forget(SqlConnection tx, List<UUID> ids) {
        Object customers = ids.toArray(UUID[]::new);
        return tx.preparedQuery(LOCK)
                .execute(Tuple.of(customers))
                .map(rows -> {
                    UUID[] messages = new UUID[rows.rowCount()];
                    int at = 0;
                    for (var row : rows) {
                        messages[at++] = row.getUUID("id");
                    }
                    return messages;
                })
                .chain(messages ->
                        ofAddresses(tx, customers)
                                .chain(() -> run(tx, MESSAGES, Tuple.of((Object) messages)))
                                .chain(() -> all(tx, OF_MESSAGES, Tuple.of((Object) messages))))
                .chain(() -> all(tx, OF_CUSTOMERS, Tuple.of(customers)))
                .chain(() ->
                        run(
                                tx,
                                SET_ASIDE,
                                Tuple.of(
                                        (Object)
                                                ids.stream()
                                                        .map(UUID::toString)
                                                        .toArray(String[]::new))));
    }

    private static Uni<Void> ofAddresses(SqlConnection tx, Object customers) {
        return tx.preparedQuery(ADDRESSES)
                .execute(Tuple.of(customers))
                .map(rows -> rows.iterator().next())
                .chain(row -> {
                    String[] channels = row.getArrayOfStrings("channels");
                    return channels == null
                            ? Uni.createFrom().voidItem()
                            : all(
                                    tx,
                                    OF_ADDRESSES,
                                    Tuple.of(channels, row.getArrayOfStrings("addresses")));
                });
    }

    private static Uni<Void> all(SqlConnection tx, List<String> statements, Tuple parameters) {
        Uni<Void> done = Uni.createFrom().voidItem();
        for (String statement : statements) {
            done = done.chain(() -> run(tx, statement, parameters));
        }
        return done;
    }

    private static Uni<Void> run(SqlConnection tx, String statement, Tuple parameters) {
        return tx.preparedQuery(statement).execute(parameters).replaceWithVoid();
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
