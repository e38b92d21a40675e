package io.throughline.identity.store;

import io.smallrye.mutiny.Uni;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Identifier;
import io.throughline.identity.erasure.Erasure;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Removes customers for good, and remembers how far that has come in all services. */
@ApplicationScoped
public class ErasureStore {

    /** By the primary key. */
    private static final String CURRENT =
            "SELECT coalesce(merged_into, id) AS current FROM customers WHERE id = $1";

    /**
     * Her, those who were merged into her, and those she is connected with, since what she was
     * known by may be left to one of them. By the primary key and the indexes customers_merged_into
     * and customers_component.
     */
    private static final String LOCK =
            """
            SELECT id, merged_into, component, erased_at FROM customers
             WHERE id IN (SELECT $1::uuid
                          UNION ALL SELECT id FROM customers WHERE merged_into = $1
                          UNION ALL SELECT id FROM customers
                           WHERE component = (SELECT component FROM customers WHERE id = $1))
             ORDER BY id FOR UPDATE
            """;

    /** By the index identifiers_customer. */
    private static final String NAMED =
            """
            SELECT type, value, held FROM identifiers
             WHERE customer_id = ANY($1) AND NOT shared ORDER BY type, value
            """;

    /** By the index customers_component. */
    private static final String CONNECTED =
            "SELECT id FROM customers WHERE component = $1 AND id <> $2";

    /**
     * What others were seen with too stands at whoever named it first, held by nobody: so whoever
     * is seen with it next is decided about together with them. By the index sightings_customer and
     * the primary key (type, value).
     */
    private static final String LEAVE =
            """
            WITH left_to AS (
              SELECT DISTINCT ON (name) name, s.customer_id, s.first_message, s.first_at
                FROM sightings s CROSS JOIN LATERAL unnest(s.identifiers) AS name
               WHERE s.customer_id = ANY($2) AND name = ANY($3)
               ORDER BY name, s.first_at, s.first_source, s.first_message)
            UPDATE identifiers i
               SET customer_id = l.customer_id, held = false, cause = l.first_message,
                   linked_at = l.first_at
              FROM unnest($3::text[], $4::text[], $5::text[]) AS named (name, type, value)
              JOIN left_to l USING (name)
             WHERE i.type = named.type AND i.value = named.value AND i.customer_id = ANY($1)
            """;

    private static final String BEGIN =
            """
            INSERT INTO erasures (id, customer, aliases, asked_at) VALUES ($1, $2, $3, $4)
            """;

    /** The row stays, with nothing in it. By the primary key. */
    private static final String EMPTY =
            """
            UPDATE customers
               SET version = 0, traits = '{}', facts = '{}', purchases = '{}', seen = '{}', component = NULL,
                   first_seen = $2, last_seen = $2, created_at = $2, changed_at = $2, erased_at = $2
             WHERE id = ANY($1)
            """;

