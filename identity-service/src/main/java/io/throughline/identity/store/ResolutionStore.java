package io.throughline.identity.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.smallrye.mutiny.Uni;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Identifier;
import io.throughline.contracts.ingest.Trust;
import io.throughline.contracts.json.ContractJson;
import io.throughline.identity.profile.Knowledge;
import io.throughline.identity.profile.Profile;
import io.throughline.identity.resolution.Directory;
import io.throughline.identity.resolution.Evidence;
import io.throughline.identity.resolution.Known;
import io.throughline.identity.resolution.Occasion;
import io.throughline.identity.resolution.Reach;
import io.throughline.identity.resolution.RulesInForce;
import io.throughline.identity.resolution.Separations;
import io.throughline.identity.resolution.Sighting;
import io.throughline.identity.resolution.Standing;
import io.throughline.identity.resolution.Statement;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Loads, under lock, what a unit of resolution has to know. For most events that is one sighting
 * and one customer; for evidence that may change links, everybody who is connected with it.
 *
 * <p>Who has to be locked is found before the lock is held. So everything is read again under it,
 * and where the two do not fit the work is done anew. Where rules that were changed connect it with
 * more customers, those are locked and loaded too.
 */
@ApplicationScoped
public class ResolutionStore {

    /** By the primary key. */
    private static final String GLANCE =
            "SELECT id, customer_id, first_at, first_source, first_message FROM sightings WHERE id = ANY($1)";

    /** By the primary keys of both tables. */
    private static final String COMPONENTS =
            """
            SELECT c.component
              FROM unnest($1::text[], $2::text[]) AS asked (type, value)
              JOIN identifiers i USING (type, value)
              JOIN customers c ON c.id = i.customer_id
             WHERE NOT i.shared
            UNION
            SELECT component FROM customers WHERE id = ANY($3)
            """;

    /** By the index customers_component and the primary key. */
    private static final String LOCK =
            "SELECT component, merged_into, "
                    + ProfileRows.COLUMNS
                    + """
                      FROM customers
                     WHERE id IN (SELECT id FROM customers WHERE component = ANY($1)
                                  UNION ALL SELECT unnest($2::uuid[]))
                     ORDER BY id FOR UPDATE
                    """;

    /** By the index customers_component. */
    private static final String MEMBERS = "SELECT id FROM customers WHERE component = ANY($1)";

    /** By the index sightings_customer and the primary key. */
    private static final String SIGHTINGS =
            """
            SELECT id, customer_id, identifiers, trust, first_at, first_source, first_message, refused,
                   knowledge::text AS knowledge
              FROM sightings WHERE customer_id = ANY($1) OR id = ANY($2)
            """;

    /** By the primary key (type, value) and the index identifiers_customer. */
    private static final String IDENTIFIERS =
            """
            SELECT i.type, i.value, i.customer_id, i.held, i.shared
              FROM unnest($1::text[], $2::text[]) AS asked (type, value)
              JOIN identifiers i USING (type, value)
            UNION
            SELECT type, value, customer_id, held, shared
              FROM identifiers WHERE customer_id = ANY($3)
            """;

    /** By the primary key and the index separations_other. */
    private static final String SEPARATIONS =
            "SELECT one, other FROM separations WHERE one = ANY($1) OR other = ANY($1)";

    /**
     * Customers whose sightings name one of the identifiers, of each the first few. By the index
     * sightings_identifiers.
     */
    private static final String SEEN_WITH =
            """
            SELECT asked.name, other.customer_id
              FROM unnest($1::text[], $2::boolean[]) AS asked (name, claimed)
             CROSS JOIN LATERAL (
                   SELECT s.customer_id FROM sightings s
                    WHERE s.identifiers @> ARRAY[asked.name] AND (asked.claimed OR s.trust = 'trusted')
                      AND s.customer_id <> ALL($3)
                    LIMIT $4) AS other
            """;

    /** More of them are found when these were loaded, unless it shows that they share the value. */
    private static final int MOST_SEEN_WITH = 100;

    /** What was seen before any lock was held. */
    private record Glance(CustomerId customer, Occasion first) {}

