package io.throughline.chassis.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.mutiny.Uni;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Envelope;
import io.throughline.contracts.Ids;
import io.throughline.contracts.PassedOver;
import io.throughline.contracts.Topics;
import io.throughline.contracts.customer.CustomersMerged;
import io.throughline.contracts.json.EventCodec;
import io.throughline.local.testing.EmbeddedInfrastructure;
import io.vertx.core.buffer.Buffer;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@QuarkusTest
@QuarkusTestResource(EmbeddedInfrastructure.class)
class StreamTest {

    private static final Duration SOON = Duration.ofSeconds(20);

    @Inject Transactions transactions;
    @Inject Outbox outbox;
    @Inject EventPublisher publisher;
    @Inject Event<PassedOver> passedOver;
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
        publishRecord(headers, new byte[] {1});
        assertThat(deadLetterOf(id))
                .containsEntry(
                        "throughline_reason", "type io.throughline.from-the-future is unknown");
    }

    @ParameterizedTest
    @CsvSource({
        EventCodec.TIME + ", yesterday",
        EventCodec.SOURCE + ", 'not a URI'",
        EventCodec.ID + ", 7",
        EventCodec.SPEC_VERSION + ", one",
        EventCodec.CONTENT_TYPE + ", '\0'",
    })
    void aBadHeaderDoesNotStopThePartition(String header, String value) {
        Map<String, String> headers = codec.headers(envelope(merge(customer + "/bad")));
        headers.put(header, value);
        publishRecord(headers, codec.value(merge(customer + "/bad")));
        publish(envelope(merge(customer + "/after")));
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(applied()).contains(customer + "/after"));
    }

    @Test
    void aRecordThatWasPassedOverElsewhereIsSetAside() {
        String id = UUID.randomUUID().toString();
        passedOver.fire(
                new PassedOver(
                        Topics.CUSTOMERS,
                        1,
                        7,
                        "key",
                        Map.of(EventCodec.ID, id),
                        ByteBuffer.wrap(new byte[] {1, 2}),
                        "no policy"));
        assertThat(deadLetterOf(id))
                .containsEntry("throughline_reason", "no policy")
                .containsEntry("throughline_partition", "1")
                .containsEntry("throughline_offset", "7");
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

    @Test
    void anEventAsLargeAsABodyOfTheApiTravels() {
        String cause = customer + "/" + "x".repeat(2 * 1024 * 1024);
        commit(merge(cause));
        await().atMost(SOON).untilAsserted(() -> assertThat(applied()).containsExactly(cause));
    }

    @Test
    void anEventTooLargeForTheProducerIsSetAsideWholeAndItsShardGoesOn() {
        String huge = customer + "/" + "x".repeat(Topics.MAX_DEAD_LETTER_BYTES);
        commit(merge(customer + "/before"), merge(huge), merge(customer + "/after"));
        await().atMost(SOON)
                .untilAsserted(() ->
                        assertThat(applied())
                                .containsExactly(customer + "/before", customer + "/after"));
        await().atMost(SOON)
                .untilAsserted(
                        () -> assertThat(setAside()).singleElement().asString().contains(huge));
    }

    @Test
    void anEventTooLargeForTheTopicIsSetAsideAndItsShardGoesOn() {
        // Between the two limits, and made of what does not compress.
        byte[] noise = new byte[(Topics.MAX_RECORD_BYTES + 32 * 1024) / 4 * 3];
        random.nextBytes(noise);
        String huge = customer + "/" + Base64.getEncoder().encodeToString(noise);
        commit(merge(customer + "/before"), merge(huge), merge(customer + "/after"));
        await().atMost(SOON)
                .untilAsserted(() ->
                        assertThat(applied())
                                .containsExactly(customer + "/before", customer + "/after"));
        await().atMost(SOON)
                .untilAsserted(
                        () -> assertThat(setAside()).singleElement().asString().contains(huge));
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(count("SELECT count(*) FROM outbox")).isZero());
    }

    @Test
    void whatWasSetAsideCanBePutBack() {
        String huge = customer + "/" + "x".repeat(Topics.MAX_DEAD_LETTER_BYTES);
        commit(merge(huge));
        await().atMost(SOON).until(() -> !setAside().isEmpty());
        pool.preparedQuery("UPDATE outbox_set_aside SET payload = $2 WHERE record_key = $1")
                .execute(
                        Tuple.of(
                                customer.toString(),
                                Buffer.buffer(codec.value(merge(customer + "/smaller")))))
                .await()
                .atMost(SOON);
        pool.query(putBack()).execute().await().atMost(SOON);
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(applied()).containsExactly(customer + "/smaller"));
        assertThat(setAside()).isEmpty();
    }

    @Test
    void aPoisonRecordTooLargeForTheDeadLettersIsKeptInPartAndThePartitionGoesOn() {
        String id = UUID.randomUUID().toString();
        Map<String, String> headers = codec.headers(envelope(merge("x")));
        headers.put(EventCodec.ID, id);
        headers.put(EventCodec.TYPE, "io.throughline.from-the-future");
        headers.put("baggage", "b".repeat(80 * 1024));
        publishRecord(headers, new byte[Topics.MAX_RECORD_BYTES - 8 * 1024]);
        publish(envelope(merge(customer + "/after")));
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(applied()).containsExactly(customer + "/after"));
        assertThat(deadLetterOf(id))
                .containsEntry(
                        "throughline_reason", "type io.throughline.from-the-future is unknown")
                .containsEntry("throughline_cut", "65536 of 3137536 bytes of the value are here");
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

    private void commit(CustomersMerged... merges) {
        transactions.inTransaction(tx -> outbox.append(tx, List.of(merges))).await().atMost(SOON);
    }

    /** With a producer of its own, since records of others need not keep to our limits. */
    private void publishRecord(Map<String, String> headers, byte[] value) {
        Map<String, Object> config =
                Map.of(
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        brokers,
                        ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
                        2 * Topics.MAX_RECORD_BYTES,
                        ProducerConfig.COMPRESSION_TYPE_CONFIG,
                        "lz4");
        try (KafkaProducer<String, byte[]> producer =
                new KafkaProducer<>(config, new StringSerializer(), new ByteArraySerializer())) {
            producer.send(
                            EventPublisher.record(
                                    Topics.CUSTOMERS, customer.toString(), headers, value))
                    .get(SOON.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError(e);
        }
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
                        .execute(Tuple.of(customer + "%"))
                        .await()
                        .atMost(SOON)) {
            causes.add(row.getString(0));
        }
        return causes;
    }

    /** The payloads of this test's customer that were set aside. */
    private List<String> setAside() {
        List<String> payloads = new ArrayList<>();
        for (Row row :
                pool.preparedQuery("SELECT payload FROM outbox_set_aside WHERE record_key = $1")
                        .execute(Tuple.of(customer.toString()))
                        .await()
                        .atMost(SOON)) {
            payloads.add(row.getBuffer(0).toString());
        }
        return payloads;
    }

    /** The statement that the documentation gives. */
    private static String putBack() {
        try {
            String page = Files.readString(Path.of("../docs/set-aside.md"));
            int start = page.indexOf("```sql\n") + "```sql\n".length();
            return page.substring(start, page.indexOf("```", start));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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