    /**
     * What is removed by customer, each by the index or primary key that begins with the customer.
     * An identifier that is many people's is nobody's, and stays. Of messages even the ids go,
     * which their senders choose; one that is sent again is known by its id in the log.
     */
    private static final List<String> BY_CUSTOMER =
            List.of(
                    """
                    DELETE FROM accepted_messages a USING timeline t
                     WHERE t.customer_id = ANY($1) AND t.kind = 'event'
                       AND a.source = t.entry ->> 'source' AND a.message_id = t.entry ->> 'messageId'\
                    """,
                    "DELETE FROM sightings WHERE customer_id = ANY($1)",
                    "DELETE FROM identifiers WHERE customer_id = ANY($1) AND NOT shared",
                    "DELETE FROM timeline WHERE customer_id = ANY($1)",
                    "DELETE FROM consent_ledger WHERE customer_id = ANY($1)",
                    "DELETE FROM consents WHERE customer_id = ANY($1)",
                    "DELETE FROM silences WHERE customer_id = ANY($1)",
                    "DELETE FROM engagements WHERE customer_id = ANY($1)",
                    "DELETE FROM last_engaged WHERE customer_id = ANY($1)",
                    "DELETE FROM scores WHERE customer_id = ANY($1)",
                    "DELETE FROM score_resets WHERE customer_id = ANY($1)",
                    "DELETE FROM quarantines WHERE customer_id = ANY($1)",
                    "DELETE FROM restatements WHERE customer_id = ANY($1)",
                    "DELETE FROM merges WHERE merged = ANY($1)",
                    "DELETE FROM preference_links WHERE customer_id = ANY($1)",
                    "DELETE FROM opt_in_requests WHERE customer_id = ANY($1)",
                    """
                    WITH gone AS (DELETE FROM segment_members WHERE customer_id = ANY($1) RETURNING segment)
                    INSERT INTO segment_sizes (segment, slot, size)
                    SELECT segment, 0, -count(*) FROM gone GROUP BY segment ORDER BY segment
                    ON CONFLICT (segment, slot) DO UPDATE SET size = segment_sizes.size + EXCLUDED.size\
                    """,
                    "DELETE FROM segment_customers WHERE customer_id = ANY($1)",
                    """
                    UPDATE segment_work SET sample = '[]'
                     WHERE EXISTS (SELECT FROM unnest($1::uuid[]) AS id WHERE strpos(sample::text, id::text) > 0)\
                    """,
                    "DELETE FROM gate_differences WHERE customer = ANY($1)",
                    """
                    DELETE FROM rule_findings f USING rule_work w
                     WHERE f.work = w.id AND f.what IN ('merged', 'divided', 'quarantined', 'released')
                       AND f.customer = ANY($1)\
                    """);

    /** Until the transaction ends the ledger of consents lets lines be removed. */
    private static final String ERASING = "SELECT set_config('throughline.erasing', 'on', true)";

    /** What the brokers would not take; a handful of rows. */
    private static final String SET_ASIDE =
            "DELETE FROM outbox_set_aside WHERE record_key = ANY($1)";

    /** By the primary key (address, channel, topic). */
    private static final String ADDRESS_CONSENTS =
            "DELETE FROM address_consents WHERE address = ANY($1)";

    /** What addresses said that nobody was known to have. By the index consent_ledger_customer. */
    private static final String NOBODYS_LEDGER =
            "DELETE FROM consent_ledger WHERE customer_id IS NULL AND address = ANY($1)";

    /** By the primary key and the index separations_other. */
    private static final String SEPARATIONS =
            "DELETE FROM separations WHERE one = ANY($1) OR other = ANY($1)";

    /** By the index link_hints_anonymous_id. */
    private static final String LINK_HINTS = "DELETE FROM link_hints WHERE anonymous_id = ANY($1)";

    /**
     * Rows of imports that were not taken in and name her, in whatever way they were written. Read
     * whole: they are few, and kept for days.
     */
    private static final String REJECTS =
            """
            DELETE FROM import_rejects
             WHERE line ~* $1 OR translate(line, ' ()./-', '') ~ $2
            """;

    /** Where histories of others say what they share with her. By the primary key, a range each. */
    private static final String MENTIONED =
            """
            DELETE FROM timeline t
             WHERE t.customer_id = ANY($1)
               AND (t.kind IN ('unlink', 'link-refused')
                    AND EXISTS (SELECT FROM unnest($2::text[]) AS name
                                 WHERE strpos(t.entry::text, to_json(name)::text) > 0)
                    OR t.kind = 'consent' AND t.entry ->> 'address' = ANY($3))
            """;

    /** Merges of others that hers were part of. By the index customers_merged_into. */
    private static final String MERGED_WITH =
            """
            UPDATE merges m
               SET survivor_held = ARRAY(SELECT h FROM unnest(m.survivor_held) AS h WHERE h <> ALL($2)),
                   merged_held = ARRAY(SELECT h FROM unnest(m.merged_held) AS h WHERE h <> ALL($2))
              FROM customers c
             WHERE c.merged_into = ANY($1) AND m.merged = c.id
            """;

