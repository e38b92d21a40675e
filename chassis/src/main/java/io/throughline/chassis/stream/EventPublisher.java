package io.throughline.chassis.stream;

import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.common.annotation.Identifier;
import io.smallrye.mutiny.Uni;
import io.throughline.contracts.Topics;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/**
 * Writes records and waits until the in-sync replicas have them. The producer is idempotent, so its
 * own retries neither repeat nor reorder the records of a partition.
 *
 * <p>While the brokers are away, what waits is bounded: what does not fit fails at once, as a fault
 * of the surroundings, and what its subscriber has given up is not sent any more. What the producer
 * had taken by then may still be written within its delivery timeout.
 */
@Singleton
public class EventPublisher {

    /** As much again as the producer buffers by itself. */
    private static final long MAX_WAITING_BYTES = 32L << 20;

    private final KafkaProducer<String, byte[]> producer;
    private final SendQueue queue;

    EventPublisher(
            @Identifier("default-kafka-broker") Map<String, Object> broker, MeterRegistry metrics) {
        Map<String, Object> config = new HashMap<>(broker);
        config.put(ProducerConfig.ACKS_CONFIG, "all");
        config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        config.put(ProducerConfig.LINGER_MS_CONFIG, 1);
        config.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
        config.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Topics.MAX_DEAD_LETTER_BYTES);
        config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 10_000);
        config.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 30_000);
        config.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 10_000);
        this.producer =
                new KafkaProducer<>(config, new StringSerializer(), new ByteArraySerializer());
        this.queue = new SendQueue(producer, MAX_WAITING_BYTES);
        metrics.gauge("throughline.publisher.waiting.bytes", queue, SendQueue::waitingBytes);
    }

    /**
     * Gives its item when all records are acknowledged; fails when any is not, others may have been
     * written then.
     */
    public Uni<Void> publish(List<ProducerRecord<String, byte[]>> records) {
        return publishEach(records).chain(EventPublisher::allWritten);
    }

    /**
     * Tells of each record what became of it, in their order. After one that failed, and not
     * because of its size, none is begun any more.
     */
    Uni<List<Outcome>> publishEach(List<ProducerRecord<String, byte[]>> records) {
        if (records.isEmpty()) {
            return Uni.createFrom().item(List.of());
        }
        return queue.send(records);
    }

    private static Uni<Void> allWritten(List<Outcome> outcomes) {
        for (Outcome outcome : outcomes) {
            switch (outcome) {
                case Outcome.Written() -> {}
                case Outcome.TooLarge(Throwable refusal) -> {
                    return Uni.createFrom().failure(refusal);
                }
                case Outcome.Failed(Throwable failure) -> {
                    return Uni.createFrom().failure(failure);
                }
            }
        }
        return Uni.createFrom().voidItem();
    }

    /** A record with text headers. */
    public static ProducerRecord<String, byte[]> record(
            String topic,
            @Nullable String key,
            Map<String, String> headers,
            byte @Nullable [] value) {
        ProducerRecord<String, byte[]> record = new ProducerRecord<>(topic, key, value);
        headers.forEach(
                (name, text) -> record.headers().add(name, text.getBytes(StandardCharsets.UTF_8)));
        return record;
    }

    @PreDestroy
    void close() {
        queue.close();
        producer.close(Duration.ofSeconds(5));
    }
}
