package io.throughline.identity.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.mutiny.Uni;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Identifier;
import io.throughline.contracts.Ids;
import io.throughline.contracts.ingest.Trust;
import io.throughline.identity.resolution.Changes;
import io.throughline.identity.resolution.Directory;
import io.throughline.identity.resolution.Evidence;
import io.throughline.identity.resolution.Occasion;
import io.throughline.identity.resolution.Partition;
import io.throughline.identity.resolution.ResolutionRules;
import io.throughline.identity.resolution.RulesInForce;
import io.throughline.identity.resolution.Separations;
import io.throughline.identity.resolution.Sighting;
import io.throughline.identity.resolution.Statement;
import io.throughline.identity.resolution.TypeRule;
import io.throughline.local.testing.EmbeddedInfrastructure;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Transaction;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * What the database loads is enough to decide by: rules that join what joined nobody come to the
 * same as if everybody were decided about at once, and a preview finds as many merges.
 */
@QuarkusTest
@QuarkusTestResource(EmbeddedInfrastructure.class)
class ResolutionStoreTest {

    private static final int SEEDS = 20;
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final Instant START = Instant.parse("2026-11-23T10:00:00Z");

    private static final RulesInForce LOOSE =
            new RulesInForce(
                    new ResolutionRules(
                            1,
                            List.of(
                                    new TypeRule(Identifier.USER_ID, true, 1, null, 0, false),
                                    new TypeRule(TypeRule.ANY, false, 1, null, 0, false),
                                    new TypeRule(Identifier.ANONYMOUS_ID, true, 5, null, 0, false)),
                            List.of(
                                    new ResolutionRules.Never(
                                            Identifier.ANONYMOUS_ID, "anonymous_id[01].*")),
                            50));

    private static final RulesInForce STRICT =
            new RulesInForce(
                    new ResolutionRules(
                            2,
                            List.of(
                                    new TypeRule(Identifier.USER_ID, true, 1, null, 0, false),
                                    new TypeRule(TypeRule.ANY, true, 2, null, 0, false),
                                    new TypeRule(Identifier.ANONYMOUS_ID, true, 2, null, 2, true)),
                            List.of(),
                            6));

    @Inject Pool pool;
    @Inject ResolutionStore resolution;
    @Inject ChangeStore changes;
    @Inject RuleWorkStore work;

    private final String who = UUID.randomUUID().toString();
    private Random random = new Random(0);
    private Instant now = START;

    /**
     * In one transaction that leaves nothing behind: what others test is decided by other rules.
     */
    @Test
    void rulesThatJoinFindEverybodyOneCustomerAtATime() {
        SqlConnection tx = pool.getConnection().await().atMost(SOON);
        Transaction all = tx.begin().await().atMost(SOON);
        try {
            int merges = 0;
            for (int seed = 0; seed < SEEDS; seed++) {
                random = new Random(seed);
                merges += merges(tx, seed);
            }
            assertThat(merges).isPositive();
        } finally {
            all.rollback().await().atMost(SOON);
            tx.close().await().atMost(SOON);
        }
    }

    private int merges(SqlConnection tx, int seed) {
        List<Statement> said = statements("-" + seed + "-" + who);
        said.forEach(statement -> take(tx, statement));

        Set<CustomerId> previewed = pass(tx, said, false);
        Set<CustomerId> merged = pass(tx, said, true);

        assertThat(merged).as("seed %d", seed).isEqualTo(previewed);
        Partition expected = Partition.of(sightings(said), Set.of(), Separations.NONE, STRICT);
        assertThat(groups(tx, said)).as("seed %d", seed).isEqualTo(groups(expected));
        assertThat(held(tx, said)).as("seed %d", seed).isEqualTo(held(expected));
        return merged.size();
    }

    private List<Statement> statements(String suffix) {
        List<Identifier> all = new ArrayList<>();
        for (String type : List.of(Identifier.USER_ID, "card", Identifier.ANONYMOUS_ID)) {
            for (int i = 1 + random.nextInt(4); i >= 0; i--) {
                all.add(new Identifier(type, type + i + suffix));
            }
        }
        List<Statement> said = new ArrayList<>();
        for (int i = 5 + random.nextInt(10); i >= 0; i--) {
            Set<Identifier> named = new TreeSet<>();
            for (int n = random.nextInt(3); n >= 0; n--) {
                named.add(all.get(random.nextInt(all.size())));
            }
            said.add(
                    new Statement(
                            Evidence.of(
                                    named, random.nextInt(3) > 0 ? Trust.TRUSTED : Trust.CLAIMED),
                            new Occasion(
                                    START.plusSeconds(random.nextInt(5)), "shop", "m" + i + suffix),
                            known -> known));
        }
        return said;
    }