    private static final String REMEMBER =
            """
            INSERT INTO erased_identifiers (hash, erased_at)
            SELECT hash, $2 FROM unnest($1::bytea[]) AS hash ORDER BY hash
            ON CONFLICT (hash) DO UPDATE SET erased_at = EXCLUDED.erased_at
            """;

    /** By the index erased_identifiers_erased_at. */
    private static final String ANY_SINCE =
            "SELECT EXISTS (SELECT FROM erased_identifiers WHERE erased_at >= $1) AS found";

    /** By the primary key. */
    private static final String ERASED_AT =
            "SELECT hash, erased_at FROM erased_identifiers WHERE hash = ANY($1)";

    /** By the index erased_identifiers_erased_at. */
    private static final String PRUNE = "DELETE FROM erased_identifiers WHERE erased_at < $1";

    private static final String CONFIRM =
            """
            INSERT INTO erasure_confirmations (erasure, service, confirmed_at)
            SELECT erasure, service, confirmed_at
              FROM unnest($1::uuid[], $2::text[], $3::timestamptz[]) AS c (erasure, service, confirmed_at)
             WHERE EXISTS (SELECT FROM erasures e WHERE e.id = c.erasure)
            ON CONFLICT DO NOTHING
            """;

    private static final String COLUMNS =
            """
            SELECT e.id, e.customer, e.aliases, e.asked_at, e.logs_until, e.logs_gone_at,
                   ARRAY(SELECT c.service FROM erasure_confirmations c
                          WHERE c.erasure = e.id ORDER BY c.service) AS services,
                   ARRAY(SELECT c.confirmed_at FROM erasure_confirmations c
                          WHERE c.erasure = e.id ORDER BY c.service) AS confirmed
              FROM erasures e
            """;

    /** By the primary key. */
    private static final String FIND = COLUMNS + " WHERE e.id = $1";

    /** By the unique index on customer. */
    private static final String OF_CUSTOMER = COLUMNS + " WHERE e.customer = $1";

    /** By the index erasures_asked. */
    private static final String PAGE =
            COLUMNS
                    + """
                     WHERE $1::timestamptz IS NULL OR (e.asked_at, e.id) < ($1, $2)
                     ORDER BY e.asked_at DESC, e.id DESC LIMIT $3
                    """;

    /** By the index erasures_logs. */
    private static final String WAITING =
            """
            SELECT e.id, e.asked_at, count(c.service) AS services, max(c.confirmed_at) AS last
              FROM (SELECT id, asked_at FROM erasures
                     WHERE logs_gone_at IS NULL ORDER BY asked_at LIMIT $1) AS e
              LEFT JOIN erasure_confirmations c ON c.erasure = e.id
             GROUP BY e.id, e.asked_at
            """;

    private static final String LOGS =
            """
            UPDATE erasures e SET logs_until = n.logs_until, logs_gone_at = n.logs_gone_at
              FROM unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[])
                   AS n (id, logs_until, logs_gone_at)
             WHERE e.id = n.id
            """;

    private final Pool pool;

    ErasureStore(Pool pool) {
        this.pool = pool;
    }

    /**
     * A customer under lock.
     *
     * @param ids hers and those that were merged into her
     * @param others who are connected with her, under lock as well
     * @param component whom she is connected with; absent for an erased one
     * @param erasedAt absent for one who is there
     */
    public record Locked(
            CustomerId customer,
            List<CustomerId> ids,
            List<CustomerId> others,
            @Nullable UUID component,
            @Nullable Instant erasedAt) {}

    /** An identifier that names a customer, and whether it is hers. */
    public record Name(Identifier identifier, boolean held) {}

    /**
     * An erasure that the logs have not caught up with.
     *
     * @param last when the last service so far confirmed; absent where none has
     * @param complete whether all have: until then something may still be said of her
     */
    public record Waiting(UUID id, Instant askedAt, @Nullable Instant last, boolean complete) {}

