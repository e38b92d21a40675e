package io.throughline.identity.store;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.throughline.chassis.stream.Statements;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Identifier;
import io.throughline.identity.profile.Profile;
import io.throughline.identity.resolution.Changes;
import io.throughline.identity.resolution.Changes.Merged;
import io.throughline.identity.resolution.Changes.Placed;
import io.throughline.identity.resolution.Changes.Stored;
import io.throughline.identity.resolution.Changes.Unlinked;
import io.throughline.identity.resolution.Known;
import io.throughline.identity.resolution.Occasion;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;

/**
 * Stores what a unit of resolution changed. What was new to the unit and is there all the same was
 * made by somebody else meanwhile; then nothing is stored and the work is done anew.
 */
@ApplicationScoped
public class ChangeStore {

    private static final String SAVE_CUSTOMERS =
            """
            INSERT INTO customers (id, version, traits, facts, seen, purchases,
                                   first_seen, last_seen, created_at, changed_at, component)
            SELECT id, version, traits::jsonb, facts::jsonb, seen::jsonb, purchases::jsonb,
                   first_seen, last_seen, created_at, changed_at, id
              FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[],
                          $7::timestamptz[], $8::timestamptz[], $9::timestamptz[], $10::timestamptz[])
                   AS saved (id, version, traits, facts, seen, purchases,
                             first_seen, last_seen, created_at, changed_at)
            ON CONFLICT (id) DO UPDATE
               SET version = EXCLUDED.version, traits = EXCLUDED.traits, facts = EXCLUDED.facts,
                   seen = EXCLUDED.seen, purchases = EXCLUDED.purchases,
                   first_seen = EXCLUDED.first_seen, last_seen = EXCLUDED.last_seen,
                   created_at = EXCLUDED.created_at, changed_at = EXCLUDED.changed_at
            """;

    /** By the primary key. */
    private static final String CONNECT =
            """
            UPDATE customers c SET component = n.component
              FROM unnest($1::uuid[], $2::uuid[]) AS n (id, component)
             WHERE c.id = n.id AND c.component IS DISTINCT FROM n.component
            """;

    private static final String INSERT_SIGHTINGS =
            """
            INSERT INTO sightings (id, customer_id, identifiers, trust, first_at, first_source,
                                   first_message, refused, knowledge)
            SELECT id, customer_id, string_to_array(identifiers, E'\\x1f'), trust, first_at,
                   first_source, first_message, string_to_array(refused, E'\\x1f'), knowledge::json
              FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::timestamptz[], $6::text[],
                          $7::text[], $8::text[], $9::text[])
                   AS n (id, customer_id, identifiers, trust, first_at, first_source, first_message,
                         refused, knowledge)
             ORDER BY id
            ON CONFLICT DO NOTHING
            """;

    /** By the primary key. */
    private static final String UPDATE_SIGHTINGS =
            """
            UPDATE sightings s
               SET customer_id = n.customer_id, first_at = n.first_at, first_source = n.first_source,
                   first_message = n.first_message, refused = string_to_array(n.refused, E'\\x1f'),
                   knowledge = n.knowledge::json
              FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::timestamptz[], $6::text[],
                          $7::text[], $8::text[], $9::text[])
                   AS n (id, customer_id, identifiers, trust, first_at, first_source, first_message,
                         refused, knowledge)
             WHERE s.id = n.id
            """;

    private static final String INSERT_IDENTIFIERS =
            """
            INSERT INTO identifiers (type, value, customer_id, held, shared, cause, linked_at)
            SELECT type, value, customer_id, held, shared, cause, linked_at
              FROM unnest($1::text[], $2::text[], $3::uuid[], $4::boolean[], $5::boolean[], $6::text[],
                          $7::timestamptz[])
                   AS n (type, value, customer_id, held, shared, cause, linked_at)
             ORDER BY type, value
            ON CONFLICT DO NOTHING
            """;

    /** By the primary key (type, value). */
    private static final String UPDATE_IDENTIFIERS =
            """
            UPDATE identifiers i
               SET customer_id = n.customer_id, held = n.held, shared = n.shared, cause = n.cause,
                   linked_at = n.linked_at
              FROM unnest($1::text[], $2::text[], $3::uuid[], $4::boolean[], $5::boolean[], $6::text[],
                          $7::timestamptz[])
                   AS n (type, value, customer_id, held, shared, cause, linked_at)
             WHERE i.type = n.type AND i.value = n.value
            """;