    private void take(SqlConnection tx, Statement statement) {
        resolution
                .load(tx, List.of(statement), LOOSE)
                .chain(before -> {
                    Directory directory = directory(before, LOOSE);
                    directory.take(List.of(statement));
                    return changes.save(tx, directory.changes(), now);
                })
                .await()
                .atMost(SOON);
    }

    /** Everybody, one after the other; who was merged away. */
    private Set<CustomerId> pass(SqlConnection tx, List<Statement> said, boolean keep) {
        Set<CustomerId> merged = new HashSet<>();
        for (CustomerId customer : new TreeSet<>(whose(tx, said).values())) {
            if (!keep || !merged.contains(customer)) {
                reconsider(tx, customer, keep)
                        .merges()
                        .forEach(merge -> merged.add(merge.merged()));
            }
        }
        return merged;
    }

    private Changes reconsider(SqlConnection tx, CustomerId customer, boolean keep) {
        return work.seen(tx, List.of(customer))
                .chain(seen ->
                        resolution.loadConnected(
                                tx,
                                List.of(customer),
                                seen.stream()
                                        .flatMap(evidence -> STRICT.joining(evidence).stream())
                                        .collect(Collectors.toSet()),
                                STRICT))
                .chain(before -> {
                    Directory directory = directory(before, STRICT);
                    directory.reconsider();
                    Changes made = directory.changes();
                    return (keep ? changes.save(tx, made, now) : Uni.createFrom().voidItem())
                            .replaceWith(made);
                })
                .await()
                .atMost(SOON);
    }

    private Directory directory(Directory.Before before, RulesInForce rules) {
        now = now.plusMillis(1);
        return new Directory(
                before, rules, () -> new CustomerId(Ids.timeOrdered(now, random)), now);
    }

    private static List<Sighting> sightings(List<Statement> said) {
        Map<Evidence, Occasion> first = new LinkedHashMap<>();
        said.forEach(s ->
                first.merge(s.evidence(), s.occasion(), (a, b) -> a.compareTo(b) <= 0 ? a : b));
        return first.entrySet().stream().map(e -> new Sighting(e.getKey(), e.getValue())).toList();
    }

    /** By sighting. */
    private Map<UUID, CustomerId> whose(SqlConnection tx, List<Statement> said) {
        Map<UUID, CustomerId> whose = new HashMap<>();
        tx.preparedQuery("SELECT id, customer_id FROM sightings WHERE id = ANY($1)")
                .execute(
                        Tuple.of(
                                (Object)
                                        said.stream()
                                                .map(s -> s.evidence().id())
                                                .toArray(UUID[]::new)))
                .await()
                .atMost(SOON)
                .forEach(row -> whose.put(row.getUUID("id"), Columns.customer(row, "customer_id")));
        return whose;
    }

    private Set<Set<UUID>> groups(SqlConnection tx, List<Statement> said) {
        return whose(tx, said).entrySet().stream()
                .collect(
                        Collectors.groupingBy(
                                Map.Entry::getValue,
                                Collectors.mapping(Map.Entry::getKey, Collectors.toSet())))
                .values()
                .stream()
                .collect(Collectors.toSet());
    }

    private static Set<Set<UUID>> groups(Partition partition) {
        return partition.groups().stream()
                .map(group ->
                        group.sightings().stream()
                                .map(s -> s.evidence().id())
                                .collect(Collectors.toSet()))
                .collect(Collectors.toSet());
    }

    /** What each customer holds. */
    private Set<Set<Identifier>> held(SqlConnection tx, List<Statement> said) {
        Map<CustomerId, Set<Identifier>> held = new HashMap<>();
        Set<CustomerId> customers = Set.copyOf(whose(tx, said).values());
        for (Row row :
                tx.preparedQuery(
                                "SELECT type, value, customer_id FROM identifiers"
                                        + " WHERE held AND customer_id = ANY($1)")
                        .execute(Tuple.of((Object) Columns.uuids(customers)))
                        .await()
                        .atMost(SOON)) {
            held.computeIfAbsent(Columns.customer(row, "customer_id"), c -> new HashSet<>())
                    .add(new Identifier(row.getString("type"), row.getString("value")));
        }
        return Set.copyOf(held.values());
    }

    private static Set<Set<Identifier>> held(Partition partition) {
        return partition.groups().stream()
                .map(group -> Set.copyOf(group.held().keySet()))
                .filter(held -> !held.isEmpty())
                .collect(Collectors.toSet());
    }
}
