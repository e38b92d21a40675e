package io.throughline.identity.stream;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.smallrye.mutiny.Uni;
import io.throughline.chassis.stream.Faults;
import io.throughline.chassis.stream.Transactions;
import io.throughline.contracts.EventTypes;
import io.throughline.contracts.ingest.AcceptedEvent;
import io.throughline.contracts.json.EventCodec;
import io.throughline.identity.catalogue.Glance;
import io.throughline.identity.catalogue.Tally;
import io.throughline.identity.store.CatalogueStore;
import io.throughline.identity.store.CatalogueStore.Position;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Counts the log of accepted events into the catalogue: a reader of its own, so that nothing here
 * delays what is done with the events.
 *
 * <p>How far it has counted is stored with the counts, which makes them exact through crashes
 * without a row an event. A message that its sender repeats within minutes counts once.
 */
@ApplicationScoped
class CatalogueFeed {

    private static final Logger LOG = Logger.getLogger(CatalogueFeed.class);
    private static final String ACCEPTED = EventTypes.typeOf(AcceptedEvent.class);
    private static final Duration FIRST_BACKOFF = Duration.ofMillis(100);
    private static final Duration MAX_BACKOFF = Duration.ofSeconds(10);
    private static final Duration REPEATED_WITHIN = Duration.ofMinutes(15);
    private static final int MOST_REMEMBERED = 50_000;

    private final Transactions transactions;
    private final CatalogueStore catalogue;
    private final Counter leftOut;
    private final Cache<String, Boolean> counted =
            Caffeine.newBuilder()
                    .maximumSize(MOST_REMEMBERED)
                    .expireAfterWrite(REPEATED_WITHIN)
                    .build();

    private volatile boolean ending;

    CatalogueFeed(Transactions transactions, CatalogueStore catalogue, MeterRegistry metrics) {
        this.transactions = transactions;
        this.catalogue = catalogue;
        this.leftOut = metrics.counter("throughline.catalogue.left.out");
    }

    private record Batch(Tally tally, Set<String> ids, Map<Integer, Position> reached) {}

    private record Counted(Batch batch, long leftOut) {}

    /** What fails because the process ends is left in the log for the next one. */
    void stop(@Observes ShutdownEvent event) {
        ending = true;
    }

    @Incoming("catalogue")
    Uni<Void> read(ConsumerRecords<String, byte[]> records) {
        return Uni.createFrom()
                .deferred(() -> transactions.inTransaction(tx -> count(tx, records)))
                .invoke(this::remember)
                .replaceWithVoid()
                .onFailure(Faults::passes)
                .retry()
                .withBackOff(FIRST_BACKOFF, MAX_BACKOFF)
                .indefinitely()
                .onFailure(failure -> !ending)
                .recoverWithUni(failure -> {
                    LOG.errorf(failure, "%d events are missing in the catalogue", records.count());
                    return Uni.createFrom().voidItem();
                });
    }

    private Uni<Counted> count(SqlConnection tx, ConsumerRecords<String, byte[]> records) {
        List<Integer> partitions =
                records.partitions().stream().map(TopicPartition::partition).sorted().toList();
        return catalogue
                .positions(tx, partitions)
                .map(positions -> batch(records, positions))
                .chain(batch ->
                        catalogue
                                .add(tx, batch.tally())
                                .call(() -> catalogue.move(tx, batch.reached().values()))
                                .map(left -> new Counted(batch, left)));
    }

    private Batch batch(ConsumerRecords<String, byte[]> records, Map<Integer, Position> positions) {
        Batch batch = new Batch(new Tally(), new HashSet<>(), new HashMap<>(positions));
        for (ConsumerRecord<String, byte[]> record : records) {
            Position position = positions.get(record.partition());
            Instant time = Instant.ofEpochMilli(record.timestamp());
            if (position == null || !position.covers(record.offset(), time)) {
                add(batch, record);
                batch.reached()
                        .merge(
                                record.partition(),
                                new Position(record.partition(), record.offset() + 1, time),
                                CatalogueFeed::later);
            }
        }
        return batch;
    }

    private static Position later(Position before, Position now) {
        return new Position(
                now.partition(),
                now.nextOffset(),
                now.at().isAfter(before.at()) ? now.at() : before.at());
    }

    private void add(Batch batch, ConsumerRecord<String, byte[]> record) {
        String id = header(record, EventCodec.ID);
        byte[] value = record.value();
        if (value == null
                || id == null
                || !ACCEPTED.equals(header(record, EventCodec.TYPE))
                || counted.getIfPresent(id) != null
                || !batch.ids().add(id)) {
            return;
        }
        Glance.at(value)
                .ifPresent(glance ->
                        batch.tally().add(glance, Instant.ofEpochMilli(record.timestamp())));
    }

    /** Once it is committed: what is rolled back is counted again. */
    private void remember(Counted done) {
        leftOut.increment((double) done.leftOut());
        catalogue.remember(done.batch().tally());
        done.batch().ids().forEach(id -> counted.put(id, Boolean.TRUE));
    }

    private static @Nullable String header(ConsumerRecord<String, byte[]> record, String name) {
        Header header = record.headers().lastHeader(name);
        return header == null || header.value() == null
                ? null
                : new String(header.value(), StandardCharsets.UTF_8);
    }
}
