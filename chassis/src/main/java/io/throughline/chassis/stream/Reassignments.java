package io.throughline.chassis.stream;

import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.throughline.chassis.time.Recurring;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Envelope;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.Reassignment;
import io.throughline.contracts.Topics;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import org.jboss.logging.Logger;

/**
 * Which messages turned out to be another customer's than they were told of as. What is told of one
 * comes from several topics and partitions, so some of it may be read after it is known.
 *
 * <p>A transaction that writes what was told first {@link #heed heeds} them and, when it has
 * written, {@link #settle settles} whose its messages are. Those that write such news wait for all
 * others, and the others for them: either the one sees what was written, or the other whose it is.
 */
@ApplicationScoped
public class Reassignments {

    private static final Logger LOG = Logger.getLogger(Reassignments.class);

    /**
     * Longer than the brokers keep what could still be read, dead letters that are put back
     * included. So they also outlive an owner who was erased: what still comes of her message must
     * not be taken for the first customer's.
     */
    private static final Duration KEPT = Topics.DEAD_LETTER_RETENTION.plusDays(3);

    private static final Duration PRUNED_EVERY = Duration.ofHours(1);

    /** Keeps this lock apart from others of one key. */
    private static final long LOCK = 0x7468_7261L;

    private static final String ALONE = "SELECT pg_advisory_xact_lock($1)";
    private static final String TOGETHER = "SELECT pg_advisory_xact_lock_shared($1)";

    private static final String ADD =
            """
            INSERT INTO reassignments (message, customer, at)
            SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[])
            ON CONFLICT (message) DO UPDATE SET customer = excluded.customer, at = excluded.at
             WHERE excluded.at > reassignments.at
            """;

    /** By the primary key. */
    private static final String OF =
            "SELECT message, customer FROM reassignments WHERE message = ANY($1)";

    /** By the index reassignments_at. */
    private static final String PRUNE =
            "DELETE FROM reassignments WHERE at < now() - make_interval(secs => $1)";

    private final Gone gone;
    private final Pool pool;
    private final Recurring recurring;

    Reassignments(Gone gone, Pool pool, Recurring recurring) {
        this.gone = gone;
        this.pool = pool;
        this.recurring = recurring;
    }

    void start(@Observes StartupEvent event) {
        recurring.every(PRUNED_EVERY, LOG, "reassignments cannot be pruned", this::prune);
    }

    /** Takes in those among the events; before anything of messages is read or written. */
    public Uni<Void> heed(SqlConnection tx, List<Envelope<?>> events) {
        Map<MessageId, Reassignment> newest = new TreeMap<>(Comparator.comparing(MessageId::value));
        for (Envelope<?> event : events) {
            if (event.data() instanceof Reassignment told) {
                newest.merge(told.message(), told, (a, b) -> b.at().isAfter(a.at()) ? b : a);
            }
        }
        return tx.preparedQuery(newest.isEmpty() ? TOGETHER : ALONE)
                .execute(Tuple.of(LOCK))
                .chain(() -> add(tx, newest.values()));
    }

    private static Uni<Void> add(SqlConnection tx, Collection<Reassignment> reassignments) {
        return reassignments.isEmpty()
                ? Uni.createFrom().voidItem()
                : tx.preparedQuery(ADD)
                        .execute(
                                Tuple.of(
                                        reassignments.stream()
                                                .map(r -> r.message().value())
                                                .toArray(UUID[]::new),
                                        reassignments.stream()
                                                .map(r -> r.to().value())
                                                .toArray(UUID[]::new),
                                        reassignments.stream()
                                                .map(r -> r.at().atOffset(ZoneOffset.UTC))
                                                .toArray(OffsetDateTime[]::new)))
                        .replaceWithVoid();
    }

    /**
     * Has what the transaction wrote of messages given to the customers they turned out to be of.
     *
     * @param move is given whose messages are, of those that are another's
     */
    public Uni<Void> settle(
            SqlConnection tx,
            Collection<MessageId> messages,
            Function<Map<MessageId, CustomerId>, Uni<Void>> move) {
        return of(tx, messages)
                .chain(owners ->
                        owners.isEmpty()
                                ? Uni.createFrom().voidItem()
                                : move.apply(owners)
                                        .chain(() ->
                                                gone.forgetAgain(
                                                        tx,
                                                        owners.values().stream()
                                                                .map(CustomerId::value)
                                                                .toList())));
    }

    private static Uni<Map<MessageId, CustomerId>> of(
            SqlConnection tx, Collection<MessageId> messages) {
        UUID[] ids = messages.stream().map(MessageId::value).distinct().toArray(UUID[]::new);
        return ids.length == 0
                ? Uni.createFrom().item(Map.of())
                : tx.preparedQuery(OF)
                        .execute(Tuple.of((Object) ids))
                        .map(rows -> {
                            Map<MessageId, CustomerId> owners = new HashMap<>();
                            for (Row row : rows) {
                                owners.put(
                                        new MessageId(row.getUUID("message")),
                                        new CustomerId(row.getUUID("customer")));
                            }
                            return owners;
                        });
    }

    private Uni<?> prune() {
        return pool.preparedQuery(PRUNE).execute(Tuple.of((double) KEPT.toSeconds()));
    }
}