    /**
     * What to lock and load.
     *
     * @param glances by sighting
     * @param sightings asked for
     * @param linking identifiers of evidence that may change links
     * @param linked customers of such evidence that is known
     * @param rules that it is decided by
     * @param anew whether all that is loaded is decided anew, and maybe by other rules than before
     */
    private record Plan(
            Map<UUID, Glance> glances,
            Set<UUID> sightings,
            SortedSet<Identifier> linking,
            Set<CustomerId> linked,
            RulesInForce rules,
            boolean anew) {

        Set<CustomerId> customers() {
            return glances.values().stream().map(Glance::customer).collect(Collectors.toSet());
        }

        boolean links() {
            return !linking.isEmpty() || !linked.isEmpty();
        }

        Plan with(Set<CustomerId> more) {
            Set<CustomerId> all = new HashSet<>(linked);
            all.addAll(more);
            return new Plan(glances, sightings, linking, all, rules, anew);
        }
    }

    /** Customers under lock, and those of them whose component was asked for. */
    private record Locked(RowSet<Row> rows, Set<CustomerId> all, Set<CustomerId> whole) {}

    /**
     * Loads what {@link Directory} needs to take statements in.
     *
     * @throws ConcurrentChange (as a failure) when somebody else changed the same meanwhile
     */
    public Uni<Directory.Before> load(
            SqlConnection tx, Collection<Statement> statements, RulesInForce rules) {
        Set<UUID> asked =
                statements.stream().map(s -> s.evidence().id()).collect(Collectors.toSet());
        return tx.preparedQuery(GLANCE)
                .execute(Tuple.of(asked.toArray(UUID[]::new)))
                .map(rows -> plan(statements, asked, glances(rows), rules))
                .chain(plan -> load(tx, plan));
    }

    /**
     * Loads everybody who is connected with customers, whole.
     *
     * @param rules that they are decided about by, and were not before
     */
    public Uni<Directory.Before> loadConnected(
            SqlConnection tx,
            Collection<CustomerId> customers,
            Collection<Identifier> with,
            RulesInForce rules) {
        return load(
                tx,
                new Plan(
                        Map.of(),
                        Set.of(),
                        new TreeSet<>(with),
                        new HashSet<>(customers),
                        rules,
                        true));
    }

    private static Plan plan(
            Collection<Statement> statements,
            Set<UUID> asked,
            Map<UUID, Glance> glances,
            RulesInForce rules) {
        SortedSet<Identifier> linking = new TreeSet<>();
        Set<CustomerId> linked = new HashSet<>();
        for (Statement statement : statements) {
            Glance glance = glances.get(statement.evidence().id());
            Sighting known =
                    glance == null ? null : new Sighting(statement.evidence(), glance.first());
            if (Directory.mayLink(statement, known)) {
                linking.addAll(rules.joining(statement.evidence()));
                if (glance != null) {
                    linked.add(glance.customer());
                }
            }
        }
        return new Plan(glances, asked, linking, linked, rules, false);
    }

    private static Uni<Directory.Before> load(SqlConnection tx, Plan plan) {
        return components(tx, plan)
                .chain(components -> lockAll(tx, plan, components))
                .chain(locked ->
                        locked.all().isEmpty() && plan.linking().isEmpty()
                                ? Uni.createFrom().item(Directory.Before.NOTHING)
                                : read(tx, plan, locked));
    }

    private static Uni<Set<UUID>> components(SqlConnection tx, Plan plan) {
        return plan.links()
                ? tx.preparedQuery(COMPONENTS)
                        .execute(
                                Tuple.of(
                                        Columns.texts(plan.linking(), Identifier::type),
                                        Columns.texts(plan.linking(), Identifier::value),
                                        Columns.uuids(plan.linked())))
                        .map(rows -> {
                            Set<UUID> components = new HashSet<>();
                            for (Row row : rows) {
                                components.add(unmerged(row.getUUID("component")));
                            }
                            return components;
                        })
                : Uni.createFrom().item(Set.of());
    }

    private static UUID unmerged(@Nullable UUID component) {
        if (component == null) {
            throw new ConcurrentChange("a customer was merged meanwhile");
        }
        return component;
    }

