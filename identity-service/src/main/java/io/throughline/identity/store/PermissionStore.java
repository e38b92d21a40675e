package io.throughline.identity.store;

import io.smallrye.mutiny.Uni;
import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Identifier;
import io.throughline.contracts.Ids;
import io.throughline.governance.ConsentWrite;
import io.throughline.governance.SilenceWrite;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The consent ledger, what it comes to, and the silences: all that the gate can be rebuilt from.
 *
 * <p>The rules are the gate's: of two consents the later counts and an opt-out wins a tie; a merge
 * keeps the opt-out and the later date, so that a replay of an older opt-in does not loosen it; of
 * two silences the longer counts.
 */
@ApplicationScoped
public class PermissionStore {

    private static final String WRITE_LEDGER =
            """
            INSERT INTO consent_ledger (id, customer_id, channel, topic, state, address, source,
                                        evidence, occurred_at, recorded_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            """;

    private static final String FOLD_CUSTOMER =
            """
            INSERT INTO consents (customer_id, channel, topic, state, at)
            VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (customer_id, channel, topic) DO UPDATE
               SET state = EXCLUDED.state, at = EXCLUDED.at
             WHERE EXCLUDED.at > consents.at
                OR (EXCLUDED.at = consents.at AND EXCLUDED.state = 'opted_out')
            """;

    private static final String FOLD_ADDRESS =
            """
            INSERT INTO address_consents (address, channel, topic, state, at)
            VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (address, channel, topic) DO UPDATE
               SET state = EXCLUDED.state, at = EXCLUDED.at
             WHERE EXCLUDED.at > address_consents.at
                OR (EXCLUDED.at = address_consents.at AND EXCLUDED.state = 'opted_out')
            """;

    /** By the primary keys of both tables. */
    private static final String NEWEST =
            """
            SELECT max(at) AS at FROM (
              SELECT at FROM consents WHERE customer_id = $1 AND channel = $2 AND topic = $3
              UNION ALL
              SELECT at FROM address_consents WHERE address = $4 AND channel = $2 AND topic = $3
            ) said
            """;

    /** By the primary key (address, channel, topic). */
    private static final String OF_ADDRESSES =
            "SELECT address, channel, topic, state, at FROM address_consents WHERE address = ANY($1)";

    /** By the primary key (customer_id, channel, topic). */
    private static final String MERGE_CONSENTS =
            """
            WITH gone AS (DELETE FROM consents WHERE customer_id = $2 RETURNING channel, topic, state, at)
            INSERT INTO consents (customer_id, channel, topic, state, at)
            SELECT $1, channel, topic, state, at FROM gone
            ON CONFLICT (customer_id, channel, topic) DO UPDATE
               SET state = CASE WHEN 'opted_out' IN (consents.state, EXCLUDED.state)
                                THEN 'opted_out' ELSE 'opted_in' END,
                   at = greatest(consents.at, EXCLUDED.at)
            """;

    /** By the primary key (customer_id, journey). */
    private static final String MERGE_SILENCES =
            """
            WITH gone AS (DELETE FROM silences WHERE customer_id = $2 RETURNING journey, until)
            INSERT INTO silences (customer_id, journey, until)
            SELECT $1, journey, until FROM gone
            ON CONFLICT (customer_id, journey) DO UPDATE
               SET until = greatest(silences.until, EXCLUDED.until)
            """;

    /** By the primary key (customer_id, journey). */
    private static final String SILENCE =
            """
            INSERT INTO silences (customer_id, journey, until)
            SELECT customer_id, journey, max(until)
              FROM unnest($1::uuid[], $2::text[], $3::timestamptz[])
                   AS begun (customer_id, journey, until)
             GROUP BY customer_id, journey
            ON CONFLICT (customer_id, journey) DO UPDATE
               SET until = EXCLUDED.until
             WHERE EXCLUDED.until > silences.until
            RETURNING customer_id, journey, until
            """;

    private static final Set<String> ADDRESS_TYPES =
            Set.of(Identifier.EMAIL, Identifier.PHONE, Identifier.PUSH_TOKEN);

    private final InstantSource clock;
    private final RandomGenerator random;

    PermissionStore(InstantSource clock, RandomGenerator random) {
        this.clock = clock;
        this.random = random;
    }

    /** Writes the ledger and folds the consent into what counts now. */
    public Uni<Void> record(SqlConnection tx, Consent consent) {
        return tx.preparedQuery(WRITE_LEDGER)
                .execute(ledgerRow(consent))
                .chain(() -> foldForCustomer(tx, consent))
                .chain(() -> foldForAddress(tx, consent));
    }