    /** What is known of the logs by now. */
    public record LogsOf(UUID erasure, @Nullable Instant until, @Nullable Instant goneAt) {}

    /** Where a list goes on, newest first. */
    public record Position(Instant askedAt, UUID id) {}

    /**
     * Locks a customer, all that was merged into her and all who are connected with her; empty
     * where there is none.
     *
     * @throws ConcurrentChange (as a failure) when she was merged away, or others were connected
     *     with her, meanwhile
     */
    public Uni<Optional<Locked>> lock(SqlConnection tx, CustomerId asked) {
        return tx.preparedQuery(CURRENT)
                .execute(Tuple.of(asked.value()))
                .chain(found ->
                        found.rowCount() == 0
                                ? Uni.createFrom().item(Optional.empty())
                                : lockCurrent(
                                        tx, Columns.customer(found.iterator().next(), "current")));
    }

    private static Uni<Optional<Locked>> lockCurrent(SqlConnection tx, CustomerId customer) {
        return tx.preparedQuery(LOCK)
                .execute(Tuple.of(customer.value()))
                .map(rows -> locked(customer, rows))
                .call(locked -> connected(tx, locked).invoke(all -> check(locked, all)))
                .map(Optional::of);
    }

    /** Somebody may have been divided or connected while the lock was waited for. */
    private static void check(Locked locked, List<CustomerId> connected) {
        if (!new HashSet<>(locked.others()).containsAll(connected)) {
            throw new ConcurrentChange("somebody is connected with her meanwhile");
        }
    }

    private static Locked locked(CustomerId customer, RowSet<Row> rows) {
        List<CustomerId> ids = new ArrayList<>();
        List<CustomerId> others = new ArrayList<>();
        UUID component = null;
        Instant erasedAt = null;
        for (Row row : rows) {
            CustomerId id = Columns.customer(row, "id");
            boolean hers =
                    id.equals(customer) || customer.value().equals(row.getUUID("merged_into"));
            (hers ? ids : others).add(id);
            if (id.equals(customer)) {
                if (row.getUUID("merged_into") != null) {
                    throw new ConcurrentChange("a customer was merged meanwhile");
                }
                component = row.getUUID("component");
                erasedAt = optional(row, "erased_at");
            }
        }
        return new Locked(customer, ids, others, component, erasedAt);
    }

    /** Everything that names these customers, identifiers that are many people's left out. */
    public Uni<List<Name>> names(SqlConnection tx, List<CustomerId> customers) {
        return tx.preparedQuery(NAMED)
                .execute(Tuple.of((Object) Columns.uuids(customers)))
                .map(rows ->
                        Columns.list(
                                rows,
                                row ->
                                        new Name(
                                                new Identifier(
                                                        row.getString("type"),
                                                        row.getString("value")),
                                                row.getBoolean("held"))));
    }

    public Uni<Void> begin(
            SqlConnection tx, UUID id, CustomerId customer, List<CustomerId> aliases, Instant at) {
        return tx.preparedQuery(BEGIN)
                .execute(Tuple.of(id, customer.value(), Columns.uuids(aliases), Columns.time(at)))
                .replaceWithVoid();
    }

    /** Removes all there is of a customer who is locked; her row stays, empty. */
    public Uni<Void> remove(SqlConnection tx, Locked customer, List<Name> names, Instant at) {
        String[] written =
                names.stream().map(n -> n.identifier().toString()).toArray(String[]::new);
        String[] held = values(names.stream().filter(Name::held).toList());
        String[] devices =
                values(
                        names.stream()
                                .filter(n -> n.identifier().type().equals(Identifier.ANONYMOUS_ID))
                                .toList());
        UUID[] others = Columns.uuids(customer.others());
        return run(tx, MENTIONED, Tuple.of(others, written, held))
                .chain(() -> run(tx, MERGED_WITH, Tuple.of(others, written)))
                .chain(() -> leave(tx, customer, names))
                .chain(() -> forget(tx, customer.ids()))
                .chain(() -> run(tx, SEPARATIONS, Tuple.of((Object) written)))
                .chain(() -> run(tx, ADDRESS_CONSENTS, Tuple.of((Object) held)))
                .chain(() -> run(tx, NOBODYS_LEDGER, Tuple.of((Object) held)))
                .chain(() -> run(tx, LINK_HINTS, Tuple.of((Object) devices)))
                .chain(() -> rejects(tx, names))
                .chain(() ->
                        run(tx, EMPTY, Tuple.of(Columns.uuids(customer.ids()), Columns.time(at))));
    }