    /**
     * While the lock was waited for, somebody may have been divided: the new customer is connected
     * with those who are locked now, and was not there to be locked. From here on nobody can.
     *
     * <p>Who is connected is asked right behind the lock; a statement sees what was committed
     * before it began, and this one begins when the lock is held.
     */
    private static Uni<Locked> lockAll(SqlConnection tx, Plan plan, Set<UUID> components) {
        if (components.isEmpty()) {
            return lock(tx, plan, components);
        }
        return Uni.combine()
                .all()
                .unis(
                        lock(tx, plan, components),
                        tx.preparedQuery(MEMBERS)
                                .execute(Tuple.of((Object) components.toArray(UUID[]::new))))
                .with((locked, members) -> {
                    for (Row row : members) {
                        if (!locked.whole().contains(Columns.customer(row, "id"))) {
                            throw new ConcurrentChange("somebody is connected with them meanwhile");
                        }
                    }
                    return locked;
                });
    }

    private static Uni<Locked> lock(SqlConnection tx, Plan plan, Set<UUID> components) {
        return tx.preparedQuery(LOCK)
                .execute(Tuple.of(components.toArray(UUID[]::new), Columns.uuids(plan.customers())))
                .map(rows -> {
                    Set<CustomerId> all = new HashSet<>();
                    Set<CustomerId> whole = new HashSet<>();
                    for (Row row : rows) {
                        UUID component = unmerged(row.getUUID("component"));
                        CustomerId customer = Columns.customer(row, "id");
                        all.add(customer);
                        if (components.contains(component)) {
                            whole.add(customer);
                        }
                    }
                    if (!whole.containsAll(plan.linked())) {
                        throw new ConcurrentChange("somebody is connected with others meanwhile");
                    }
                    return new Locked(rows, all, whole);
                });
    }

    private static Uni<Directory.Before> read(SqlConnection tx, Plan plan, Locked locked) {
        return tx.preparedQuery(SIGHTINGS)
                .execute(
                        Tuple.of(
                                Columns.uuids(locked.whole()),
                                plan.sightings().toArray(UUID[]::new)))
                .map(rows -> Columns.list(rows, ResolutionStore::known))
                .invoke(sightings -> checkSightings(plan, locked, sightings))
                .chain(sightings -> named(tx, plan, locked, sightings))
                .chain(before -> closed(tx, plan, locked, before));
    }

    /**
     * Loads again with whoever is connected too by the rules that decide, until nobody is missing.
     * While rules stay as they are, nobody is.
     */
    private static Uni<Directory.Before> closed(
            SqlConnection tx, Plan plan, Locked locked, Directory.Before before) {
        if (!plan.links()) {
            return Uni.createFrom().item(before);
        }
        Reach reach = new Reach(locked.whole(), plan.linking(), before, plan.rules());
        Set<CustomerId> missing = reach.missing();
        Uni<Set<CustomerId>> more =
                missing.isEmpty() && plan.anew()
                        ? seenWith(tx, plan, locked, reach)
                        : Uni.createFrom().item(missing);
        return more.chain(found ->
                found.isEmpty() ? Uni.createFrom().item(before) : load(tx, plan.with(found)));
    }

    /**
     * Other customers whose sightings name what connects now. An event need not ask: what joins by
     * the rules in force stands somewhere, and where it does not yet, since rules were changed a
     * moment ago, that change comes by and finds the two.
     */
    private static Uni<Set<CustomerId>> seenWith(
            SqlConnection tx, Plan plan, Locked locked, Reach reach) {
        List<Identifier> connecting = List.copyOf(reach.connecting());
        return connecting.isEmpty()
                ? Uni.createFrom().item(Set.of())
                : tx.preparedQuery(SEEN_WITH)
                        .execute(
                                Tuple.of(
                                        Columns.written(connecting),
                                        connecting.stream()
                                                .map(plan.rules()::mayJoinClaimed)
                                                .toArray(Boolean[]::new),
                                        Columns.uuids(locked.whole()),
                                        MOST_SEEN_WITH))
                        .map(rows -> rows.rowCount() == 0 ? Set.of() : others(rows, reach));
    }

    private static Set<CustomerId> others(RowSet<Row> rows, Reach reach) {
        Set<Identifier> shared = reach.shared();
        Set<CustomerId> others = new HashSet<>();
        for (Row row : rows) {
            if (!shared.contains(Identifier.of(row.getString("name")))) {
                others.add(Columns.customer(row, "customer_id"));
            }
        }
        return others;
    }

