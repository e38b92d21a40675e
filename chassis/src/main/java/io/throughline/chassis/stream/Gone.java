package io.throughline.chassis.stream;

import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.throughline.chassis.time.Recurring;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Envelope;
import io.throughline.contracts.LastWord;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.jboss.logging.Logger;

/**
 * Ids that are gone for good: {@link Intake} drops events that tell of nobody else, and one that
 * tells of others too leaves nothing of them.
 *
 * <p>That alone leaves a gap: a transaction may have looked before an id went and write after it.
 * Locks would close it at a price for every batch; instead what went is cleared away a second time,
 * once every transaction is over that can have looked too early. A number is drawn after the id is
 * seen to have gone; a transaction that looked before has one that is lower, since marking its
 * events in the inbox, which comes first, has given it one. When no lower number is open any more,
 * nothing can follow.
 */
@ApplicationScoped
public class Gone {

    private static final Logger LOG = Logger.getLogger(Gone.class);
    private static final Duration EVERY = Duration.ofMillis(500);

    private static final int AT_ONCE = 20;

    private static final String BEGIN =
            """
            INSERT INTO gone_causes (cause, subject, since) VALUES ($1, $2, $3)
            ON CONFLICT DO NOTHING
            """;

    /** In their order, so that two that overlap wait for each other and never in a circle. */
    private static final String ADD =
            """
            INSERT INTO gone (id, cause)
            SELECT id, $2 FROM unnest($1::uuid[]) AS id ORDER BY id
            ON CONFLICT DO NOTHING
            """;

    /** By the primary key. */
    private static final String AMONG = "SELECT id FROM gone WHERE id = ANY($1)";

    /** By the index gone_causes_open. */
    private static final String FENCE =
            """
            UPDATE gone_causes SET fence = pg_current_xact_id()
             WHERE cause IN (SELECT cause FROM gone_causes
                              WHERE cleared_at IS NULL AND fence IS NULL FOR UPDATE SKIP LOCKED)
            """;

    /** By the indexes gone_causes_open and gone_cause. */
    private static final String DUE =
            """
            SELECT c.cause, c.subject, c.since,
                   ARRAY(SELECT id FROM gone g WHERE g.cause = c.cause) AS ids
              FROM gone_causes c
             WHERE c.cleared_at IS NULL AND c.fence < pg_snapshot_xmin(pg_current_snapshot())
             ORDER BY c.since LIMIT $1 FOR UPDATE SKIP LOCKED
            """;

    /** By the primary key. */
    private static final String CLEARED =
            "UPDATE gone_causes SET cleared_at = $2 WHERE cause = ANY($1)";

    private final Transactions transactions;
    private final Instance<Forgetting> forgetting;
    private final Recurring recurring;
    private final InstantSource clock;

    Gone(
            Transactions transactions,
            Instance<Forgetting> forgetting,
            Recurring recurring,
            InstantSource clock) {
        this.transactions = transactions;
        this.forgetting = forgetting;
        this.recurring = recurring;
        this.clock = clock;
    }

    /**
     * Why ids went.
     *
     * @param cause the same again is the same
     * @param subject the id that is meant first of all
     */
    public record Cause(UUID cause, UUID subject, Instant since) {}

    void start(@Observes StartupEvent event) {
        if (forgetting.isResolvable()) {
            recurring.every(
                    EVERY, LOG, "what is gone cannot be cleared away", this::clearWhatCanBe);
        }
    }

    /** From the commit on these ids are gone; what there is of them the caller removes. */
    public Uni<Void> add(SqlConnection tx, Cause cause, Collection<UUID> ids) {
        return tx.preparedQuery(BEGIN)
                .execute(
                        Tuple.of(
                                cause.cause(),
                                cause.subject(),
                                cause.since().atOffset(ZoneOffset.UTC)))
                .chain(() ->
                        tx.preparedQuery(ADD)
                                .execute(Tuple.of(ids.toArray(UUID[]::new), cause.cause())))
                .replaceWithVoid();
    }

    /** Those of the ids that are gone. */
    public Uni<Set<UUID>> among(SqlConnection tx, Collection<UUID> ids) {
        UUID[] asked = ids.stream().distinct().toArray(UUID[]::new);
        return asked.length == 0
                ? Uni.createFrom().item(Set.of())
                : tx.preparedQuery(AMONG)
                        .execute(Tuple.of((Object) asked))
                        .map(rows -> {
                            Set<UUID> gone = new HashSet<>();
                            for (Row row : rows) {
                                gone.add(row.getUUID("id"));
                            }
                            return gone;
                        });
    }