    private static Uni<Void> leave(SqlConnection tx, Locked customer, List<Name> names) {
        return run(
                tx,
                LEAVE,
                Tuple.of(
                        Columns.uuids(customer.ids()),
                        Columns.uuids(customer.others()),
                        Columns.texts(names, n -> n.identifier().toString()),
                        Columns.texts(names, n -> n.identifier().type()),
                        Columns.texts(names, n -> n.identifier().value())));
    }

    private static Uni<Void> rejects(SqlConnection tx, List<Name> names) {
        List<Identifier> held = names.stream().filter(Name::held).map(Name::identifier).toList();
        return held.isEmpty()
                ? Uni.createFrom().voidItem()
                : run(
                        tx,
                        REJECTS,
                        Tuple.of(WrittenNames.anyOf(held), WrittenNames.anyNumberOf(held)));
    }

    /** Removes what is found by customer; again and again with the same result. */
    public Uni<Void> forget(SqlConnection tx, List<CustomerId> customers) {
        Uni<Void> removed =
                run(tx, ERASING, Tuple.tuple())
                        .chain(() ->
                                run(
                                        tx,
                                        SET_ASIDE,
                                        Tuple.of(
                                                (Object)
                                                        Columns.texts(
                                                                customers, CustomerId::toString))));
        for (String statement : BY_CUSTOMER) {
            removed =
                    removed.chain(
                            () -> run(tx, statement, Tuple.of((Object) Columns.uuids(customers))));
        }
        return removed;
    }

    private static Uni<List<CustomerId>> connected(SqlConnection tx, Locked customer) {
        return customer.component() == null
                ? Uni.createFrom().item(List.of())
                : tx.preparedQuery(CONNECTED)
                        .execute(Tuple.of(customer.component(), customer.customer().value()))
                        .map(rows -> Columns.list(rows, row -> Columns.customer(row, "id")));
    }

    /**
     * Remembers identifiers that were erased.
     *
     * @param hashes of them
     */
    public Uni<Void> remember(SqlConnection tx, List<byte[]> hashes, Instant at) {
        return run(
                tx,
                REMEMBER,
                Tuple.tuple().addValue(Hashes.column(hashes)).addValue(Columns.time(at)));
    }

    /** Whether anybody was erased at this instant or later. */
    public Uni<Boolean> anySince(SqlConnection tx, Instant at) {
        return tx.preparedQuery(ANY_SINCE)
                .execute(Tuple.of(Columns.time(at)))
                .map(rows -> rows.iterator().next().getBoolean("found"));
    }

    /** When each of the identifiers was erased last, by {@link Hashes#key}. */
    public Uni<Map<String, Instant>> erasedAt(SqlConnection tx, Collection<byte[]> hashes) {
        return tx.preparedQuery(ERASED_AT)
                .execute(Tuple.tuple().addValue(Hashes.column(hashes)))
                .map(rows -> {
                    Map<String, Instant> erased = new LinkedHashMap<>();
                    for (Row row : rows) {
                        erased.put(
                                Hashes.key(row.getBuffer("hash").getBytes()),
                                Columns.instant(row, "erased_at"));
                    }
                    return erased;
                });
    }

    /** Forgets identifiers that were erased so long ago that nothing from before comes any more. */
    public Uni<Void> prune(Instant before) {
        return pool.preparedQuery(PRUNE).execute(Tuple.of(Columns.time(before))).replaceWithVoid();
    }