    private static Uni<Directory.Before> named(
            SqlConnection tx, Plan plan, Locked locked, List<Known> sightings) {
        SortedSet<Identifier> names = new TreeSet<>(plan.linking());
        sightings.forEach(s -> names.addAll(s.sighting().evidence().identifiers()));
        Uni<Map<Identifier, Standing>> standings =
                tx.preparedQuery(IDENTIFIERS)
                        .execute(
                                Tuple.of(
                                        Columns.texts(names, Identifier::type),
                                        Columns.texts(names, Identifier::value),
                                        Columns.uuids(locked.all())))
                        .map(ResolutionStore::standings)
                        .invoke(found -> checkStandings(plan, locked, found));
        return Uni.combine()
                .all()
                .unis(standings, separations(tx, plan, names))
                .with((found, apart) ->
                        new Directory.Before(profiles(locked, found), sightings, found, apart));
    }

    private static Uni<Separations> separations(
            SqlConnection tx, Plan plan, SortedSet<Identifier> names) {
        return plan.links()
                ? tx.preparedQuery(SEPARATIONS)
                        .execute(Tuple.of(Columns.written(names)))
                        .map(rows ->
                                new Separations(
                                        Columns.list(
                                                rows,
                                                row ->
                                                        new Separations.Pair(
                                                                Identifier.of(row.getString("one")),
                                                                Identifier.of(
                                                                        row.getString("other"))))))
                : Uni.createFrom().item(Separations.NONE);
    }

    /** Under the lock the sightings asked for have to be as they were before it. */
    private static void checkSightings(Plan plan, Locked locked, List<Known> sightings) {
        Map<UUID, Glance> found = new HashMap<>();
        for (Known known : sightings) {
            if (!locked.all().contains(known.customer())) {
                throw new ConcurrentChange("a sighting is another customer's meanwhile");
            }
            UUID id = known.sighting().evidence().id();
            if (plan.sightings().contains(id)) {
                found.put(id, new Glance(known.customer(), known.sighting().first()));
            }
        }
        if (!found.equals(plan.glances())) {
            throw new ConcurrentChange("the same was seen elsewhere meanwhile");
        }
    }

    private static void checkStandings(
            Plan plan, Locked locked, Map<Identifier, Standing> standings) {
        for (Identifier identifier : plan.linking()) {
            Standing standing = standings.get(identifier);
            if (standing != null
                    && !standing.shared()
                    && !locked.whole().contains(standing.customer())) {
                throw new ConcurrentChange("an identifier is another customer's meanwhile");
            }
        }
    }

    private static Map<UUID, Glance> glances(RowSet<Row> rows) {
        Map<UUID, Glance> glances = new HashMap<>();
        for (Row row : rows) {
            glances.put(
                    row.getUUID("id"),
                    new Glance(Columns.customer(row, "customer_id"), first(row)));
        }
        return glances;
    }

    private static Known known(Row row) {
        return new Known(
                new Sighting(
                        Evidence.of(
                                Columns.identifiers(row, "identifiers"),
                                Trust.valueOf(row.getString("trust").toUpperCase(Locale.ROOT))),
                        first(row)),
                Columns.customer(row, "customer_id"),
                knowledge(row),
                Set.copyOf(Columns.identifiers(row, "refused")));
    }

    private static Occasion first(Row row) {
        return new Occasion(
                Columns.instant(row, "first_at"),
                row.getString("first_source"),
                row.getString("first_message"));
    }

    private static Knowledge knowledge(Row row) {
        try {
            return ContractJson.mapper().readValue(row.getString("knowledge"), Knowledge.class);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a sighting holds what is no knowledge", e);
        }
    }

    private static Map<Identifier, Standing> standings(RowSet<Row> rows) {
        Map<Identifier, Standing> standings = new HashMap<>();
        for (Row row : rows) {
            standings.put(
                    new Identifier(row.getString("type"), row.getString("value")),
                    new Standing(
                            Columns.customer(row, "customer_id"),
                            row.getBoolean("held"),
                            row.getBoolean("shared")));
        }
        return standings;
    }

    private static List<Profile> profiles(Locked locked, Map<Identifier, Standing> standings) {
        Map<CustomerId, SortedSet<Identifier>> held = new HashMap<>();
        standings.forEach((identifier, standing) -> {
            if (standing.held()) {
                held.computeIfAbsent(standing.customer(), c -> new TreeSet<>()).add(identifier);
            }
        });
        return Stream.of(locked.rows())
                .flatMap(rows -> Columns.list(rows, row -> row).stream())
                .map(row ->
                        ProfileRows.read(
                                row,
                                held.getOrDefault(Columns.customer(row, "id"), new TreeSet<>())))
                .toList();
    }
}
