package io.throughline.journey.store;

import io.smallrye.mutiny.Uni;
import io.throughline.contracts.CustomerId;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Timers. One is applied exactly once because the transaction that applies it deletes it. */
@ApplicationScoped
public class TimerStore {

    // Index: timers_due, then customers_pkey. Takes the customer's lock too and passes over whoever
    // is busy: a transaction that holds timers never waits for a customer, so that it cannot wait
    // in
    // a circle with one that holds the customer and cancels timers.
    private static final String CLAIM =
            """
            SELECT t.instance, t.key, t.customer, t.journey, t.kind, t.due_at, t.payload::text
              FROM timers t
              JOIN customers c ON c.id = t.customer
             WHERE t.due_at <= $1 AND NOT t.held
             ORDER BY t.due_at
             LIMIT $2
               FOR UPDATE OF t, c SKIP LOCKED
            """;

    // Index: timers_pkey, then customers_pkey. Locked as in CLAIM.
    private static final String CLAIM_ONE =
            """
            SELECT t.instance, t.key, t.customer, t.journey, t.kind, t.due_at, t.payload::text
              FROM timers t
              JOIN customers c ON c.id = t.customer
             WHERE t.instance = $1 AND t.key = $2 AND t.due_at <= $3 AND NOT t.held
               FOR UPDATE OF t, c SKIP LOCKED
            """;

    // Index: timers_pkey.
    private static final String POSTPONE =
            """
            UPDATE timers SET due_at = $3 WHERE instance = $1 AND key = $2
            """;

    // Index: timers_due.
    private static final String NEXT_DUE =
            """
            SELECT due_at FROM timers WHERE NOT held ORDER BY due_at LIMIT 1
            """;

    // Index: timers_pkey.
    private static final String REMOVE =
            """
            DELETE FROM timers AS t
             USING unnest($1::uuid[], $2::text[]) AS n(instance, key)
             WHERE t.instance = n.instance AND t.key = n.key
            """;

    // Index: timers_pkey.
    private static final String HOLD =
            """
            UPDATE timers AS t
               SET held = true
              FROM unnest($1::uuid[], $2::text[]) AS n(instance, key)
             WHERE t.instance = n.instance AND t.key = n.key
            """;

    // Index: timers_pkey. Inputs that were kept stay.
    private static final String CANCEL =
            """
            DELETE FROM timers WHERE instance = ANY($1::uuid[]) AND kind = 'timer'
            """;

    // Index: timers_pkey. An instance that leaves takes the inputs that were kept for it along.
    private static final String CLEAR =
            """
            DELETE FROM timers WHERE instance = ANY($1::uuid[])
            """;

    // Index: timers_pkey.
    private static final String START =
            """
            INSERT INTO timers (instance, key, customer, journey, kind, due_at, held, payload)
            SELECT n.instance, n.key, n.customer, n.journey, n.kind, n.due_at, n.held,
                   n.payload::jsonb
              FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::text[],
                          $6::timestamptz[], $7::boolean[], $8::text[])
                   AS n(instance, key, customer, journey, kind, due_at, held, payload)
            ON CONFLICT (instance, key) DO UPDATE
               SET due_at = excluded.due_at,
                   held = excluded.held
            """;

    // Index: timers_pkey.
    private static final String MOVE =
            """
            UPDATE timers SET customer = $1 WHERE instance = ANY($2::uuid[])
            """;

    private final Pool pool;

    TimerStore(Pool pool) {
        this.pool = pool;
    }

    /** What a timer stands for. */
    public enum Kind {
        /** The engine asked for it. */
        TIMER,
        /** An event that came while the journey was paused. */
        INPUT,
        /** The journey was archived. */
        STOP;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        static Kind of(String word) {
            return valueOf(word.toUpperCase(Locale.ROOT));
        }
    }

    /**
     * A timer as it is stored.
     *
     * @param key unique within the instance
     * @param held waits for its journey to be activated, not for its time
     * @param payload the event of an input
     */
    public record Timer(
            UUID instance,
            String key,
            CustomerId customer,
            String journey,
            Kind kind,
            Instant due,
            boolean held,
            @Nullable KeptEvent payload) {}

    /** Names a timer. */
    public record TimerRef(UUID instance, String key) {}

