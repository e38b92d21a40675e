package io.throughline.identity.store;

import io.smallrye.mutiny.Uni;
import io.throughline.chassis.stream.Statements;
import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Identifier;
import io.throughline.contracts.Ids;
import io.throughline.governance.ConsentWrite;
import io.throughline.governance.SilenceWrite;
import io.throughline.identity.consent.About;
import io.throughline.identity.consent.Brought;
import io.throughline.identity.consent.ConsentFold.Merge;
import io.throughline.identity.consent.Division;
import io.throughline.identity.consent.Division.Parting;
import io.throughline.identity.consent.Evidence;
import io.throughline.identity.consent.History;
import io.throughline.identity.consent.Line;
import io.throughline.identity.consent.Provenance;
import io.throughline.identity.consent.Said;
import io.throughline.identity.consent.Standing;
import io.throughline.identity.identifier.Identifiers;
import io.throughline.identity.resolution.Changes;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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
                                        evidence, occurred_at, recorded_at, identifier,
                                        wording, legal_basis, recorded_by)
            SELECT id, customer_id, channel, topic, state, address, source,
                   evidence::json, occurred_at, $10, identifier, wording, legal_basis, recorded_by
              FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
                          $8::text[], $9::timestamptz[], $11::text[], $12::text[], $13::text[], $14::text[])
                   AS lines (id, customer_id, channel, topic, state, address, source, evidence, occurred_at,
                             identifier, wording, legal_basis, recorded_by)
            """;

    private static final String FOLD_CUSTOMERS =
            """
            INSERT INTO consents (customer_id, channel, topic, state, at)
            SELECT DISTINCT ON (customer_id, channel, topic) customer_id, channel, topic, state, at
              FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::timestamptz[])
                   AS said (customer_id, channel, topic, state, at)
             WHERE customer_id IS NOT NULL
             ORDER BY customer_id, channel, topic, at DESC, state = 'opted_out' DESC
            ON CONFLICT (customer_id, channel, topic) DO UPDATE
               SET state = EXCLUDED.state, at = EXCLUDED.at
             WHERE EXCLUDED.at > consents.at
                OR (EXCLUDED.at = consents.at AND EXCLUDED.state = 'opted_out')
            """;

    private static final String FOLD_ADDRESSES =
            """
            INSERT INTO address_consents (address, channel, topic, state, at)
            SELECT DISTINCT ON (address, channel, topic) address, channel, topic, state, at
              FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[])
                   AS said (address, channel, topic, state, at)
             WHERE address IS NOT NULL
             ORDER BY address, channel, topic, at DESC, state = 'opted_out' DESC
            ON CONFLICT (address, channel, topic) DO UPDATE
               SET state = EXCLUDED.state, at = EXCLUDED.at
             WHERE EXCLUDED.at > address_consents.at
                OR (EXCLUDED.at = address_consents.at AND EXCLUDED.state = 'opted_out')
            """;

    /** By the primary keys of both tables. */
    private static final String NEWEST =
            """
            SELECT greatest(c.at, a.at) AS at
              FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[])
                   WITH ORDINALITY AS asked (customer_id, address, channel, topic, n)
              LEFT JOIN consents c
                     ON c.customer_id = asked.customer_id
                    AND c.channel = asked.channel AND c.topic = asked.topic
              LEFT JOIN address_consents a
                     ON a.address = asked.address
                    AND a.channel = asked.channel AND a.topic = asked.topic
             ORDER BY asked.n
            """;

    /** By the primary key (address, channel, topic). */
    private static final String OF_ADDRESSES =
            "SELECT address, channel, topic, state, at FROM address_consents WHERE address = ANY($1)";

    /** By the index identifiers_customer. */
    private static final String ADDRESSES =
            """
            SELECT type, value FROM identifiers
             WHERE customer_id = $1 AND held AND type IN ('email', 'phone', 'push_token')
             ORDER BY type, value
            """;

    /** By the index identifiers_customer. */
    private static final String HELD =
            "SELECT type, value FROM identifiers WHERE customer_id = $1 AND held ORDER BY type, value";

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

    /**
     * Of two silences of one cause the longer counts, and what happened last: that it began, or was
     * lifted; at the same instant, that it began.
     */
    private static final String JOIN_SILENCE =
            """
            ON CONFLICT (customer_id, cause) DO UPDATE
               SET until = greatest(silences.until, EXCLUDED.until),
                   at = greatest(silences.at, EXCLUDED.at),
                   lifted = CASE WHEN EXCLUDED.at > silences.at THEN EXCLUDED.lifted
                                 WHEN EXCLUDED.at = silences.at THEN EXCLUDED.lifted AND silences.lifted
                                 ELSE silences.lifted END
            """;

    /** By the primary key (customer_id, cause). */
    private static final String MERGE_SILENCES =
            """
            WITH gone AS (DELETE FROM silences WHERE customer_id = $2
                          RETURNING cause, journey, categories, at, until, lifted)
            INSERT INTO silences (customer_id, cause, journey, categories, at, until, lifted)
            SELECT $1, cause, journey, categories, at, until, lifted FROM gone
            """
                    + JOIN_SILENCE;

    /** By the primary key (customer_id, cause). Each cause of a customer is there once. */
    private static final String SILENCE =
            """
            INSERT INTO silences (customer_id, cause, journey, categories, at, until, lifted)
            SELECT customer_id, cause, journey, string_to_array(categories, ','), at, until, lifted
              FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::timestamptz[],
                          $6::timestamptz[], $7::boolean[])
                   AS begun (customer_id, cause, journey, categories, at, until, lifted)
            """
                    + JOIN_SILENCE
                    + """
                     WHERE EXCLUDED.until > silences.until OR EXCLUDED.at > silences.at
                        OR (EXCLUDED.at = silences.at AND silences.lifted AND NOT EXCLUDED.lifted)
                    RETURNING customer_id, cause, journey, categories, at, until, lifted
                    """;

    /**
     * By the index consent_ledger_customer. What the channel service took was in its ledger, and in
     * force, when it was said; what a file says was known elsewhere then.
     */
    private static final String LEDGER =
            """
            SELECT id, customer_id, channel, topic, state, address, identifier, occurred_at,
                   CASE WHEN recorded_by = 'channel' OR starts_with(recorded_by, 'import ')
                        THEN least(occurred_at, recorded_at)
                        ELSE recorded_at END AS recorded_at
              FROM consent_ledger
             WHERE customer_id IN (SELECT $1::uuid UNION ALL SELECT id FROM customers WHERE merged_into = $1)
            """;

    /**
     * Lines of the ledger that are customers', or nobody's and of an address that one of them has
     * by now. By the indexes consent_ledger_customer, identifiers_customer, consent_ledger_address.
     */
    static final String LINES_OF =
            """
              FROM (SELECT * FROM consent_ledger WHERE customer_id = ANY($1)
                     UNION ALL
                    SELECT l.* FROM identifiers i JOIN consent_ledger l ON l.address = i.value
                     WHERE i.customer_id = ANY($1) AND i.held AND i.type IN ('email', 'phone', 'push_token')
                       AND l.customer_id IS NULL) AS lines
            """;

    /** By the primary key. */
    private static final String MERGES =
            """
            SELECT survivor, merged, merged_at FROM merges
             WHERE merged IN (SELECT id FROM customers WHERE merged_into = $1)
            """;

    /** By the index merges_survivor and the primary key of customers. */
    private static final String BROUGHT =
            """
            SELECT survivor, merged, merged_at, merged_held FROM merges
             WHERE survivor IN (SELECT $1::uuid UNION ALL SELECT id FROM customers WHERE merged_into = $1)
               AND merged_held && $2::text[]
            """;

    /** By the index customers_merged_into and the primary key of merges. */
    private static final String BECAME =
            """
            SELECT c.merged_into AS customer_id, m.survivor, m.merged, m.merged_at, m.merged_held
              FROM customers c JOIN merges m ON m.merged = c.id
             WHERE c.merged_into = ANY($1)
            """;

    private static final String FOLDED =
            """
            INSERT INTO consents (customer_id, channel, topic, state, at) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (customer_id, channel, topic) DO UPDATE SET state = EXCLUDED.state, at = EXCLUDED.at
            """;

    /** By the primary key. */
    private static final String MOVE_LEDGER =
            "UPDATE consent_ledger SET customer_id = $1 WHERE id = ANY($2)";

    /** By the index opt_in_requests_identifier. */
    private static final String MOVE_OPT_INS =
            "UPDATE opt_in_requests SET customer_id = $1 WHERE identifier = ANY($2)";

    /** By the primary key (customer_id, channel, topic). */
    private static final String FORGET_CONSENTS =
            "DELETE FROM consents WHERE customer_id = ANY($1)";

    private static final String STATE =
            """
            INSERT INTO consents (customer_id, channel, topic, state, at)
            SELECT $1, channel, topic, state, at
              FROM unnest($2::text[], $3::text[], $4::text[], $5::timestamptz[])
                   AS stated (channel, topic, state, at)
            """;

    /** By the primary key (customer_id, cause). */
    private static final String COPY_SILENCES =
            """
            INSERT INTO silences (customer_id, cause, journey, categories, at, until, lifted)
            SELECT $2, cause, journey, categories, at, until, lifted FROM silences WHERE customer_id = $1
            """
                    + JOIN_SILENCE;

    private static final String RESTATE =
            """
            INSERT INTO restatements (customer_id, since)
            SELECT customer, $2 FROM unnest($1::uuid[]) AS customer
            ON CONFLICT (customer_id) DO UPDATE SET since = EXCLUDED.since
            """;

    /** By the primary key (customer_id, channel, topic). */
    private static final String STANDING =
            """
            SELECT customer_id, channel, topic, state, at
              FROM consents WHERE customer_id = ANY($1) ORDER BY channel, topic
            """;

    private static final String TO_RESTATE =
            """
            SELECT customer_id, since FROM restatements ORDER BY random() LIMIT $1
            """;

    /** By the primary key. */
    private static final String UNMERGED =
            """
            SELECT id FROM customers
             WHERE id = ANY($1) AND merged_into IS NULL AND erased_at IS NULL ORDER BY id
            """;

    /** By the index consent_ledger_address. The channel service counts in microseconds. */
    private static final String UNREAD =
            """
            SELECT said.at::int AS at
              FROM unnest($1::text[], $2::text[], $3::timestamptz[])
                   WITH ORDINALITY AS said (channel, address, occurred_at, at)
             WHERE NOT EXISTS (SELECT FROM consent_ledger l
                                WHERE l.address = said.address AND l.channel = said.channel
                                  AND l.state = 'opted_out'
                                  AND l.occurred_at = date_trunc('milliseconds', said.occurred_at))
            """;

    /** By the primary key. One that was asked for again meanwhile stays. */
    private static final String RESTATED =
            """
            DELETE FROM restatements r USING unnest($1::uuid[], $2::timestamptz[]) AS done (customer_id, since)
             WHERE r.customer_id = done.customer_id AND r.since = done.since
            """;

    private static final Set<String> ADDRESS_TYPES =
            Set.of(Identifier.EMAIL, Identifier.PHONE, Identifier.PUSH_TOKEN);

    private final InstantSource clock;
    private final RandomGenerator random;

    PermissionStore(InstantSource clock, RandomGenerator random) {
        this.clock = clock;
        this.random = random;
    }

    /**
     * Writes the ledger and folds consents into what counts now, in any order: the later of two
     * counts.
     */
    public Uni<Void> record(SqlConnection tx, List<Consent> consents) {
        return Statements.inOneGo(
                List.of(
                        writeLedger(tx, consents),
                        foldCustomers(tx, consents),
                        foldAddresses(tx, consents)));
    }

    private static Uni<Void> foldCustomers(SqlConnection tx, List<Consent> consents) {
        return tx.preparedQuery(FOLD_CUSTOMERS)
                .execute(
                        states(
                                Columns.nullableUuids(consents, PermissionStore::customer),
                                consents))
                .replaceWithVoid();
    }

    private Uni<Void> writeLedger(SqlConnection tx, List<Consent> consents) {
        return tx.preparedQuery(WRITE_LEDGER).execute(ledgerRows(consents)).replaceWithVoid();
    }

    private static Uni<Void> foldAddresses(SqlConnection tx, List<Consent> consents) {
        return tx.preparedQuery(FOLD_ADDRESSES)
                .execute(states(Columns.nullableTexts(consents, Consent::address), consents))
                .replaceWithVoid();
    }

    /** The merges that made a customer who she is. */
    public Uni<List<Merge>> merges(SqlConnection tx, CustomerId customer) {
        return tx.preparedQuery(MERGES)
                .execute(Tuple.of(customer.value()))
                .map(rows -> Columns.list(rows, PermissionStore::mergeOf));
    }

    /** By customer, the merges that made her who she is; one who is nobody else is left out. */
    public Uni<Map<CustomerId, List<Brought>>> became(
            SqlConnection tx, Collection<CustomerId> customers) {
        return tx.preparedQuery(BECAME)
                .execute(Tuple.of(Columns.uuids(customers)))
                .map(rows -> {
                    Map<CustomerId, List<Brought>> became = new HashMap<>();
                    for (Row row : rows) {
                        became.computeIfAbsent(
                                        Columns.customer(row, "customer_id"),
                                        c -> new ArrayList<>())
                                .add(broughtBy(row));
                    }
                    return became;
                });
    }

    private static Brought broughtBy(Row row) {
        return new Brought(mergeOf(row), Columns.identifiers(row, "merged_held"));
    }

    /**
     * Writes down what was said before a merge, and gives what counts of its customer now: as if it
     * had been written down before, too.
     *
     * @param consent by her who said it
     * @param now who she is now, locked
     */
    public Uni<Standing> recordBeforeMerge(SqlConnection tx, Consent consent, CustomerId now) {
        Said said = said(consent);
        return history(tx, now)
                .map(history -> history.with(said))
                .call(() -> writeLedger(tx, List.of(consent)))
                .call(() -> foldAddresses(tx, List.of(consent)))
                .call(standing -> fold(tx, now, said.about(), standing));
    }

    private static Uni<Void> fold(
            SqlConnection tx, CustomerId customer, About about, Standing standing) {
        return tx.preparedQuery(FOLDED)
                .execute(
                        Tuple.of(
                                customer.value(),
                                about.channel().word(),
                                column(about.topic()),
                                standing.state().word(),
                                Columns.time(standing.at())))
                .replaceWithVoid();
    }

    /** Of something that was in force when it was said. */
    private static Said said(Consent consent) {
        return new Said(
                Objects.requireNonNull(consent.customer(), "somebody said it"),
                new About(consent.channel(), consent.topic()),
                consent.state(),
                consent.at(),
                consent.at());
    }

    private Uni<History> history(SqlConnection tx, CustomerId customer) {
        Tuple who = Tuple.of(customer.value());
        return Uni.combine()
                .all()
                .unis(
                        tx.preparedQuery(LEDGER)
                                .execute(who)
                                .map(rows -> Columns.list(rows, PermissionStore::line)),
                        merges(tx, customer),
                        stands(tx, customer))
                .with((lines, merges, stands) -> new History(customer, lines, merges, stands));
    }

    private static Uni<Map<About, Standing>> stands(SqlConnection tx, CustomerId customer) {
        return tx.preparedQuery(STANDING)
                .execute(Tuple.of(new UUID[] {customer.value()}))
                .map(rows -> {
                    Map<About, Standing> stands = new HashMap<>();
                    for (Row row : rows) {
                        stands.put(
                                about(row),
                                new Standing(
                                        ConsentState.of(row.getString("state")),
                                        Columns.instant(row, "at")));
                    }
                    return stands;
                });
    }

    private static Tuple states(Object whose, List<Consent> consents) {
        return Tuple.of(
                whose,
                Columns.texts(consents, c -> c.channel().word()),
                Columns.texts(consents, c -> column(c.topic())),
                Columns.texts(consents, c -> c.state().word()),
                Columns.times(consents, Consent::at));
    }

    private static @Nullable UUID customer(Consent consent) {
        return consent.customer() == null ? null : consent.customer().value();
    }

    private Tuple ledgerRows(List<Consent> consents) {
        Instant now = clock.instant();
        return Tuple.tuple()
                .addValue(
                        consents.stream()
                                .map(c -> Ids.timeOrdered(now, random))
                                .toArray(UUID[]::new))
                .addValue(Columns.nullableUuids(consents, PermissionStore::customer))
                .addValue(Columns.texts(consents, c -> c.channel().word()))
                .addValue(Columns.texts(consents, c -> column(c.topic())))
                .addValue(Columns.texts(consents, c -> c.state().word()))
                .addValue(Columns.nullableTexts(consents, Consent::address))
                .addValue(Columns.texts(consents, c -> c.provenance().source()))
                .addValue(
                        Columns.nullableTexts(
                                consents,
                                c ->
                                        c.provenance().evidence() == null
                                                ? null
                                                : Columns.json(c.provenance().evidence())))
                .addValue(Columns.times(consents, Consent::at))
                .addValue(Columns.time(now))
                .addValue(
                        Columns.nullableTexts(
                                consents,
                                c -> c.identifier() == null ? null : c.identifier().toString()))
                .addValue(Columns.nullableTexts(consents, c -> c.provenance().wording()))
                .addValue(
                        Columns.nullableTexts(
                                consents,
                                c ->
                                        c.provenance().legalBasis() == null
                                                ? null
                                                : c.provenance().legalBasis().word()))
                .addValue(Columns.texts(consents, c -> c.provenance().recordedBy()));
    }

    /**
     * When something was last said of the same channel and topic by the same customer or for the
     * same address, of each; call it under the customers' locks.
     */
    public Uni<List<Optional<Instant>>> newest(SqlConnection tx, List<Consent> consents) {
        return tx.preparedQuery(NEWEST)
                .execute(
                        Tuple.of(
                                Columns.nullableUuids(consents, PermissionStore::customer),
                                Columns.nullableTexts(consents, Consent::address),
                                Columns.texts(consents, c -> c.channel().word()),
                                Columns.texts(consents, c -> column(c.topic()))))
                .map(rows ->
                        Columns.list(
                                rows,
                                row ->
                                        Optional.ofNullable(row.getOffsetDateTime("at"))
                                                .map(OffsetDateTime::toInstant)));
    }

    /** The addresses that a customer holds. */
    public Uni<List<Identifier>> addresses(SqlConnection tx, CustomerId customer) {
        return tx.preparedQuery(ADDRESSES)
                .execute(Tuple.of(customer.value()))
                .map(rows ->
                        Columns.list(
                                rows,
                                row ->
                                        new Identifier(
                                                row.getString("type"), row.getString("value"))));
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
     * Begins and lifts silences; a shorter one never shortens a longer one of its cause. Gives what
     * stands of those that are news, and so are not in force at the gate yet.
     */
    public Uni<List<SilenceWrite>> silence(SqlConnection tx, List<SilenceWrite> silences) {
        if (silences.isEmpty()) {
            return Uni.createFrom().item(List.of());
        }
        List<SilenceWrite> once = joined(silences);
        return tx.preparedQuery(SILENCE)
                .execute(
                        Tuple.from(
                                List.of(
                                        Columns.ids(once, SilenceWrite::customer),
                                        Columns.texts(once, SilenceWrite::cause),
                                        Columns.texts(once, s -> column(s.journey())),
                                        Columns.texts(once, PermissionStore::categories),
                                        Columns.times(once, SilenceWrite::at),
                                        Columns.times(once, SilenceWrite::until),
                                        once.stream()
                                                .map(SilenceWrite::lifted)
                                                .toArray(Boolean[]::new))))
                .map(rows -> Columns.list(rows, PermissionStore::silence));
    }

    private record Cause(CustomerId customer, String cause) {}

    /** In the order of customers and causes, so that two batches never wait in a circle. */
    private static List<SilenceWrite> joined(List<SilenceWrite> silences) {
        Map<Cause, SilenceWrite> once =
                new TreeMap<>(
                        Comparator.comparing((Cause c) -> c.customer().value())
                                .thenComparing(Cause::cause));
        for (SilenceWrite silence : silences) {
            once.merge(new Cause(silence.customer(), silence.cause()), silence, SilenceWrite::join);
        }
        return List.copyOf(once.values());
    }

    private static String categories(SilenceWrite silence) {
        return silence.categories().stream()
                .map(Category::word)
                .sorted()
                .collect(Collectors.joining(","));
    }

    /** Has the gate told what stands of customers once this is committed. */
    public Uni<Void> restate(SqlConnection tx, List<CustomerId> customers) {
        return customers.isEmpty()
                ? Uni.createFrom().voidItem()
                : tx.preparedQuery(RESTATE)
                        .execute(Tuple.of(Columns.uuids(customers), Columns.time(clock.instant())))
                        .replaceWithVoid();
    }

    /** Gives the survivor what the merged customer had said and was owed; never loosens. */
    Uni<Void> merge(SqlConnection tx, CustomerId survivor, CustomerId merged) {
        Tuple both = Tuple.of(survivor.value(), merged.value());
        return tx.preparedQuery(MERGE_CONSENTS)
                .execute(both)
                .chain(() -> tx.preparedQuery(MERGE_SILENCES).execute(both))
                .replaceWithVoid();
    }

    /**
     * What was said under the identifiers goes with them, and what counts of either side is folded
     * anew; see {@link Division}. Silences hold for both. The gate is told once this is committed.
     *
     * @param later identifiers that are taken from the same customer after these
     */
    Uni<Void> split(SqlConnection tx, Changes.Unlinked unlinked, List<Identifier> later) {
        CustomerId from = unlinked.from();
        CustomerId to = unlinked.to();
        Instant now = clock.instant();
        return parting(tx, unlinked, later)
                .map(parting -> Division.of(parting, now))
                .chain(division -> divide(tx, unlinked, division))
                .chain(() ->
                        tx.preparedQuery(MOVE_OPT_INS)
                                .execute(
                                        Tuple.of(
                                                to.value(),
                                                Columns.written(unlinked.identifiers()))))
                .chain(() ->
                        tx.preparedQuery(COPY_SILENCES).execute(Tuple.of(from.value(), to.value())))
                .chain(() -> restate(tx, List.copyOf(new TreeSet<>(List.of(from, to)))));
    }

    private Uni<Parting> parting(
            SqlConnection tx, Changes.Unlinked unlinked, List<Identifier> later) {
        List<Identifier> goes = unlinked.identifiers();
        return held(tx, unlinked.from())
                .map(held -> Stream.concat(held.stream(), later.stream()).toList())
                .chain(stays ->
                        Uni.combine()
                                .all()
                                .unis(
                                        history(tx, unlinked.from()),
                                        history(tx, unlinked.to()),
                                        held(tx, unlinked.to()),
                                        brought(tx, unlinked.from(), goes, stays))
                                .with((from, to, held, brought) ->
                                        new Parting(
                                                from,
                                                to,
                                                goes,
                                                stays,
                                                held.stream()
                                                        .filter(i -> !goes.contains(i))
                                                        .toList(),
                                                brought)));
    }

    private static Uni<List<Identifier>> held(SqlConnection tx, CustomerId customer) {
        return tx.preparedQuery(HELD)
                .execute(Tuple.of(customer.value()))
                .map(rows ->
                        Columns.list(
                                rows,
                                row ->
                                        new Identifier(
                                                row.getString("type"), row.getString("value"))));
    }

    private Uni<Void> divide(SqlConnection tx, Changes.Unlinked unlinked, Division division) {
        CustomerId from = unlinked.from();
        CustomerId to = unlinked.to();
        return division.isNothing()
                ? Uni.createFrom().voidItem()
                : Statements.inOneGo(
                        List.of(
                                tx.preparedQuery(FORGET_CONSENTS)
                                        .execute(Tuple.of(new UUID[] {from.value(), to.value()}))
                                        .replaceWithVoid(),
                                state(tx, from, division.from()),
                                state(tx, to, division.to()),
                                tx.preparedQuery(MOVE_LEDGER)
                                        .execute(
                                                Tuple.of(
                                                        to.value(),
                                                        division.moved().stream()
                                                                .map(Line::id)
                                                                .toArray(UUID[]::new)))
                                        .replaceWithVoid(),
                                writeLedger(
                                        tx,
                                        division.kept().stream()
                                                .map(PermissionStore::consent)
                                                .toList())));
    }

    private static Consent consent(Division.Kept kept) {
        return new Consent(
                kept.customer(),
                kept.identifier(),
                kept.about().channel(),
                kept.about().topic(),
                ConsentState.OPTED_OUT,
                null,
                Provenance.of("unlink", Evidence.of(kept.why()), "identity"),
                kept.at());
    }

    private static Uni<List<Brought>> brought(
            SqlConnection tx, CustomerId customer, List<Identifier> goes, List<Identifier> stays) {
        List<Identifier> all = Stream.concat(goes.stream(), stays.stream()).toList();
        return tx.preparedQuery(BROUGHT)
                .execute(Tuple.of(customer.value(), Columns.written(all)))
                .map(rows -> Columns.list(rows, PermissionStore::broughtBy));
    }

    private static Uni<Void> state(
            SqlConnection tx, CustomerId customer, Map<About, Standing> standings) {
        if (standings.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        List<Map.Entry<About, Standing>> rows = List.copyOf(standings.entrySet());
        return tx.preparedQuery(STATE)
                .execute(
                        Tuple.of(
                                customer.value(),
                                Columns.texts(rows, r -> r.getKey().channel().word()),
                                Columns.texts(rows, r -> column(r.getKey().topic())),
                                Columns.texts(rows, r -> r.getValue().state().word()),
                                Columns.times(rows, r -> r.getValue().at())))
                .replaceWithVoid();
    }

    private static Line line(Row row) {
        String identifier = row.getString("identifier");
        return new Line(
                row.getUUID("id"),
                new Said(
                        Columns.customer(row, "customer_id"),
                        about(row),
                        ConsentState.of(row.getString("state")),
                        Columns.instant(row, "occurred_at"),
                        Columns.instant(row, "recorded_at")),
                identifier == null ? null : Identifier.of(identifier),
                row.getString("address"));
    }

    private static About about(Row row) {
        return new About(Channel.of(row.getString("channel")), absent(row.getString("topic")));
    }

    private static Merge mergeOf(Row row) {
        return new Merge(
                Columns.customer(row, "survivor"),
                Columns.customer(row, "merged"),
                Columns.instant(row, "merged_at"));
    }

    /** What counts of each customer's consents; one who said nothing is left out. */
    public Uni<Map<CustomerId, List<ConsentWrite>>> standing(
            SqlConnection tx, Set<CustomerId> customers) {
        return customers.isEmpty()
                ? Uni.createFrom().item(Map.of())
                : tx.preparedQuery(STANDING)
                        .execute(Tuple.of(Columns.uuids(customers)))
                        .map(rows -> {
                            Map<CustomerId, List<ConsentWrite>> standing = new HashMap<>();
                            for (Row row : rows) {
                                CustomerId customer = Columns.customer(row, "customer_id");
                                standing.computeIfAbsent(customer, c -> new ArrayList<>())
                                        .add(write(row, customer, null));
                            }
                            return standing;
                        });
    }

    /**
     * Some of the customers whose permissions the gate is to be told anew, and since when. Not
     * locked: whoever asks for it may hold the customer's lock, and waiting for each other would be
     * a circle. Any of them, so that several processes mostly have others in hand.
     */
    public Uni<Map<CustomerId, Instant>> toRestate(SqlConnection tx, int atMost) {
        return tx.preparedQuery(TO_RESTATE)
                .execute(Tuple.of(atMost))
                .map(rows -> {
                    Map<CustomerId, Instant> due = new LinkedHashMap<>();
                    rows.forEach(row ->
                            due.put(
                                    Columns.customer(row, "customer_id"),
                                    Columns.instant(row, "since")));
                    return due;
                });
    }

    /** Those opt-outs that the ledger has not heard of, from anybody with the address. */
    public Uni<List<ConsentWrite>> unread(SqlConnection tx, List<ConsentWrite> told) {
        return told.isEmpty()
                ? Uni.createFrom().item(told)
                : tx.preparedQuery(UNREAD)
                        .execute(
                                Tuple.of(
                                        Columns.texts(told, o -> o.channel().word()),
                                        Columns.texts(told, PermissionStore::address),
                                        Columns.times(told, ConsentWrite::at)))
                        .map(rows -> Columns.list(rows, row -> told.get(row.getInteger("at") - 1)));
    }

    /** As the ledger has it. */
    private static String address(ConsentWrite told) {
        String address = Objects.requireNonNull(told.address());
        return Identifiers.ofAddress(told.channel(), address)
                .map(Identifier::value)
                .orElse(address);
    }

    /** Those of the customers that were not merged away. */
    public Uni<List<CustomerId>> unmerged(SqlConnection tx, List<CustomerId> customers) {
        return tx.preparedQuery(UNMERGED)
                .execute(Tuple.of(Columns.uuids(customers)))
                .map(rows -> Columns.list(rows, row -> Columns.customer(row, "id")));
    }

    public Uni<Void> restated(SqlConnection tx, Map<CustomerId, Instant> done) {
        List<Map.Entry<CustomerId, Instant>> rows = List.copyOf(done.entrySet());
        return tx.preparedQuery(RESTATED)
                .execute(
                        Tuple.of(
                                Columns.ids(rows, Map.Entry::getKey),
                                Columns.times(rows, Map.Entry::getValue)))
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
                Arrays.stream(row.getArrayOfStrings("categories"))
                        .map(Category::of)
                        .collect(Collectors.toUnmodifiableSet()),
                row.getString("cause"),
                Columns.instant(row, "at"),
                Columns.instant(row, "until"),
                row.getBoolean("lifted"));
    }

    /** The empty text stands for absence where a column is part of a key. */
    static String column(@Nullable String value) {
        return value == null ? "" : value;
    }

    static @Nullable String absent(String column) {
        return column.isEmpty() ? null : column;
    }
}
