package io.throughline.journey.service;

import io.throughline.contracts.ContractEvent;
import io.throughline.contracts.Envelope;
import io.throughline.contracts.EventTypes;
import io.throughline.contracts.Topics;
import io.throughline.contracts.json.EventCodec;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** The topics, as the other services would write and read them. */
final class Wire implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final EventCodec codec = new EventCodec();
    private final KafkaProducer<String, byte[]> producer;
    private final KafkaConsumer<String, byte[]> consumer;
    private final List<ContractEvent> heard = new ArrayList<>();
    private final List<ConsumerRecord<String, byte[]>> dead = new ArrayList<>();

    Wire(String bootstrapServers) {
        Properties config = new Properties();
        config.put("bootstrap.servers", bootstrapServers);
        config.put("acks", "all");
        this.producer =
                new KafkaProducer<>(config, new StringSerializer(), new ByteArraySerializer());
        this.consumer =
                new KafkaConsumer<>(config, new StringDeserializer(), new ByteArrayDeserializer());
        List<TopicPartition> partitions = new ArrayList<>();
        for (String topic :
                List.of(
                        Topics.MESSAGES_REQUESTED,
                        Topics.DECISIONS,
                        Topics.POLICIES,
                        Topics.deadLetters(Topics.CUSTOMERS),
                        Topics.deadLetters(Topics.PREDICTIONS))) {
            consumer.partitionsFor(topic)
                    .forEach(p -> partitions.add(new TopicPartition(p.topic(), p.partition())));
        }
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
    }

    /** Says an event and gives the record, to be said again. */
    ProducerRecord<String, byte[]> say(ContractEvent event) {
        ProducerRecord<String, byte[]> record = record(event);
        send(record);
        return record;
    }

    /** An event as it would be said. */
    ProducerRecord<String, byte[]> record(ContractEvent event) {
        Envelope<ContractEvent> envelope =
                new Envelope<>(UUID.randomUUID(), "/throughline/test", Instant.now(), event);
        ProducerRecord<String, byte[]> record =
                new ProducerRecord<>(
                        EventTypes.topicOf(event.getClass()),
                        event.partitionKey(),
                        codec.value(event));
        codec.headers(envelope)
                .forEach((name, value) ->
                        record.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
        return record;
    }

    void send(ProducerRecord<String, byte[]> record) {
        try {
            producer.send(record).get();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** Everything of a type that was heard so far. */
    <E extends ContractEvent> List<E> heard(Class<E> type, Predicate<E> which) {
        poll(Duration.ZERO);
        return heard.stream().filter(type::isInstance).map(type::cast).filter(which).toList();
    }

    /** Waits until there are so many; fails when they do not come, or more do. */
    <E extends ContractEvent> List<E> await(Class<E> type, int count, Predicate<E> which) {
        Instant deadline = Instant.now().plus(PATIENCE);
        List<E> found = heard(type, which);
        while (found.size() < count && Instant.now().isBefore(deadline)) {
            poll(Duration.ofMillis(50));
            found = heard(type, which);
        }
        if (found.size() != count) {
            throw new AssertionError(
                    "expected " + count + " " + type.getSimpleName() + ", heard " + found);
        }
        return found;
    }

    /** Waits until there is one at least: other applications of this JVM may have said it too. */
    <E extends ContractEvent> void awaitSome(Class<E> type, Predicate<E> which) {
        Instant deadline = Instant.now().plus(PATIENCE);
        while (heard(type, which).isEmpty()) {
            if (Instant.now().isAfter(deadline)) {
                throw new AssertionError("heard no such " + type.getSimpleName());
            }
            poll(Duration.ofMillis(50));
        }
    }

    ConsumerRecord<String, byte[]> awaitDead(String key) {
        Instant deadline = Instant.now().plus(PATIENCE);
        while (Instant.now().isBefore(deadline)) {
            poll(Duration.ofMillis(50));
            for (ConsumerRecord<String, byte[]> record : dead) {
                if (key.equals(record.key())) {
                    return record;
                }
            }
        }
        throw new AssertionError("no dead letter with key " + key);
    }

    private void poll(Duration patience) {
        for (ConsumerRecord<String, byte[]> record : consumer.poll(patience)) {
            if (record.topic().endsWith(Topics.deadLetters(""))) {
                dead.add(record);
                continue;
            }
            Map<String, String> headers = new HashMap<>();
            record.headers()
                    .forEach(h ->
                            headers.put(h.key(), new String(h.value(), StandardCharsets.UTF_8)));
            if (codec.decode(headers, record.value()) instanceof EventCodec.Read read) {
                heard.add(read.envelope().data());
            }
        }
    }

    @Override
    public void close() {
        producer.close();
        consumer.close();
    }
}
