package io.throughline.identity.store;

import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.core.JsonProcessingException;
import io.smallrye.mutiny.Uni;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.ingest.Trust;
import io.throughline.contracts.json.ContractJson;
import io.throughline.identity.resolution.Changes;
import io.throughline.identity.resolution.Evidence;
import io.throughline.identity.resolution.Refusal;
import io.throughline.identity.resolution.ResolutionRules;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Changes of the rules on their way through the customers, and previews of changes. */
@ApplicationScoped
public class RuleWorkStore {

    private static final String BEGIN =
            """
            INSERT INTO rule_work (id, kind, version, document, total, created_at)
            VALUES ($1, $2, $3, $4::text::json,
                    (SELECT count(*) FROM customers WHERE merged_into IS NULL AND erased_at IS NULL), $5)
            """;

    /** By the index rule_work_unfinished. */
    private static final String CLAIM =
            """
            SELECT id, kind, document::text AS document, last_customer
              FROM rule_work w
             WHERE finished_at IS NULL AND (claimed_until IS NULL OR claimed_until < $1)
               AND (kind <> 'change' OR created_at < $2)
             ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED
            """;

    private static final String CLAIMED = "UPDATE rule_work SET claimed_until = $2 WHERE id = $1";

    /** By the primary key. */
    private static final String NEXT =
            """
            SELECT id FROM customers
             WHERE merged_into IS NULL AND erased_at IS NULL AND ($1::uuid IS NULL OR id > $1)
             ORDER BY id LIMIT $2
            """;

    /** By the index sightings_customer. */
    private static final String SEEN =
            "SELECT identifiers, trust FROM sightings WHERE customer_id = ANY($1)";

    private static final String ADVANCE =
            """
            UPDATE rule_work
               SET last_customer = $2, customers = customers + $3, claimed_until = $4
             WHERE id = $1
            """;

    private static final String FINISH =
            "UPDATE rule_work SET finished_at = $2, claimed_until = NULL WHERE id = $1";

    private static final String FOUND =
            """
            INSERT INTO rule_findings (work, what, customer, other, identifiers)
            SELECT $1, what, customer, other, identifiers
              FROM unnest($2::text[], $3::uuid[], $4::uuid[], $5::int[])
                   AS f (what, customer, other, identifiers)
            ON CONFLICT DO NOTHING
            """;

    private static final String READ =
            """
            SELECT w.id, w.kind, w.version, w.customers, w.total, w.created_at, w.finished_at
              FROM rule_work w WHERE %s ORDER BY w.created_at DESC LIMIT 1
            """;

    /** By the primary key (work, what, customer). */
    private static final String COUNTS =
            "SELECT what, count(*) AS found FROM rule_findings WHERE work = $1 GROUP BY what";

    /** By the primary key (work, what, customer). */
    private static final String LARGEST =
            """
            SELECT what, customer, other, identifiers FROM (
              SELECT *, row_number() OVER (PARTITION BY what ORDER BY identifiers DESC, customer) AS place
                FROM rule_findings WHERE work = $1) AS ranked
             WHERE place <= $2 ORDER BY what, place
            """;

    private static final int MOST_SHOWN = 10;

    /** By the primary key. */
    private static final String RELEASE = "UPDATE rule_work SET claimed_until = NULL WHERE id = $1";

    private final Pool pool;

    RuleWorkStore(Pool pool) {
        this.pool = pool;
    }

    /** What is done with rules. */
    public enum Kind {
        CHANGE,
        PREVIEW;

        @JsonValue
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** What can be found of a customer. */
    public enum What {
        MERGED,
        DIVIDED,
        QUARANTINED,
        RELEASED;

        @JsonValue
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Work that this process has claimed. */
    public record Claimed(UUID id, Kind kind, ResolutionRules rules, @Nullable UUID lastCustomer) {

        public Claimed after(UUID customer) {
            return new Claimed(id, kind, rules, customer);
        }
    }

    /**
     * @param customer who is merged away, divided, or as large as she may become
     * @param other into whom, or who comes out of her
     * @param identifiers how many she has then; of a customer who is divided, how many leave her;
     *     of one who is quarantined 0; of one who released some, how many nobody holds any more
     */
    public record Finding(
            What what, CustomerId customer, @Nullable CustomerId other, int identifiers) {}

