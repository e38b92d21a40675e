package io.throughline.chassis.stream;

import io.smallrye.mutiny.Uni;
import io.throughline.contracts.ContractEvent;
import io.throughline.contracts.EventTypes;
import io.throughline.contracts.Ids;
import io.throughline.contracts.json.EventCodec;
import io.vertx.core.buffer.Buffer;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32;
import org.hibernate.reactive.mutiny.Mutiny;

/**
 * Events to be published, kept in the transaction that made them true. A row is one event; the
 * relay publishes rows of a shard in the order of their id and deletes them. All events of one key
 * are in one shard.
 */
@ApplicationScoped
public class Outbox {

    static final int SHARDS = 4;

    /** A bit for each. */
    static final int ALL_SHARDS = (1 << SHARDS) - 1;

    private static final String APPEND =
            """
            INSERT INTO outbox (shard, topic, record_key, event_id, type, said_at, payload)
            SELECT * FROM unnest($1::smallint[], $2::text[], $3::text[], $4::uuid[], $5::text[],
                                 $6::timestamptz[], $7::bytea[])
            """;

    private static final String APPEND_MANAGED =
            """
            INSERT INTO outbox (shard, topic, record_key, event_id, type, said_at, payload)
            VALUES (:shard, :topic, :key, :event, :type, :saidAt, :payload)
            """;

    /** The type and payload of a row that is published as a record without a value. */
    static final String TOMBSTONE = "tombstone";

    private static final Buffer NOTHING = Buffer.buffer();

    private final EventCodec codec = new EventCodec();
    private final OutboxRelay relay;
    private final Transactions transactions;
    private final InstantSource clock;
    private final RandomGenerator random;

    Outbox(
            OutboxRelay relay,
            Transactions transactions,
            InstantSource clock,
            RandomGenerator random) {
        this.relay = relay;
        this.transactions = transactions;
        this.clock = clock;
        this.random = random;
    }

    /**
     * Appends events to the caller's transaction, in one statement. One of {@link Transactions}
     * publishes them as soon as it has committed.
     */
    public Uni<Void> append(SqlConnection tx, List<? extends ContractEvent> events) {
        if (events.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        return append(
                tx,
                events.stream()
                        .map(event ->
                                new Row(
                                        EventTypes.topicOf(event.getClass()),
                                        event.partitionKey(),
                                        EventTypes.typeOf(event.getClass()),
                                        Buffer.buffer(codec.value(event))))
                        .toList(),
                clock.instant());
    }

    /**
     * Appends what takes the records of some keys out of a compacted topic, behind whatever the
     * transactions before have said under these keys.
     */
    public Uni<Void> appendTombstones(SqlConnection tx, String topic, Collection<String> keys) {
        if (keys.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        Instant now = clock.instant();
        List<Row> rows =
                keys.stream()
                        .distinct()
                        .sorted()
                        .map(key -> new Row(topic, key, TOMBSTONE, NOTHING))
                        .toList();
        return append(tx, rows, now);
    }

    /**
     * Appends events to a Hibernate Reactive transaction. Call {@link #wake} when it has committed;
     * the relay finds them within a second in any case.
     */
    public Uni<Void> append(Mutiny.Session session, List<? extends ContractEvent> events) {
        Uni<Void> appended = Uni.createFrom().voidItem();
        for (ContractEvent event : events) {
            appended = appended.chain(() -> appendManaged(session, event));
        }
        return appended;
    }

    /** Publishes what has been committed. */
    public void wake() {
        relay.wake(ALL_SHARDS);
    }

    private Uni<Void> appendManaged(Mutiny.Session session, ContractEvent event) {
        Instant now = clock.instant();
        return session.createNativeQuery(APPEND_MANAGED)
                .setParameter("shard", shardOf(event.partitionKey()))
                .setParameter("topic", EventTypes.topicOf(event.getClass()))
                .setParameter("key", event.partitionKey())
                .setParameter("event", Ids.timeOrdered(now, random))
                .setParameter("type", EventTypes.typeOf(event.getClass()))
                .setParameter("saidAt", now.atOffset(ZoneOffset.UTC))
                .setParameter("payload", codec.value(event))
                .executeUpdate()
                .replaceWithVoid();
    }

    private record Row(String topic, String key, String type, Buffer payload) {}

    private Uni<Void> append(SqlConnection tx, List<Row> rows, Instant now) {
        int size = rows.size();
        Short[] shards = new Short[size];
        String[] topics = new String[size];
        String[] keys = new String[size];
        UUID[] ids = new UUID[size];
        String[] types = new String[size];
        OffsetDateTime[] times = new OffsetDateTime[size];
        Buffer[] payloads = new Buffer[size];
        int appended = 0;
        for (int i = 0; i < size; i++) {
            Row row = rows.get(i);
            keys[i] = row.key();
            shards[i] = shardOf(row.key());
            topics[i] = row.topic();
            ids[i] = Ids.timeOrdered(now, random);
            types[i] = row.type();
            times[i] = now.atOffset(ZoneOffset.UTC);
            payloads[i] = row.payload();
            appended |= 1 << shards[i];
        }
        transactions.appended(tx, appended);
        return tx.preparedQuery(APPEND)
                .execute(
                        Tuple.tuple()
                                .addArrayOfShort(shards)
                                .addArrayOfString(topics)
                                .addArrayOfString(keys)
                                .addArrayOfUUID(ids)
                                .addArrayOfString(types)
                                .addArrayOfOffsetDateTime(times)
                                .addValue(payloads))
                .replaceWithVoid();
    }

    /**
     * Stable over processes and versions, since a key's rows must not be split between two
     * publishers.
     */
    static short shardOf(String key) {
        CRC32 hash = new CRC32();
        hash.update(key.getBytes(StandardCharsets.UTF_8));
        return (short) (hash.getValue() % SHARDS);
    }
}
