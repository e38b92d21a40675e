package io.throughline.identity.store;

import com.fasterxml.jackson.annotation.JsonValue;
import io.smallrye.mutiny.Uni;
import io.throughline.contracts.CustomerId;
import io.throughline.governance.ConsentWrite;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Rebuilding the gate from the ledgers, and verifying it: how far it has come, and what differed.
 */
@ApplicationScoped
public class GateWorkStore {

    private static final int MOST_SHOWN = 100;

    private static final String COLUMNS =
            """
            id, kind, phase, position, customers, addresses, verified, differences, unknown, total, created_at, created_by,
            finished_at
            """;

    private static final String BEGIN =
            """
            INSERT INTO gate_work (id, kind, phase, total, created_at, created_by)
            SELECT $1, $2, $3, count(*), $4, $5 FROM customers
             WHERE merged_into IS NULL AND erased_at IS NULL
            """;

    /** By the primary key. */
    private static final String FIND = "SELECT " + COLUMNS + " FROM gate_work WHERE id = $1";

    /** By the primary key. */
    private static final String DIFFERENCES =
            """
            SELECT customer, about, ledger, gate FROM gate_differences WHERE work = $1 ORDER BY number LIMIT $2
            """;

    /** By the index gate_work_unfinished. */
    private static final String CLAIM =
            """
            UPDATE gate_work SET claimed_until = $2
             WHERE id = (SELECT id FROM gate_work
                          WHERE finished_at IS NULL AND (claimed_until IS NULL OR claimed_until < $1)
                          ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED)
            RETURNING
            """
                    + COLUMNS;

    /** By the primary key. */
    private static final String NEXT_CUSTOMERS =
            """
            SELECT id FROM customers
             WHERE merged_into IS NULL AND erased_at IS NULL AND ($1::uuid IS NULL OR id > $1) ORDER BY id LIMIT $2
            """;

    /** By the primary key (address, channel, topic). */
    private static final String NEXT_ADDRESSES =
            """
            SELECT address, channel, topic, state, at FROM address_consents
             WHERE (address, channel, topic) > ($1, $2, $3) ORDER BY address, channel, topic LIMIT $4
            """;

    /** By the primary key. */
    private static final String ADVANCE =
            """
            UPDATE gate_work
               SET phase = $2, position = $3, customers = customers + $4, addresses = addresses + $5,
                   verified = verified + $6, differences = differences + $7, claimed_until = $8, finished_at = $9,
                   unknown = unknown + $10
             WHERE id = $1
            """;

    private static final String DIFFER =
            """
            INSERT INTO gate_differences (work, number, customer, about, ledger, gate)
            SELECT $1, $2 + number, customer, about, ledger, gate
              FROM unnest($3::uuid[], $4::text[], $5::text[], $6::text[]) WITH ORDINALITY
                   AS found (customer, about, ledger, gate, number)
             WHERE $2 + number <= $7
            ON CONFLICT DO NOTHING
            """;

    /** By the primary key. */
    private static final String RELEASE = "UPDATE gate_work SET claimed_until = NULL WHERE id = $1";

    private final Pool pool;

    GateWorkStore(Pool pool) {
        this.pool = pool;
    }

    /** What is done. */
    public enum Kind {
        REBUILD,
        VERIFICATION;

        @JsonValue
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** Where it begins. */
        public Phase first() {
            return this == REBUILD ? Phase.WRITING_CUSTOMERS : Phase.VERIFYING_CUSTOMERS;
        }
    }

    /** In their order. */
    public enum Phase {
        WRITING_CUSTOMERS,
        WRITING_ADDRESSES,
        VERIFYING_CUSTOMERS,
        VERIFYING_ADDRESSES,
        DONE;

        @JsonValue
        public String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        static Phase of(String word) {
            return valueOf(word.toUpperCase(Locale.ROOT).replace('-', '_'));
        }

        /** What comes after it. */
        public Phase next() {
            return switch (this) {
                case WRITING_CUSTOMERS -> WRITING_ADDRESSES;
                case WRITING_ADDRESSES -> VERIFYING_CUSTOMERS;
                case VERIFYING_CUSTOMERS -> VERIFYING_ADDRESSES;
                case VERIFYING_ADDRESSES, DONE -> DONE;
            };
        }
    }

    /**
     * @param position of the last one that is done; empty at the beginning of a phase
     * @param unknown customers that the gate had no state of, and so refuses until they are
     *     hydrated
     * @param total customers there were when it began
     */
    public record GateWork(
            UUID id,
            Kind kind,
            Phase phase,
            List<String> position,
            long customers,
            long addresses,
            long verified,
            long differences,
            long unknown,
            long total,
            Instant createdAt,
            String createdBy,
            @Nullable Instant finishedAt) {

        /** The same, further on. */
        public GateWork at(Phase nextPhase, List<String> nextPosition, long moreDifferences) {
            return at(nextPhase, nextPosition, moreDifferences, 0);
        }

        /** The same, further on, having come upon customers that the gate knows nothing of. */
        public GateWork at(
                Phase nextPhase,
                List<String> nextPosition,
                long moreDifferences,
                long moreUnknown) {
            return new GateWork(
                    id,
                    kind,
                    nextPhase,
                    nextPosition,
                    customers,
                    addresses,
                    verified,
                    differences + moreDifferences,
                    unknown + moreUnknown,
                    total,
                    createdAt,
                    createdBy,
                    finishedAt);
        }
    }