    /**
     * How far work has come.
     *
     * @param customers so many have been looked at
     * @param total so many there were at the beginning
     * @param merged how many profiles go into others
     * @param divided how many profiles lose identifiers to others
     * @param quarantined how many would grow beyond the largest profile and are left as they are
     * @param released how many profiles lose identifiers that nobody holds then
     * @param largest of each the largest
     */
    public record Progress(
            UUID id,
            Kind kind,
            int version,
            long customers,
            long total,
            Instant createdAt,
            @Nullable Instant finishedAt,
            long merged,
            long divided,
            long quarantined,
            long released,
            List<Finding> largest) {}

    /** Begins work in the caller's transaction. */
    public Uni<Void> begin(
            SqlConnection tx, UUID id, Kind kind, ResolutionRules rules, Instant at) {
        return tx.preparedQuery(BEGIN)
                .execute(
                        Tuple.of(
                                id,
                                kind.word(),
                                rules.version(),
                                Columns.json(rules),
                                Columns.time(at)))
                .replaceWithVoid();
    }

    /** Lets any process go on with it at once. */
    public Uni<Void> release(UUID id) {
        return pool.preparedQuery(RELEASE).execute(Tuple.of(id)).replaceWithVoid();
    }

    /**
     * Takes the oldest work that nobody is at.
     *
     * @param known a change that began after that is left until every process knows of it
     */
    public Uni<Optional<Claimed>> claim(
            SqlConnection tx, Instant now, Instant known, Instant until) {
        return tx.preparedQuery(CLAIM)
                .execute(Tuple.of(Columns.time(now), Columns.time(known)))
                .map(rows -> Columns.list(rows, RuleWorkStore::claimed).stream().findFirst())
                .call(claimed ->
                        claimed.isEmpty()
                                ? Uni.createFrom().voidItem()
                                : tx.preparedQuery(CLAIMED)
                                        .execute(Tuple.of(claimed.get().id(), Columns.time(until)))
                                        .replaceWithVoid());
    }

    /** The customers after one, in the order of ids. */
    public Uni<List<CustomerId>> next(SqlConnection tx, @Nullable UUID after, int most) {
        return tx.preparedQuery(NEXT)
                .execute(Tuple.of(after, most))
                .map(rows -> Columns.list(rows, row -> Columns.customer(row, "id")));
    }

    /** All that customers were seen with, whatever rules made of it. */
    public Uni<List<Evidence>> seen(SqlConnection tx, List<CustomerId> customers) {
        return tx.preparedQuery(SEEN)
                .execute(Tuple.of(Columns.uuids(customers)))
                .map(rows ->
                        Columns.list(
                                rows,
                                row ->
                                        Evidence.of(
                                                Columns.identifiers(row, "identifiers"),
                                                Trust.of(row.getString("trust")))));
    }

    /** Writes down what was found and how far it is. */
    public Uni<Void> advance(
            SqlConnection tx,
            UUID work,
            List<CustomerId> done,
            List<Finding> found,
            Instant until) {
        return found(tx, work, found)
                .chain(() ->
                        tx.preparedQuery(ADVANCE)
                                .execute(
                                        Tuple.of(
                                                work,
                                                done.getLast().value(),
                                                (long) done.size(),
                                                Columns.time(until))))
                .replaceWithVoid();
    }

    public Uni<Void> finish(SqlConnection tx, UUID work, Instant at) {
        return tx.preparedQuery(FINISH).execute(Tuple.of(work, Columns.time(at))).replaceWithVoid();
    }

    /** One piece of work; absent where there is none of this id and kind. */
    public Uni<Optional<Progress>> progress(UUID work, Kind kind) {
        return read(READ.formatted("w.id = $1 AND w.kind = $2"), Tuple.of(work, kind.word()));
    }

    /** The change that began last; absent where the rules were never changed. */
    public Uni<Optional<Progress>> lastChange() {
        return read(READ.formatted("w.kind = $1"), Tuple.of(Kind.CHANGE.word()));
    }

