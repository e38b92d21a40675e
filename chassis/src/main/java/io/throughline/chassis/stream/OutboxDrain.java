package io.throughline.chassis.stream;

import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.Uni;
import io.throughline.contracts.json.EventCodec;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * One drain of a shard of the outbox: a transaction that holds the shard's advisory lock, publishes
 * rows in the order of ids, and deletes what the brokers have acknowledged.
 *
 * <p>An event that the brokers will never take, because it is too large, is moved to {@code
 * outbox_set_aside} in that transaction, whole and with the reason; otherwise it would hold up
 * everybody's events behind it for ever. Any other failure leaves all rows for the next drain.
 */
@ApplicationScoped
class OutboxDrain {

    private static final Logger LOG = Logger.getLogger(OutboxDrain.class);

    /** Keeps our advisory locks apart from others'; the second key is the shard. */
    private static final int LOCK_SPACE = 0x7468_6f78;

    private static final int MAX_ROWS = 1000;

    /** Holds a drain's payloads, of which up to one a shard is in memory. */
    private static final long MAX_BYTES = 4 << 20;

    /**
     * Not waiting for the disk: where the server dies with the deletes, the events are published
     * once more under their ids.
     */
    private static final String LOCK =
            """
            SELECT pg_try_advisory_xact_lock($1, $2) AS locked,
                   set_config('synchronous_commit', 'off', true)
            """;

    /**
     * By the primary key (shard, id); the first row whatever its size. Nothing for whom the lock is
     * not; who has it has it a second time.
     */
    private static final String READ =
            """
            SELECT id, topic, record_key, event_id, type, said_at, payload
              FROM (SELECT *, sum(octet_length(payload)) OVER (ORDER BY id ROWS UNBOUNDED PRECEDING)
                                - octet_length(payload) AS bytes_before
                      FROM outbox WHERE shard = $1 ORDER BY id LIMIT $2) AS head
             WHERE bytes_before < $3 AND (SELECT pg_try_advisory_xact_lock($4, $5))
             ORDER BY id
            """;

    /** By the primary key (shard, id). */
    private static final String DELETE = "DELETE FROM outbox WHERE shard = $1 AND id = ANY($2)";

    /** By the primary key (shard, id). */
    private static final String SET_ASIDE =
            """
            WITH gone AS (DELETE FROM outbox WHERE shard = $1 AND id = ANY($2) RETURNING *)
            INSERT INTO outbox_set_aside
                   (event_id, shard, topic, record_key, type, said_at, payload, reason)
            SELECT event_id, shard, topic, record_key, type, said_at, payload, reason
              FROM gone JOIN unnest($2::bigint[], $3::text[]) AS why(id, reason) USING (id)
            """;

    private final Pool pool;
    private final EventPublisher publisher;
    private final MeterRegistry metrics;
    private final String source;

    /** What a drain found. */
    enum Drained {
        EMPTY,
        MORE,
        BUSY
    }

    /** A row and the record it is published as. */
    private record Waiting(long id, ProducerRecord<String, byte[]> record) {

        int size() {
            return record.value() == null ? 0 : record.value().length;
        }

        String eventId() {
            return Intake.text(record.headers().lastHeader(EventCodec.ID));
        }
    }

    OutboxDrain(
            Pool pool,
            EventPublisher publisher,
            MeterRegistry metrics,
            @ConfigProperty(name = "quarkus.application.name") String application) {
        this.pool = pool;
        this.publisher = publisher;
        this.metrics = metrics;
        this.source =
                "/throughline/" + application.replaceFirst("^throughline-(.*)-service$", "$1");
    }

    Uni<Drained> drain(short shard) {
        return pool.withTransaction(tx ->
                Uni.combine()
                        .all()
                        .unis(lock(tx, shard), read(tx, shard))
                        .withUni((locked, rows) ->
                                locked
                                        ? publish(tx, shard, rows)
                                        : Uni.createFrom().item(Drained.BUSY)));
    }

    private static Uni<Boolean> lock(SqlConnection tx, short shard) {
        return tx.preparedQuery(LOCK)
                .execute(Tuple.of(LOCK_SPACE, (int) shard))
                .map(locked -> locked.iterator().next().getBoolean("locked"));
    }