    /**
     * Due timers, earliest first, locked together with their customers until the transaction ends.
     */
    public Uni<List<Timer>> claim(SqlConnection tx, Instant now, int limit) {
        return tx.preparedQuery(CLAIM)
                .execute(Tuple.of(Columns.utc(now), limit))
                .map(TimerStore::timers);
    }

    /** One timer, if it is still due and its customer is not busy. */
    public Uni<List<Timer>> claim(SqlConnection tx, TimerRef timer, Instant now) {
        return tx.preparedQuery(CLAIM_ONE)
                .execute(Tuple.of(timer.instance(), timer.key(), Columns.utc(now)))
                .map(TimerStore::timers);
    }

    /** Puts off a timer that cannot be applied. */
    public Uni<Void> postpone(TimerRef timer, Instant until) {
        return pool.preparedQuery(POSTPONE)
                .execute(Tuple.of(timer.instance(), timer.key(), Columns.utc(until)))
                .replaceWithVoid();
    }

    /** When the next timer is due, which may be in the past; null when there is none. */
    public Uni<@Nullable Instant> nextDue() {
        return pool.preparedQuery(NEXT_DUE)
                .execute()
                .map(rows -> rows.size() == 0 ? null : first(rows));
    }

    public Uni<Void> remove(SqlConnection tx, List<TimerRef> timers) {
        return named(tx, REMOVE, timers);
    }

    /** Sets timers aside until their journey is activated. */
    public Uni<Void> hold(SqlConnection tx, List<TimerRef> timers) {
        return named(tx, HOLD, timers);
    }

    /** Removes the engine's timers of these instances. */
    public Uni<Void> cancel(SqlConnection tx, Collection<UUID> instances) {
        return of(tx, CANCEL, instances);
    }

    /** Removes everything that waits for these instances. */
    public Uni<Void> clear(SqlConnection tx, Collection<UUID> instances) {
        return of(tx, CLEAR, instances);
    }

    /** Starts timers; one that is there already under its key gets the new time. */
    public Uni<Void> start(SqlConnection tx, List<Timer> timers) {
        if (timers.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        Tuple columns =
                Columns.of(timers)
                        .uuid(Timer::instance)
                        .text(Timer::key)
                        .uuid(t -> t.customer().value())
                        .text(Timer::journey)
                        .text(t -> t.kind().word())
                        .time(Timer::due)
                        .bool(Timer::held)
                        .json(Timer::payload)
                        .tuple();
        return tx.preparedQuery(START).execute(columns).replaceWithVoid();
    }

    /** Gives the timers of instances to the customer that owns these now. */
    public Uni<Void> move(SqlConnection tx, CustomerId survivor, Collection<UUID> instances) {
        if (instances.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        return tx.preparedQuery(MOVE)
                .execute(Tuple.of(survivor.value(), instances.toArray(UUID[]::new)))
                .replaceWithVoid();
    }

    private static Uni<Void> named(SqlConnection tx, String sql, List<TimerRef> timers) {
        if (timers.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        Tuple columns = Columns.of(timers).uuid(TimerRef::instance).text(TimerRef::key).tuple();
        return tx.preparedQuery(sql).execute(columns).replaceWithVoid();
    }

    private static Uni<Void> of(SqlConnection tx, String sql, Collection<UUID> instances) {
        if (instances.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        return tx.preparedQuery(sql)
                .execute(Tuple.of(instances.toArray(UUID[]::new)))
                .replaceWithVoid();
    }

    private static Instant first(RowSet<Row> rows) {
        return rows.iterator().next().getOffsetDateTime(0).toInstant();
    }

    private static List<Timer> timers(RowSet<Row> rows) {
        List<Timer> timers = new ArrayList<>();
        for (Row row : rows) {
            String payload = row.getString("payload");
            timers.add(
                    new Timer(
                            row.getUUID("instance"),
                            row.getString("key"),
                            new CustomerId(row.getUUID("customer")),
                            row.getString("journey"),
                            Kind.of(row.getString("kind")),
                            row.getOffsetDateTime("due_at").toInstant(),
                            false,
                            payload == null ? null : Json.read(payload, KeptEvent.class)));
        }
        return timers;
    }
}