    /** What changes mean, as findings. */
    public static List<Finding> findings(Changes changes) {
        List<Finding> found = new ArrayList<>();
        for (Changes.Merged merge : changes.merges()) {
            found.add(
                    new Finding(
                            What.MERGED,
                            merge.merged(),
                            merge.survivor(),
                            merge.survivorHeld().size() + merge.mergedHeld().size()));
        }
        for (Changes.Unlinked unlinked : changes.unlinked()) {
            found.add(
                    new Finding(
                            What.DIVIDED,
                            unlinked.from(),
                            unlinked.to(),
                            unlinked.identifiers().size()));
        }
        for (Changes.RefusedLink link : changes.refused()) {
            if (link.refusal().why() == Refusal.Why.QUARANTINED) {
                found.add(new Finding(What.QUARANTINED, link.customer(), null, 0));
            }
        }
        Map<CustomerId, Integer> released = new TreeMap<>();
        for (Changes.Placed placed : changes.identifiers()) {
            if (placed.releasedBy() != null) {
                released.merge(placed.releasedBy(), 1, Integer::sum);
            }
        }
        released.forEach((customer, identifiers) ->
                found.add(new Finding(What.RELEASED, customer, null, identifiers)));
        return found;
    }

    private static Uni<Void> found(SqlConnection tx, UUID work, List<Finding> found) {
        if (found.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        return tx.preparedQuery(FOUND)
                .execute(
                        Tuple.of(
                                work,
                                Columns.texts(found, finding -> finding.what().word()),
                                Columns.ids(found, Finding::customer),
                                Columns.nullableUuids(
                                        found,
                                        finding ->
                                                finding.other() == null
                                                        ? null
                                                        : finding.other().value()),
                                found.stream().map(Finding::identifiers).toArray(Integer[]::new)))
                .replaceWithVoid();
    }

    private Uni<Optional<Progress>> read(String sql, Tuple parameters) {
        return pool.preparedQuery(sql)
                .execute(parameters)
                .chain(rows ->
                        rows.rowCount() == 0
                                ? Uni.createFrom().item(Optional.empty())
                                : progress(rows.iterator().next()).map(Optional::of));
    }

    private Uni<Progress> progress(Row row) {
        UUID work = row.getUUID("id");
        return pool.preparedQuery(COUNTS)
                .execute(Tuple.of(work))
                .map(RuleWorkStore::counts)
                .chain(counts -> largest(work).map(largest -> progress(row, counts, largest)));
    }

    private static Map<String, Long> counts(Iterable<Row> rows) {
        return Columns.list(rows, Function.identity()).stream()
                .collect(
                        Collectors.toMap(
                                row -> row.getString("what"), row -> row.getLong("found")));
    }

    private Uni<List<Finding>> largest(UUID work) {
        return pool.preparedQuery(LARGEST)
                .execute(Tuple.of(work, MOST_SHOWN))
                .map(rows -> Columns.list(rows, RuleWorkStore::finding));
    }

    private static Progress progress(Row row, Map<String, Long> counts, List<Finding> largest) {
        OffsetDateTime finished = row.getOffsetDateTime("finished_at");
        return new Progress(
                row.getUUID("id"),
                Kind.valueOf(row.getString("kind").toUpperCase(Locale.ROOT)),
                row.getInteger("version"),
                row.getLong("customers"),
                row.getLong("total"),
                Columns.instant(row, "created_at"),
                finished == null ? null : finished.toInstant(),
                counts.getOrDefault(What.MERGED.word(), 0L),
                counts.getOrDefault(What.DIVIDED.word(), 0L),
                counts.getOrDefault(What.QUARANTINED.word(), 0L),
                counts.getOrDefault(What.RELEASED.word(), 0L),
                largest);
    }

    private static Finding finding(Row row) {
        UUID other = row.getUUID("other");
        return new Finding(
                What.valueOf(row.getString("what").toUpperCase(Locale.ROOT)),
                Columns.customer(row, "customer"),
                other == null ? null : new CustomerId(other),
                row.getInteger("identifiers"));
    }

    private static Claimed claimed(Row row) {
        try {
            return new Claimed(
                    row.getUUID("id"),
                    Kind.valueOf(row.getString("kind").toUpperCase(Locale.ROOT)),
                    ContractJson.mapper()
                            .readValue(row.getString("document"), ResolutionRules.class),
                    row.getUUID("last_customer"));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("rule_work holds what are no rules", e);
        }
    }
}
