package io.throughline.chassis.stream;

import io.smallrye.common.annotation.Identifier;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import io.throughline.contracts.Topics;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RecordBatchTooLargeException;
import org.apache.kafka.common.errors.RecordTooLargeException;
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

    private static final Outcome WRITTEN = new Outcome.Written();

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
        config.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Topics.MAX_DEAD_LETTER_BYTES);
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
        return Uni.createFrom()
                .emitter(emitter ->
                        sender.execute(() -> new Sending(records, emitter).send(producer)));
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
        sender.shutdown();
        producer.close(Duration.ofSeconds(5));
    }

    /** Gathers the outcomes of records on their way; tells them once all have answered. */
    private static final class Sending {

        private final List<ProducerRecord<String, byte[]>> records;
        private final UniEmitter<? super List<Outcome>> emitter;
        private final AtomicReferenceArray<@Nullable Outcome> outcomes;
        private final AtomicInteger left;
        private volatile @Nullable Throwable failure;

        Sending(
                List<ProducerRecord<String, byte[]>> records,
                UniEmitter<? super List<Outcome>> emitter) {
            this.records = records;
            this.emitter = emitter;
            this.outcomes = new AtomicReferenceArray<>(records.size());
            this.left = new AtomicInteger(records.size());
        }

        void send(Producer<String, byte[]> producer) {
            for (int i = 0; i < records.size(); i++) {
                Throwable before = failure;
                if (before == null) {
                    send(producer, i);
                } else {
                    done(i, before);
                }
            }
        }

        private void send(Producer<String, byte[]> producer, int index) {
            try {
                // The callback hears of every outcome that the future would tell.
                Future<?> _ =
                        producer.send(
                                records.get(index), (metadata, failed) -> done(index, failed));
            } catch (RuntimeException failed) {
                done(index, failed);
            }
        }

        private void done(int index, @Nullable Throwable failed) {
            Outcome outcome = outcome(failed);
            if (outcome instanceof Outcome.Failed(Throwable cause)) {
                failure = cause;
            }
            outcomes.set(index, outcome);
            if (left.decrementAndGet() == 0) {
                emitter.complete(all());
            }
        }

        private List<Outcome> all() {
            return IntStream.range(0, records.size())
                    .mapToObj(i -> Objects.requireNonNull(outcomes.get(i)))
                    .toList();
        }

        private static Outcome outcome(@Nullable Throwable failed) {
            return switch (failed) {
                case null -> WRITTEN;
                case RecordTooLargeException refusal -> new Outcome.TooLarge(refusal);
                case RecordBatchTooLargeException refusal -> new Outcome.TooLarge(refusal);
                default -> new Outcome.Failed(failed);
            };
        }
    }
}