    /** Removes once more what there is of those of the ids that are gone. */
    Uni<Void> forgetAgain(SqlConnection tx, Collection<UUID> ids) {
        return among(tx, ids)
                .chain(gone ->
                        gone.isEmpty() || !forgetting.isResolvable()
                                ? Uni.createFrom().voidItem()
                                : forgetting.get().forget(tx, gone.stream().sorted().toList()));
    }

    /**
     * Applies events as a service does that forgets: not those of ids that are gone, and what goes
     * in the midst of them in its place.
     */
    Uni<Void> guard(SqlConnection tx, List<Envelope<?>> events, BatchHandler handler) {
        if (!forgetting.isResolvable()) {
            return handler.handle(tx, events);
        }
        Uni<Void> applied = Uni.createFrom().voidItem();
        List<Envelope<?>> run = new ArrayList<>();
        for (Envelope<?> event : events) {
            if (event.data() instanceof LastWord word) {
                List<Envelope<?>> before = List.copyOf(run);
                run.clear();
                applied =
                        applied.chain(() -> applyLiving(tx, before, handler))
                                .chain(() -> go(tx, word));
            } else {
                run.add(event);
            }
        }
        return applied.chain(() -> applyLiving(tx, run, handler));
    }

    private Uni<Void> go(SqlConnection tx, LastWord word) {
        List<UUID> ids = ids(word.gone());
        Cause cause = new Cause(word.cause(), word.customer().value(), word.since());
        return add(tx, cause, ids).chain(() -> forgetting.get().forget(tx, ids));
    }

    private Uni<Void> applyLiving(
            SqlConnection tx, List<Envelope<?>> events, BatchHandler handler) {
        List<UUID> named =
                events.stream().flatMap(e -> ids(e.data().tellsOf()).stream()).distinct().toList();
        return among(tx, named).chain(gone -> applyBut(gone, tx, events, handler));
    }

    private Uni<Void> applyBut(
            Set<UUID> gone, SqlConnection tx, List<Envelope<?>> events, BatchHandler handler) {
        List<Envelope<?>> living = new ArrayList<>();
        List<Envelope<?>> dropped = new ArrayList<>();
        Set<UUID> met = new TreeSet<>();
        for (Envelope<?> event : events) {
            List<UUID> named = ids(event.data().tellsOf());
            if (named.isEmpty() || !gone.containsAll(named)) {
                living.add(event);
                named.stream().filter(gone::contains).forEach(met::add);
            } else {
                dropped.add(event);
            }
        }
        Uni<Void> told =
                dropped.isEmpty()
                        ? Uni.createFrom().voidItem()
                        : forgetting.get().dropped(tx, dropped);
        Uni<Void> applied = living.isEmpty() ? told : told.chain(() -> handler.handle(tx, living));
        return met.isEmpty()
                ? applied
                : applied.chain(() -> forgetting.get().forget(tx, List.copyOf(met)));
    }

    private static List<UUID> ids(List<CustomerId> customers) {
        return customers.stream().map(CustomerId::value).toList();
    }

    /** Clears away all that nothing can follow any more. */
    Uni<Void> clearWhatCanBe() {
        return transactions.inTransaction(this::clear);
    }

    private record Due(Cause cause, List<UUID> ids) {}

    private Uni<Void> clear(SqlConnection tx) {
        return tx.preparedQuery(FENCE)
                .execute()
                .chain(() -> tx.preparedQuery(DUE).execute(Tuple.of(AT_ONCE)))
                .map(rows -> {
                    List<Due> due = new ArrayList<>();
                    for (Row row : rows) {
                        due.add(due(row));
                    }
                    return due;
                })
                .chain(due -> due.isEmpty() ? Uni.createFrom().voidItem() : clear(tx, due));
    }

    private Uni<Void> clear(SqlConnection tx, List<Due> due) {
        Forgetting service = forgetting.get();
        List<UUID> ids = due.stream().flatMap(d -> d.ids().stream()).sorted().toList();
        UUID[] causes = due.stream().map(d -> d.cause().cause()).toArray(UUID[]::new);
        return service.forget(tx, ids)
                .chain(() ->
                        tx.preparedQuery(CLEARED)
                                .execute(
                                        Tuple.of(causes, clock.instant().atOffset(ZoneOffset.UTC))))
                .chain(() ->
                        Multi.createFrom()
                                .iterable(due)
                                .onItem()
                                .transformToUniAndConcatenate(d -> service.forgotten(tx, d.cause()))
                                .collect()
                                .last()
                                .replaceWithVoid());
    }

    private static Due due(Row row) {
        return new Due(
                new Cause(
                        row.getUUID("cause"),
                        row.getUUID("subject"),
                        row.getOffsetDateTime("since").toInstant()),
                List.of(row.getArrayOfUUIDs("ids")));
    }
}