    /**
     * Where the gate answers otherwise than the ledgers say.
     *
     * @param about a channel, with a topic, an address or a journey
     */
    public record Difference(
            @Nullable CustomerId customer, String about, String ledger, String gate) {}

    /** What a step did. */
    public record Done(
            long customers,
            long addresses,
            long verified,
            long unknown,
            List<Difference> differences) {}

    public Uni<Void> begin(UUID id, Kind kind, Instant at, String by) {
        return pool.preparedQuery(BEGIN)
                .execute(Tuple.of(id, kind.word(), kind.first().word(), Columns.time(at), by))
                .replaceWithVoid();
    }

    public Uni<Optional<GateWork>> find(UUID id) {
        return pool.preparedQuery(FIND)
                .execute(Tuple.of(id))
                .map(rows -> Columns.list(rows, GateWorkStore::read).stream().findFirst());
    }

    /** The first of the differences that were found. */
    public Uni<List<Difference>> differences(UUID id) {
        return pool.preparedQuery(DIFFERENCES)
                .execute(Tuple.of(id, MOST_SHOWN))
                .map(rows ->
                        Columns.list(
                                rows,
                                row ->
                                        new Difference(
                                                row.getUUID("customer") == null
                                                        ? null
                                                        : Columns.customer(row, "customer"),
                                                row.getString("about"),
                                                row.getString("ledger"),
                                                row.getString("gate"))));
    }

    /** Lets any process go on with it at once. */
    public Uni<Void> release(UUID id) {
        return pool.preparedQuery(RELEASE).execute(Tuple.of(id)).replaceWithVoid();
    }

    public Uni<Optional<GateWork>> claim(Instant now, Instant until) {
        return pool.preparedQuery(CLAIM)
                .execute(Tuple.of(Columns.time(now), Columns.time(until)))
                .map(rows -> Columns.list(rows, GateWorkStore::read).stream().findFirst());
    }

    public Uni<List<CustomerId>> customers(List<String> after, int most) {
        UUID last = after.isEmpty() ? null : UUID.fromString(after.getFirst());
        return pool.preparedQuery(NEXT_CUSTOMERS)
                .execute(Tuple.of(last, most))
                .map(rows -> Columns.list(rows, row -> Columns.customer(row, "id")));
    }

    /** What counts for addresses, whoever has them. */
    public Uni<List<ConsentWrite>> addresses(List<String> after, int most) {
        return pool.preparedQuery(NEXT_ADDRESSES)
                .execute(
                        Tuple.of(
                                after.isEmpty() ? "" : after.get(0),
                                after.isEmpty() ? "" : after.get(1),
                                after.isEmpty() ? "" : after.get(2),
                                most))
                .map(rows ->
                        Columns.list(
                                rows,
                                row -> PermissionStore.write(row, null, row.getString("address"))));
    }

    /** Writes down how far a work is by now. */
    public Uni<Void> advance(
            SqlConnection tx,
            GateWork now,
            Done done,
            Instant claimedUntil,
            @Nullable Instant finishedAt) {
        return tx.preparedQuery(ADVANCE)
                .execute(
                        Tuple.tuple()
                                .addValue(now.id())
                                .addValue(now.phase().word())
                                .addValue(now.position().toArray(String[]::new))
                                .addValue(done.customers())
                                .addValue(done.addresses())
                                .addValue(done.verified())
                                .addValue((long) done.differences().size())
                                .addValue(Columns.time(claimedUntil))
                                .addValue(finishedAt == null ? null : Columns.time(finishedAt))
                                .addValue(done.unknown()))
                .chain(() -> differ(tx, now, done.differences()));
    }

    private static Uni<Void> differ(SqlConnection tx, GateWork now, List<Difference> found) {
        return found.isEmpty()
                ? Uni.createFrom().voidItem()
                : tx.preparedQuery(DIFFER)
                        .execute(
                                Tuple.tuple()
                                        .addValue(now.id())
                                        .addValue(now.differences() - found.size())
                                        .addValue(
                                                Columns.nullableUuids(
                                                        found,
                                                        d ->
                                                                d.customer() == null
                                                                        ? null
                                                                        : d.customer().value()))
                                        .addValue(Columns.texts(found, Difference::about))
                                        .addValue(Columns.texts(found, Difference::ledger))
                                        .addValue(Columns.texts(found, Difference::gate))
                                        .addValue((long) MOST_SHOWN))
                        .replaceWithVoid();
    }

    private static GateWork read(Row row) {
        return new GateWork(
                row.getUUID("id"),
                Kind.valueOf(row.getString("kind").toUpperCase(Locale.ROOT)),
                Phase.of(row.getString("phase")),
                List.of(row.getArrayOfStrings("position")),
                row.getLong("customers"),
                row.getLong("addresses"),
                row.getLong("verified"),
                row.getLong("differences"),
                row.getLong("unknown"),
                row.getLong("total"),
                Columns.instant(row, "created_at"),
                row.getString("created_by"),
                row.getOffsetDateTime("finished_at") == null
                        ? null
                        : Columns.instant(row, "finished_at"));
    }
}
