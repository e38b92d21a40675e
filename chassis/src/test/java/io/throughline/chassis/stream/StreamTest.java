package io.throughline.chassis.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.mutiny.Uni;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Envelope;
import io.throughline.contracts.Ids;
import io.throughline.contracts.Topics;
import io.throughline.contracts.customer.CustomersMerged;
import io.throughline.contracts.json.EventCodec;
import io.throughline.local.testing.EmbeddedInfrastructure;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(EmbeddedInfrastructure.class)
class StreamTest {

    private static final Duration SOON = Duration.ofSeconds(20);

    @Inject Transactions transactions;
    @Inject Outbox outbox;
    @Inject EventPublisher publisher;
    @Inject Pool pool;

    @ConfigProperty(name = "kafka.bootstrap.servers")
    String brokers;

    private final EventCodec codec = new EventCodec();
    private final Random random = new Random(1);
    private CustomerId customer = newCustomer();

    @BeforeEach
    void anotherCustomer() {
        customer = newCustomer();
    }

    @Test
    void whatIsCommittedIsPublishedInOrderAndAppliedOnce() {
        List<String> causes = IntStream.range(0, 50).mapToObj(i -> customer + "/" + i).toList();
        for (String cause : causes) {
            transactions
                    .inTransaction(tx -> outbox.append(tx, List.of(merge(cause))))
                    .await()
                    .atMost(SOON);
        }
        await().atMost(SOON).untilAsserted(() -> assertThat(applied()).isEqualTo(causes));
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(count("SELECT count(*) FROM outbox")).isZero());
    }

    @Test
    void whatIsRolledBackIsNeverPublished() {
        Uni<Void> failing =
                transactions.inTransaction(tx ->
                        outbox.append(tx, List.of(merge(customer + "/lost")))
                                .chain(() ->
                                        Uni.createFrom().failure(new IllegalStateException("no"))));
        assertThat(failing.onFailure().recoverWithNull().await().atMost(SOON)).isNull();
        transactions
                .inTransaction(tx -> outbox.append(tx, List.of(merge(customer + "/kept"))))
                .await()
                .atMost(SOON);
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(applied()).containsExactly(customer + "/kept"));
    }

    @Test
    void aRedeliveredEventChangesNothing() {
        Envelope<CustomersMerged> once = envelope(merge(customer + "/once"));
        publish(once, once);
        publish(once);
        publish(envelope(merge(customer + "/after")));
        await().atMost(SOON)
                .untilAsserted(() ->
                        assertThat(applied())
                                .containsExactly(customer + "/once", customer + "/after"));
    }

    @Test
    void aPoisonRecordIsSetAsideWithItsReasonAndThePartitionGoesOn() {
        Envelope<CustomersMerged> poison = envelope(merge(TestConsumer.POISON));
        publish(
                envelope(merge(customer + "/before")),
                poison,
                envelope(merge(customer + "/after")));
        await().atMost(SOON)
                .untilAsserted(() ->
                        assertThat(applied())
                                .containsExactly(customer + "/before", customer + "/after"));
        assertThat(deadLetterOf(poison.id().toString()))
                .containsEntry("throughline_reason", "IllegalStateException: cannot be applied")
                .containsEntry("throughline_consumer", "throughline-chassis-service")
                .containsEntry("ce_type", "io.throughline.customers-merged");
    }

    @Test
    void anUnreadableRecordIsSetAsideWithItsReason() {
        String id = UUID.randomUUID().toString();
        Map<String, String> headers = codec.headers(envelope(merge("x")));
        headers.put(EventCodec.ID, id);
        headers.put(EventCodec.TYPE, "io.throughline.from-the-future");
        publisher
                .publish(
                        List.of(
                                EventPublisher.record(
                                        Topics.CUSTOMERS,
                                        customer.toString(),
                                        headers,
                                        new byte[] {1})))
                .await()
                .atMost(SOON);
        assertThat(deadLetterOf(id))
                .containsEntry(
                        "throughline_reason", "type io.throughline.from-the-future is unknown");
    }

    @Test
    void anOutageIsWaitedForAndLosesNothing() {
        TestConsumer.OUTAGES.set(3);
        publish(envelope(merge(customer + "/1")), envelope(merge(customer + "/2")));
        await().atMost(SOON)
                .untilAsserted(() ->
                        assertThat(applied()).containsExactly(customer + "/1", customer + "/2"));
        assertThat(TestConsumer.OUTAGES).hasValue(0);
    }

    private CustomerId newCustomer() {
        return new CustomerId(Ids.timeOrdered(Instant.now(), new Random()));
    }

    private CustomersMerged merge(String cause) {
        return new CustomersMerged(customer, newCustomer(), cause, Instant.EPOCH);
    }

    private Envelope<CustomersMerged> envelope(CustomersMerged merge) {
        return new Envelope<>(
                Ids.timeOrdered(Instant.now(), new Random(random.nextLong() ^ System.nanoTime())),
                "/throughline/test",
                Instant.EPOCH,
                merge);
    }

    private void publish(Envelope<?>... envelopes) {
        publisher
                .publish(
                        List.of(envelopes).stream()
                                .map(e ->
                                        EventPublisher.record(
                                                Topics.CUSTOMERS,
                                                e.data().partitionKey(),
                                                codec.headers(e),
                                                codec.value(e.data())))
                                .toList())
                .await()
                .atMost(SOON);
    }

    /** The causes applied for this test's customer, in order. */
    private List<String> applied() {
        List<String> causes = new ArrayList<>();
        for (Row row :
                pool.preparedQuery(
                                "SELECT cause FROM applied WHERE cause LIKE $1 ORDER BY position")
                        .execute(io.vertx.mutiny.sqlclient.Tuple.of(customer + "%"))
                        .await()
                        .atMost(SOON)) {
            causes.add(row.getString(0));
        }
        return causes;
    }

    private long count(String sql) {
        return pool.query(sql).execute().await().atMost(SOON).iterator().next().getLong(0);
    }

    private Map<String, String> deadLetterOf(String id) {
        Map<String, Object> config =
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        brokers,
                        ConsumerConfig.GROUP_ID_CONFIG,
                        "dead-" + UUID.randomUUID(),
                        ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                        "earliest");
        try (KafkaConsumer<String, byte[]> consumer =
                new KafkaConsumer<>(
                        config, new StringDeserializer(), new ByteArrayDeserializer())) {
            consumer.subscribe(List.of(Topics.deadLetters(Topics.CUSTOMERS)));
            Instant deadline = Instant.now().plus(SOON);
            while (Instant.now().isBefore(deadline)) {
                for (ConsumerRecord<String, byte[]> record :
                        consumer.poll(Duration.ofMillis(200))) {
                    Map<String, String> headers = Intake.headersOf(record);
                    if (id.equals(headers.get(EventCodec.ID))) {
                        return headers;
                    }
                }
            }
        }
        throw new AssertionError("no dead letter with id " + id);
    }
}