    /** By the primary key and the index customers_merged_into. */
    private static final String MERGE_CUSTOMER =
            """
            UPDATE customers SET merged_into = $1, component = NULL
             WHERE id = $2 OR merged_into = $2
            """;

    /**
     * By the index identifiers_customer. What the merged one named and nobody is believed to hold
     * stays connected with somebody who is there.
     */
    private static final String MERGE_NAMES =
            "UPDATE identifiers SET customer_id = $1 WHERE customer_id = $2";

    /**
     * By the index sightings_customer. All that were decided about are stored already; one that was
     * not must not stay with somebody who is not there any more.
     */
    private static final String MERGE_SIGHTINGS =
            "UPDATE sightings SET customer_id = $1 WHERE customer_id = $2";

    private static final String MERGE_RECORD =
            """
            INSERT INTO merges (survivor, merged, cause, merged_at, survivor_held, merged_held)
            VALUES ($1, $2, $3, $4, $5, $6)
            """;

    private static final char BETWEEN = '\u001f';

    private final PermissionStore permissions;
    private final TimelineStore timeline;
    private final QuarantineStore quarantines;
    private final ScoreStore scores;

    ChangeStore(
            PermissionStore permissions,
            TimelineStore timeline,
            QuarantineStore quarantines,
            ScoreStore scores) {
        this.permissions = permissions;
        this.timeline = timeline;
        this.quarantines = quarantines;
        this.scores = scores;
    }

    /**
     * Stores what a unit of work changed.
     *
     * @param now when it is told to have happened
     * @throws ConcurrentChange (as a failure) when somebody else made the same meanwhile
     */
    public Uni<Void> save(SqlConnection tx, Changes changes, Instant now) {
        return Statements.inOneGo(
                        List.of(
                                saveCustomers(tx, changes.profiles()),
                                connect(tx, changes.components()),
                                saveSightings(tx, changes.sightings()),
                                saveIdentifiers(tx, changes.identifiers()),
                                quarantines.save(tx, changes.quarantined())))
                .chain(() -> inOrder(changes.unlinked(), u -> unlink(tx, u, changes, now)))
                .chain(() -> inOrder(changes.merges(), m -> merge(tx, m, now)));
    }

    private static Uni<Void> saveCustomers(SqlConnection tx, List<Profile> profiles) {
        return profiles.isEmpty()
                ? Uni.createFrom().voidItem()
                : tx.preparedQuery(SAVE_CUSTOMERS)
                        .execute(ProfileRows.columns(profiles))
                        .replaceWithVoid();
    }

