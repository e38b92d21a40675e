package io.throughline.journey.store;

import io.smallrye.mutiny.Uni;
import io.throughline.contracts.CustomerId;
import io.throughline.journey.engine.Instance;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Instances: where each customer is in which journey version. */
@ApplicationScoped
public class InstanceStore {

    // Index: instances_running.
    private static final String RUNNING =
            """
            SELECT state::text
              FROM instances
             WHERE customer = ANY($1::uuid[]) AND status = 'running'
             ORDER BY entered_at, id
            """;

    // Index: instances_pkey.
    private static final String SAVE =
            """
            INSERT INTO instances (id, customer, journey, version, status, held_out, left_reason,
                                   state, entered_at, changed_at)
            SELECT n.id, n.customer, n.journey, n.version, n.status, n.held_out, n.left_reason,
                   n.state::jsonb, n.entered_at, n.changed_at
              FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::integer[], $5::text[],
                          $6::boolean[], $7::text[], $8::text[], $9::timestamptz[],
                          $10::timestamptz[])
                   AS n(id, customer, journey, version, status, held_out, left_reason, state,
                        entered_at, changed_at)
            ON CONFLICT (id) DO UPDATE
               SET customer = excluded.customer,
                   status = excluded.status,
                   left_reason = excluded.left_reason,
                   state = excluded.state,
                   changed_at = excluded.changed_at,
                   row_version = instances.row_version + 1
            """;

    // Index: instances_customer. Those that left; the running ones are saved with their new state.
    private static final String MOVE_LEFT =
            """
            UPDATE instances
               SET customer = $1
             WHERE customer = $2 AND status = 'left'
            """;

    // Index: instances_journey; with a customer, instances_customer. Ids are in order of entry.
    private static final String PAGE =
            """
            SELECT id, customer, version, status, held_out, left_reason, state->'waiting'->>'step' AS step,
                   state->'waiting'->'displaced'->'by'->>'journey' AS displaced_by,
                   entered_at, changed_at
              FROM instances
             WHERE journey = $1
               AND ($2::text IS NULL OR status = $2)
               AND ($3::uuid IS NULL OR customer = $3)
               AND ($4::uuid IS NULL OR id > $4)
             ORDER BY id
             LIMIT $5
            """;

    private final Pool pool;

    InstanceStore(Pool pool) {
        this.pool = pool;
    }

    /**
     * An instance to be stored.
     *
     * @param leftReason absent while it runs
     */
    public record Stored(Instance instance, @Nullable String leftReason, Instant changedAt) {

        String status() {
            return leftReason == null ? "running" : "left";
        }
    }

    /**
     * An instance as it is listed.
     *
     * @param status {@code running} or {@code left}
     * @param step where it stands or stood last
     * @param leftReason absent while it runs
     * @param displacedBy the journey that its message gave way to; absent where none did, and once
     *     the step is done
     */
    public record Listed(
            UUID id,
            CustomerId customer,
            int version,
            String status,
            boolean heldOut,
            @Nullable String leftReason,
            @Nullable String step,
            @Nullable String displacedBy,
            Instant enteredAt,
            Instant changedAt) {}

    /** The running instances of these customers, oldest first. */
    public Uni<List<Instance>> running(SqlConnection tx, Collection<CustomerId> customers) {
        return tx.preparedQuery(RUNNING)
                .execute(Tuple.of(CustomerStore.ids(customers)))
                .map(InstanceStore::instances);
    }

    public Uni<Void> save(SqlConnection tx, List<Stored> instances) {
        if (instances.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        Tuple columns =
                Columns.of(instances)
                        .uuid(s -> s.instance().id())
                        .uuid(s -> s.instance().customer().value())
                        .text(s -> s.instance().journey())
                        .integer(s -> s.instance().version())
                        .text(Stored::status)
                        .bool(s -> s.instance().heldOut())
                        .text(Stored::leftReason)
                        .json(Stored::instance)
                        .time(s -> s.instance().enteredAt())
                        .time(Stored::changedAt)
                        .tuple();
        return tx.preparedQuery(SAVE).execute(columns).replaceWithVoid();
    }

    /** Gives a merged customer's past to the survivor. */
    public Uni<Void> moveLeft(SqlConnection tx, CustomerId survivor, CustomerId merged) {
        return tx.preparedQuery(MOVE_LEFT)
                .execute(Tuple.of(survivor.value(), merged.value()))
                .replaceWithVoid();
    }

    /**
     * Instances of a journey in order of entry.
     *
     * @param status absent for all
     * @param customer absent for all
     * @param after the last id of the page before; absent for the first
     */
    public Uni<List<Listed>> page(
            String journey,
            @Nullable String status,
            @Nullable CustomerId customer,
            @Nullable UUID after,
            int limit) {
        UUID customerId = customer == null ? null : customer.value();
        // Tuple.of and List.of take no nulls where they are not marked; an array does.
        Tuple parameters = Tuple.from(Arrays.asList(journey, status, customerId, after, limit));
        return pool.preparedQuery(PAGE).execute(parameters).map(InstanceStore::listed);
    }

    private static List<Instance> instances(RowSet<Row> rows) {
        List<Instance> running = new ArrayList<>();
        rows.forEach(row -> running.add(Json.read(row.getString(0), Instance.class)));
        return running;
    }

    private static List<Listed> listed(RowSet<Row> rows) {
        List<Listed> page = new ArrayList<>();
        rows.forEach(row ->
                page.add(
                        new Listed(
                                row.getUUID("id"),
                                new CustomerId(row.getUUID("customer")),
                                row.getInteger("version"),
                                row.getString("status"),
                                row.getBoolean("held_out"),
                                row.getString("left_reason"),
                                row.getString("step"),
                                row.getString("displaced_by"),
                                row.getOffsetDateTime("entered_at").toInstant(),
                                row.getOffsetDateTime("changed_at").toInstant())));
        return page;
    }
}
