package io.throughline.identity.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.throughline.chassis.stream.EventPublisher;
import io.throughline.chassis.stream.Transactions;
import io.throughline.contracts.Envelope;
import io.throughline.contracts.Identifier;
import io.throughline.contracts.Topics;
import io.throughline.contracts.ingest.AcceptedEvent;
import io.throughline.contracts.json.EventCodec;
import io.throughline.identity.catalogue.Catalogue.Seen;
import io.throughline.identity.store.CatalogueStore;
import io.throughline.identity.tracking.Fingerprint;
import io.throughline.local.testing.EmbeddedInfrastructure;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What comes again is counted once, and what is new under old numbers is counted. */
@QuarkusTest
@QuarkusTestResource(EmbeddedInfrastructure.class)
class CatalogueFeedTest {

    private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static int partitions = 1_000;

    @Inject Transactions transactions;
    @Inject CatalogueStore store;
    @Inject MeterRegistry metrics;

    private final int partition = partitions++;
    private String name = "";

    @BeforeEach
    void another() {
        name = "E " + UUID.randomUUID();
    }

    @Test
    void aProcessThatBeginsAgainCountsNothingTwice() {
        process(fresh(), List.of(event(10, NOON, "a"), event(11, NOON.plusMillis(5), "b")));
        process(fresh(), List.of(event(10, NOON, "a"), event(11, NOON.plusMillis(5), "b")));
        assertThat(count()).isEqualTo(2);
        process(
                fresh(),
                List.of(event(11, NOON.plusMillis(5), "b"), event(12, NOON.plusMillis(1), "c")));
        assertThat(count()).isEqualTo(3);
    }

    @Test
    void aMessageThatItsSenderRepeatsCountsOnce() {
        CatalogueFeed feed = fresh();
        process(feed, List.of(event(1, NOON, "a"), event(2, NOON.plusMillis(1), "a")));
        process(feed, List.of(event(3, NOON.plusMillis(2), "a")));
        assertThat(count()).isEqualTo(1);
    }

    @Test
    void aLogThatWasMadeAnewIsCountedFromItsBeginning() {
        process(fresh(), List.of(event(500, NOON, "a")));
        process(fresh(), List.of(event(0, NOON.plusSeconds(3_600), "b")));
        process(fresh(), List.of(event(1, NOON.plusSeconds(3_601), "c")));
        assertThat(count()).isEqualTo(3);
    }

    private CatalogueFeed fresh() {
        return new CatalogueFeed(transactions, store, metrics);
    }

    private void process(CatalogueFeed feed, List<ConsumerRecord<String, byte[]>> records) {
        feed.read(
                        new ConsumerRecords<>(
                                Map.of(new TopicPartition(Topics.EVENTS, partition), records),
                                Map.of()))
                .await()
                .atMost(PATIENCE);
    }

    private long count() {
        return store.seen().await().atMost(PATIENCE).stream()
                .filter(seen -> seen.event().name().equals(name))
                .mapToLong(Seen::count)
                .sum();
    }

    private ConsumerRecord<String, byte[]> event(long offset, Instant at, String messageId) {
        AcceptedEvent event =
                new AcceptedEvent(
                        messageId + name,
                        "shop",
                        AcceptedEvent.Kind.TRACK,
                        name,
                        List.of(Identifier.of("user_id:u")),
                        Map.of(),
                        Map.of(),
                        Map.of(),
                        NOON,
                        NOON,
                        null,
                        null);
        EventCodec codec = new EventCodec();
        ProducerRecord<String, byte[]> written =
                EventPublisher.record(
                        Topics.EVENTS,
                        "k",
                        codec.headers(new Envelope<>(Fingerprint.of(event), "/test", NOON, event)),
                        codec.value(event));
        return new ConsumerRecord<>(
                Topics.EVENTS,
                partition,
                offset,
                at.toEpochMilli(),
                TimestampType.CREATE_TIME,
                1,
                1,
                written.key(),
                written.value(),
                written.headers(),
                Optional.empty());
    }
}