    /**
     * Sent right behind the lock. A statement sees what was committed before it began, so this one
     * sees all that the lock's last holder did.
     */
    private Uni<List<Waiting>> read(SqlConnection tx, short shard) {
        return tx.preparedQuery(READ)
                .execute(Tuple.of(shard, MAX_ROWS, MAX_BYTES, LOCK_SPACE, (int) shard))
                .map(this::waiting);
    }

    private Uni<Drained> publish(SqlConnection tx, short shard, List<Waiting> rows) {
        return rows.isEmpty()
                ? Uni.createFrom().item(Drained.EMPTY)
                : publisher
                        .publishEach(rows.stream().map(Waiting::record).toList())
                        .chain(outcomes -> settle(tx, shard, rows, outcomes))
                        .replaceWith(full(rows) ? Drained.MORE : Drained.EMPTY);
    }

    private static boolean full(List<Waiting> rows) {
        return rows.size() == MAX_ROWS || rows.stream().mapToLong(Waiting::size).sum() >= MAX_BYTES;
    }

    private Uni<Void> settle(
            SqlConnection tx, short shard, List<Waiting> rows, List<Outcome> outcomes) {
        List<Long> written = new ArrayList<>(rows.size());
        List<Waiting> tooLarge = new ArrayList<>();
        List<String> reasons = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            switch (outcomes.get(i)) {
                case Outcome.Written() -> written.add(rows.get(i).id());
                case Outcome.TooLarge(Throwable refusal) -> {
                    tooLarge.add(rows.get(i));
                    reasons.add(String.valueOf(refusal.getMessage()));
                }
                case Outcome.Failed(Throwable failure) -> {
                    return Uni.createFrom().failure(failure);
                }
            }
        }
        return tx.preparedQuery(DELETE)
                .execute(Tuple.of(shard, written.toArray(Long[]::new)))
                .chain(() -> setAside(tx, shard, tooLarge, reasons))
                .invoke(() ->
                        metrics.counter("throughline.outbox.published").increment(written.size()));
    }

    private Uni<Void> setAside(
            SqlConnection tx, short shard, List<Waiting> rows, List<String> reasons) {
        if (rows.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        Long[] ids = rows.stream().map(Waiting::id).toArray(Long[]::new);
        return tx.preparedQuery(SET_ASIDE)
                .execute(Tuple.of(shard, ids, reasons.toArray(String[]::new)))
                .invoke(() -> rows.forEach(this::tell))
                .replaceWithVoid();
    }

    private void tell(Waiting row) {
        String topic = row.record().topic();
        LOG.warnf(
                "event %s for %s is too large for the brokers (%d bytes) and is set aside in"
                        + " outbox_set_aside; its readers do not hear of it until it is put back:"
                        + " raise max.message.bytes of the topic or make the event smaller, then"
                        + " move the row back to outbox (docs/set-aside.md)",
                row.eventId(), topic, row.size());
        metrics.counter("throughline.outbox.set.aside", "topic", topic).increment();
    }

    private List<Waiting> waiting(RowSet<Row> rows) {
        List<Waiting> waiting = new ArrayList<>(rows.size());
        for (Row row : rows) {
            waiting.add(new Waiting(row.getLong("id"), recordOf(row)));
        }
        return waiting;
    }

    private ProducerRecord<String, byte[]> recordOf(Row row) {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put(EventCodec.SPEC_VERSION, "1.0");
        headers.put(EventCodec.ID, row.getUUID("event_id").toString());
        headers.put(EventCodec.SOURCE, source);
        headers.put(EventCodec.TYPE, row.getString("type"));
        headers.put(
                EventCodec.TIME,
                row.getOffsetDateTime("said_at")
                        .withOffsetSameInstant(ZoneOffset.UTC)
                        .toInstant()
                        .toString());
        headers.put(EventCodec.CONTENT_TYPE, "application/json");
        return EventPublisher.record(
                row.getString("topic"),
                row.getString("record_key"),
                headers,
                row.getString("type").equals(Outbox.TOMBSTONE)
                        ? null
                        : row.getBuffer("payload").getBytes());
    }
}