    /**
     * When something was last said of the same channel and topic by this customer or for this
     * address; call it under the customer's lock.
     */
    public Uni<@Nullable Instant> newest(SqlConnection tx, Consent consent) {
        return tx.preparedQuery(NEWEST)
                .execute(
                        Tuple.of(
                                consent.customer() == null ? null : consent.customer().value(),
                                consent.channel().word(),
                                column(consent.topic()),
                                column(consent.address())))
                .map(rows -> {
                    Row row = rows.iterator().next();
                    return row.getOffsetDateTime("at") == null ? null : Columns.instant(row, "at");
                });
    }

    /** What was said of those of the identifiers that are addresses, whoever they belong to. */
    public Uni<List<ConsentWrite>> ofAddresses(SqlConnection tx, List<Identifier> identifiers) {
        String[] addresses =
                identifiers.stream()
                        .filter(i -> ADDRESS_TYPES.contains(i.type()))
                        .map(Identifier::value)
                        .toArray(String[]::new);
        return addresses.length == 0
                ? Uni.createFrom().item(List.of())
                : tx.preparedQuery(OF_ADDRESSES)
                        .execute(Tuple.of(addresses))
                        .map(rows ->
                                Columns.list(
                                        rows, row -> write(row, null, row.getString("address"))));
    }

    /**
     * Begins silences; a shorter one never shortens a longer one. Gives those that are news, and so
     * are not in force at the gate yet.
     */
    public Uni<List<SilenceWrite>> silence(SqlConnection tx, List<SilenceWrite> silences) {
        if (silences.isEmpty()) {
            return Uni.createFrom().item(List.of());
        }
        return tx.preparedQuery(SILENCE)
                .execute(
                        Tuple.of(
                                Columns.ids(silences, SilenceWrite::customer),
                                Columns.texts(silences, s -> column(s.journey())),
                                Columns.times(silences, SilenceWrite::until)))
                .map(rows -> Columns.list(rows, PermissionStore::silence));
    }

    /** Gives the survivor what the merged customer had said and was owed; never loosens. */
    Uni<Void> merge(SqlConnection tx, CustomerId survivor, CustomerId merged) {
        Tuple both = Tuple.of(survivor.value(), merged.value());
        return tx.preparedQuery(MERGE_CONSENTS)
                .execute(both)
                .chain(() -> tx.preparedQuery(MERGE_SILENCES).execute(both))
                .replaceWithVoid();
    }

    /** The consent of a row of {@code consents} or {@code address_consents}, for the gate. */
    static ConsentWrite write(Row row, @Nullable CustomerId customer, @Nullable String address) {
        return new ConsentWrite(
                customer,
                address,
                Channel.of(row.getString("channel")),
                absent(row.getString("topic")),
                ConsentState.of(row.getString("state")),
                Columns.instant(row, "at"));
    }

    static SilenceWrite silence(Row row) {
        return new SilenceWrite(
                Columns.customer(row, "customer_id"),
                absent(row.getString("journey")),
                Columns.instant(row, "until"));
    }

    /** The empty text stands for absence where a column is part of a key. */
    static String column(@Nullable String value) {
        return value == null ? "" : value;
    }

    static @Nullable String absent(String column) {
        return column.isEmpty() ? null : column;
    }

    private Uni<Void> foldForCustomer(SqlConnection tx, Consent consent) {
        return consent.customer() == null
                ? Uni.createFrom().voidItem()
                : tx.preparedQuery(FOLD_CUSTOMER)
                        .execute(state(consent.customer().value(), consent))
                        .replaceWithVoid();
    }

    private Uni<Void> foldForAddress(SqlConnection tx, Consent consent) {
        return consent.address() == null
                ? Uni.createFrom().voidItem()
                : tx.preparedQuery(FOLD_ADDRESS)
                        .execute(state(consent.address(), consent))
                        .replaceWithVoid();
    }

    private static Tuple state(Object whose, Consent consent) {
        return Tuple.of(
                whose,
                consent.channel().word(),
                column(consent.topic()),
                consent.state().word(),
                Columns.time(consent.at()));
    }

    private Tuple ledgerRow(Consent consent) {
        Instant now = clock.instant();
        return Tuple.tuple()
                .addValue(Ids.timeOrdered(now, random))
                .addValue(consent.customer() == null ? null : consent.customer().value())
                .addValue(consent.channel().word())
                .addValue(column(consent.topic()))
                .addValue(consent.state().word())
                .addValue(consent.address())
                .addValue(consent.source())
                .addValue(consent.evidence())
                .addValue(Columns.time(consent.at()))
                .addValue(Columns.time(now));
    }
}
