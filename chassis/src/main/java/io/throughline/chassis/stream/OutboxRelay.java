package io.throughline.chassis.stream;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.throughline.contracts.json.EventCodec;
import io.vertx.mutiny.core.Vertx;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Publishes the outbox: per shard in the order of ids, at least once, deleting what the brokers
 * have acknowledged.
 *
 * <p>A drain of a shard is one transaction that holds the shard's advisory lock, so at any moment
 * one process publishes a shard and none owns it. Whoever commits events drains at once; whoever
 * finds the lock taken tries again shortly, because the other may have looked before the commit. A
 * slow poll finds what a crashed process left.
 */
@ApplicationScoped
public class OutboxRelay {

    private static final Logger LOG = Logger.getLogger(OutboxRelay.class);

    /** Keeps our advisory locks apart from others'; the second key is the shard. */
    private static final int LOCK_SPACE = 0x7468_6f78;

    private static final int DRAIN_LIMIT = 1000;
    private static final long BUSY_MILLIS = 5;
    private static final long POLL_MILLIS = 1000;
    private static final long MAX_BACKOFF_MILLIS = 5000;

    private static final String LOCK = "SELECT pg_try_advisory_xact_lock($1, $2) AS locked";

    /** By the primary key (shard, id). */
    private static final String READ =
            """
            SELECT id, topic, record_key, event_id, type, said_at, payload
              FROM outbox WHERE shard = $1 ORDER BY id LIMIT $2
            """;

    /** By the primary key (shard, id). */
    private static final String DELETE = "DELETE FROM outbox WHERE shard = $1 AND id = ANY($2)";

    private final Pool pool;
    private final EventPublisher publisher;
    private final Vertx vertx;
    private final MeterRegistry metrics;
    private final String source;
    private final Shard[] shards = new Shard[Outbox.SHARDS];

    private volatile boolean running;
    private long pollTimer;

    /** What a drain found. */
    private enum Drained {
        EMPTY,
        MORE,
        BUSY
    }

    OutboxRelay(
            Pool pool,
            EventPublisher publisher,
            Vertx vertx,
            MeterRegistry metrics,
            @ConfigProperty(name = "quarkus.application.name") String application) {
        this.pool = pool;
        this.publisher = publisher;
        this.vertx = vertx;
        this.metrics = metrics;
        this.source =
                "/throughline/" + application.replaceFirst("^throughline-(.*)-service$", "$1");
        for (short i = 0; i < shards.length; i++) {
            shards[i] = new Shard(i);
        }
    }

    void start(@Observes StartupEvent event) {
        running = true;
        pollTimer = vertx.setPeriodic(POLL_MILLIS, ignored -> wake());
        wake();
    }

    void stop(@Observes ShutdownEvent event) {
        running = false;
        vertx.cancelTimer(pollTimer);
    }

    /** Drains every shard soon. Cheap when one is being drained already. */
    void wake() {
        if (running) {
            for (Shard shard : shards) {
                shard.wake();
            }
        }
    }

    /** One shard's drain loop; at most one runs at a time in this process. */
    private final class Shard {

        private final short number;
        private boolean draining;
        private boolean woken;
        private long backoffMillis = BUSY_MILLIS;

        Shard(short number) {
            this.number = number;
        }

        void wake() {
            synchronized (this) {
                woken = true;
                if (draining) {
                    return;
                }
                draining = true;
            }
            drain();
        }

        private void drain() {
            synchronized (this) {
                woken = false;
            }
            pool.withTransaction(tx -> drainOnce(tx, number))
                    .subscribe()
                    .with(this::drained, this::failed);
        }

        private void drained(Drained found) {
            backoffMillis = BUSY_MILLIS;
            switch (found) {
                case MORE -> drain();
                case BUSY -> later(BUSY_MILLIS);
                case EMPTY -> rest();
            }
        }

        private void rest() {
            synchronized (this) {
                if (!woken) {
                    draining = false;
                    return;
                }
            }
            drain();
        }

        private void failed(Throwable failure) {
            if (running) {
                LOG.warnf(
                        "outbox shard %d cannot be published, trying again in %d ms: %s",
                        number, backoffMillis, failure);
            }
            metrics.counter("throughline.outbox.failures").increment();
            later(backoffMillis);
            backoffMillis = Math.min(MAX_BACKOFF_MILLIS, backoffMillis * 4);
        }

        private void later(long millis) {
            if (running) {
                vertx.setTimer(millis, ignored -> drain());
            } else {
                synchronized (this) {
                    draining = false;
                }
            }
        }
    }

    private Uni<Drained> drainOnce(SqlConnection tx, short shard) {
        return tx.preparedQuery(LOCK)
                .execute(Tuple.of(LOCK_SPACE, (int) shard))
                .chain(locked ->
                        locked.iterator().next().getBoolean("locked")
                                ? publish(tx, shard)
                                : Uni.createFrom().item(Drained.BUSY));
    }

    private Uni<Drained> publish(SqlConnection tx, short shard) {
        return tx.preparedQuery(READ)
                .execute(Tuple.of(shard, DRAIN_LIMIT))
                .chain(rows ->
                        rows.size() == 0
                                ? Uni.createFrom().item(Drained.EMPTY)
                                : publishAndDelete(tx, shard, rows));
    }

    private Uni<Drained> publishAndDelete(SqlConnection tx, short shard, RowSet<Row> rows) {
        List<ProducerRecord<String, byte[]>> records = new ArrayList<>(rows.size());
        List<Long> ids = new ArrayList<>(rows.size());
        for (Row row : rows) {
            records.add(recordOf(row));
            ids.add(row.getLong("id"));
        }
        return publisher
                .publish(records)
                .chain(() ->
                        tx.preparedQuery(DELETE).execute(Tuple.of(shard, ids.toArray(Long[]::new))))
                .replaceWith(rows.size() == DRAIN_LIMIT ? Drained.MORE : Drained.EMPTY)
                .invoke(() ->
                        metrics.counter("throughline.outbox.published").increment(records.size()));
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
                row.getBuffer("payload").getBytes());
    }
}