    private static Uni<Void> connect(SqlConnection tx, Map<CustomerId, CustomerId> components) {
        if (components.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        List<Map.Entry<CustomerId, CustomerId>> entries = List.copyOf(components.entrySet());
        return tx.preparedQuery(CONNECT)
                .execute(
                        Tuple.of(
                                Columns.ids(entries, Map.Entry::getKey),
                                Columns.ids(entries, Map.Entry::getValue)))
                .replaceWithVoid();
    }

    private static Uni<Void> saveSightings(SqlConnection tx, List<Stored> sightings) {
        return both(
                tx,
                sightings,
                Stored::fresh,
                ChangeStore::sightingColumns,
                INSERT_SIGHTINGS,
                UPDATE_SIGHTINGS);
    }

    private static Uni<Void> saveIdentifiers(SqlConnection tx, List<Placed> identifiers) {
        return both(
                tx,
                identifiers,
                Placed::fresh,
                ChangeStore::identifierColumns,
                INSERT_IDENTIFIERS,
                UPDATE_IDENTIFIERS);
    }

    /** Inserts what is new, which nobody else may have done, and updates the rest. */
    private static <T> Uni<Void> both(
            SqlConnection tx,
            List<T> rows,
            Function<T, Boolean> fresh,
            Function<List<T>, Tuple> columns,
            String insert,
            String update) {
        List<T> news = rows.stream().filter(fresh::apply).toList();
        List<T> known = rows.stream().filter(row -> !fresh.apply(row)).toList();
        Uni<Void> inserted =
                news.isEmpty()
                        ? Uni.createFrom().voidItem()
                        : tx.preparedQuery(insert)
                                .execute(columns.apply(news))
                                .invoke(result -> {
                                    if (result.rowCount() < news.size()) {
                                        throw new ConcurrentChange(
                                                "the same was seen elsewhere meanwhile");
                                    }
                                })
                                .replaceWithVoid();
        return known.isEmpty()
                ? inserted
                : Statements.inOneGo(
                        List.of(
                                inserted,
                                tx.preparedQuery(update)
                                        .execute(columns.apply(known))
                                        .replaceWithVoid()));
    }

    private static Tuple sightingColumns(List<Stored> rows) {
        List<Known> known = rows.stream().map(Stored::known).toList();
        return Tuple.tuple()
                .addArrayOfUUID(
                        known.stream().map(k -> k.sighting().evidence().id()).toArray(UUID[]::new))
                .addArrayOfUUID(Columns.ids(known, Known::customer))
                .addArrayOfString(
                        Columns.texts(known, k -> joined(k.sighting().evidence().identifiers())))
                .addArrayOfString(
                        Columns.texts(
                                known,
                                k ->
                                        k.sighting()
                                                .evidence()
                                                .trust()
                                                .name()
                                                .toLowerCase(Locale.ROOT)))
                .addArrayOfOffsetDateTime(Columns.times(known, k -> k.sighting().first().at()))
                .addArrayOfString(Columns.texts(known, k -> k.sighting().first().source()))
                .addArrayOfString(Columns.texts(known, k -> k.sighting().first().messageId()))
                .addArrayOfString(Columns.texts(known, k -> joined(k.refused())))
                .addArrayOfString(Columns.jsons(known, Known::knowledge));
    }

    /** Arrays of arrays cannot be given as a column, so each goes as one text. */
    private static String joined(Collection<?> identifiers) {
        StringBuilder text = new StringBuilder();
        for (Object identifier : identifiers) {
            if (!text.isEmpty()) {
                text.append(BETWEEN);
            }
            text.append(identifier);
        }
        return text.toString();
    }

    private static Tuple identifierColumns(List<Placed> rows) {
        return Tuple.tuple()
                .addArrayOfString(Columns.texts(rows, p -> p.identifier().type()))
                .addArrayOfString(Columns.texts(rows, p -> p.identifier().value()))
                .addArrayOfUUID(Columns.ids(rows, p -> p.standing().customer()))
                .addArrayOfBoolean(
                        rows.stream().map(p -> p.standing().held()).toArray(Boolean[]::new))
                .addArrayOfBoolean(
                        rows.stream().map(p -> p.standing().shared()).toArray(Boolean[]::new))
                .addArrayOfString(Columns.texts(rows, p -> p.cause().messageId()))
                .addArrayOfOffsetDateTime(Columns.times(rows, p -> p.cause().at()));
    }

    private Uni<Void> unlink(SqlConnection tx, Unlinked unlinked, Changes changes, Instant now) {
        return timeline.move(tx, unlinked)
                .chain(() -> permissions.split(tx, unlinked, leavingLater(unlinked, changes)))
                .chain(() -> scores.reset(tx, unlinked, now));
    }

    /** What the same customer is still to lose in this change; in the tables it is gone already. */
    private static List<Identifier> leavingLater(Unlinked unlinked, Changes changes) {
        return changes.unlinked().stream()
                .skip(changes.unlinked().indexOf(unlinked) + 1L)
                .filter(later -> later.from().equals(unlinked.from()))
                .flatMap(later -> later.identifiers().stream())
                .toList();
    }

    private Uni<Void> merge(SqlConnection tx, Merged merge, Instant now) {
        Occasion cause = merge.cause();
        Tuple both = Tuple.of(merge.survivor().value(), merge.merged().value());
        return tx.preparedQuery(MERGE_CUSTOMER)
                .execute(both)
                .chain(() -> tx.preparedQuery(MERGE_NAMES).execute(both))
                .chain(() -> tx.preparedQuery(MERGE_SIGHTINGS).execute(both))
                .chain(() -> permissions.merge(tx, merge.survivor(), merge.merged()))
                .chain(() ->
                        tx.preparedQuery(MERGE_RECORD)
                                .execute(
                                        Tuple.of(
                                                merge.survivor().value(),
                                                merge.merged().value(),
                                                cause.messageId(),
                                                Columns.time(now),
                                                Columns.written(merge.survivorHeld()),
                                                Columns.written(merge.mergedHeld()))))
                .replaceWithVoid();
    }

    private static <T> Uni<Void> inOrder(List<T> items, Function<T, Uni<Void>> work) {
        return Multi.createFrom()
                .iterable(items)
                .onItem()
                .transformToUniAndConcatenate(item -> work.apply(item))
                .collect()
                .last()
                .replaceWithVoid();
    }
}
