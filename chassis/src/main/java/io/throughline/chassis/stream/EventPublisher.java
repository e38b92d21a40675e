package io.throughline.chassis.stream;

import io.smallrye.common.annotation.Identifier;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
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
 * <p>{@code KafkaProducer.send} blocks while it has no metadata or its buffer is full, so it is
 * called on a thread of its own and in the order in which lists of records are given.
 */
@ApplicationScoped
public class EventPublisher {

    private final KafkaProducer<String, byte[]> producer;
    private final ExecutorService sender =
            Executors.newSingleThreadExecutor(
                    Thread.ofPlatform().name("event-publisher").daemon().factory());

    EventPublisher(@Identifier("default-kafka-broker") Map<String, Object> broker) {
        Map<String, Object> config = new HashMap<>(broker);
        config.put(ProducerConfig.ACKS_CONFIG, "all");
        config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        config.put(ProducerConfig.LINGER_MS_CONFIG, 1);
        config.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
        config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 10_000);
        config.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 30_000);
        config.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 10_000);
        this.producer =
                new KafkaProducer<>(config, new StringSerializer(), new ByteArraySerializer());
    }

    /**
     * Gives its item when all records are acknowledged; fails when any is not, others may have been
     * written then.
     */
    public Uni<Void> publish(List<ProducerRecord<String, byte[]>> records) {
        if (records.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        return Uni.createFrom()
                .emitter(emitter ->
                        sender.execute(() -> send(records, new Pending(records.size(), emitter))));
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

    private void send(List<ProducerRecord<String, byte[]>> records, Pending pending) {
        for (ProducerRecord<String, byte[]> record : records) {
            try {
                // The callback hears of every outcome that the future would tell.
                Future<?> _ = producer.send(record, (metadata, failure) -> pending.done(failure));
            } catch (RuntimeException failure) {
                pending.done(failure);
            }
        }
    }

    @PreDestroy
    void close() {
        sender.shutdown();
        producer.close(Duration.ofSeconds(5));
    }

    /** Counts acknowledgements; the first failure is what is told, once all have answered. */
    private static final class Pending {

        private final AtomicInteger left;
        private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        private final UniEmitter<? super Void> emitter;

        Pending(int count, UniEmitter<? super Void> emitter) {
            this.left = new AtomicInteger(count);
            this.emitter = emitter;
        }

        void done(@Nullable Exception failed) {
            if (failed != null) {
                failure.compareAndSet(null, failed);
            }
            if (left.decrementAndGet() == 0) {
                Throwable first = failure.get();
                if (first == null) {
                    emitter.complete(null);
                } else {
                    emitter.fail(first);
                }
            }
        }
    }
}