    /** A service's word that it holds nothing any more. */
    public record Confirmation(UUID erasure, String service, Instant at) {}

    /** Writes confirmations down; the first of a service counts. */
    public Uni<Void> confirm(SqlConnection tx, List<Confirmation> confirmations) {
        return confirmations.isEmpty()
                ? Uni.createFrom().voidItem()
                : run(
                        tx,
                        CONFIRM,
                        Tuple.of(
                                confirmations.stream()
                                        .map(Confirmation::erasure)
                                        .toArray(UUID[]::new),
                                Columns.texts(confirmations, Confirmation::service),
                                Columns.times(confirmations, Confirmation::at)));
    }

    public Uni<Optional<Erasure>> find(UUID erasure) {
        return one(FIND, erasure);
    }

    public Uni<Optional<Erasure>> ofCustomer(CustomerId customer) {
        return one(OF_CUSTOMER, customer.value());
    }

    private Uni<Optional<Erasure>> one(String query, UUID id) {
        return pool.preparedQuery(query)
                .execute(Tuple.of(id))
                .map(rows -> Columns.list(rows, ErasureStore::erasure).stream().findFirst());
    }

    public Uni<List<Erasure>> page(@Nullable Position after, int limit) {
        return pool.preparedQuery(PAGE)
                .execute(
                        Tuple.of(
                                after == null ? null : Columns.time(after.askedAt()),
                                after == null ? null : after.id(),
                                limit))
                .map(rows -> Columns.list(rows, ErasureStore::erasure));
    }

    /** The oldest erasures of which the logs may still hold something. */
    public Uni<List<Waiting>> waitingForLogs(int most) {
        return pool.preparedQuery(WAITING)
                .execute(Tuple.of(most))
                .map(rows ->
                        Columns.list(
                                rows,
                                row ->
                                        new Waiting(
                                                row.getUUID("id"),
                                                Columns.instant(row, "asked_at"),
                                                optional(row, "last"),
                                                row.getLong("services")
                                                        >= Erasure.SERVICES.size())));
    }

    public Uni<Void> noteLogs(List<LogsOf> logs) {
        return pool.preparedQuery(LOGS)
                .execute(
                        Tuple.of(
                                logs.stream().map(LogsOf::erasure).toArray(UUID[]::new),
                                times(logs, LogsOf::until),
                                times(logs, LogsOf::goneAt)))
                .replaceWithVoid();
    }

    private static Uni<Void> run(SqlConnection tx, String statement, Tuple parameters) {
        return tx.preparedQuery(statement).execute(parameters).replaceWithVoid();
    }

    private static String[] values(List<Name> names) {
        return names.stream().map(n -> n.identifier().value()).toArray(String[]::new);
    }

    private static @Nullable OffsetDateTime[] times(
            List<LogsOf> logs, Function<LogsOf, @Nullable Instant> time) {
        return logs.stream()
                .map(time)
                .map(at -> at == null ? null : Columns.time(at))
                .toArray(OffsetDateTime[]::new);
    }

    private static @Nullable Instant optional(Row row, String column) {
        return row.getOffsetDateTime(column) == null ? null : Columns.instant(row, column);
    }

    private static Erasure erasure(Row row) {
        String[] services = row.getArrayOfStrings("services");
        OffsetDateTime[] at = row.getArrayOfOffsetDateTimes("confirmed");
        Map<String, Instant> confirmed = new LinkedHashMap<>();
        for (int i = 0; i < services.length; i++) {
            confirmed.put(services[i], at[i].toInstant());
        }
        return new Erasure(
                row.getUUID("id"),
                Columns.customer(row, "customer"),
                Arrays.stream(row.getArrayOfUUIDs("aliases")).map(CustomerId::new).toList(),
                Columns.instant(row, "asked_at"),
                confirmed,
                optional(row, "logs_until"),
                optional(row, "logs_gone_at"));
    }
}
