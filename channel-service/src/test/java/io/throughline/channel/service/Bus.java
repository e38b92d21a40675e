package io.throughline.channel.service;

import io.throughline.contracts.ContractEvent;
import io.throughline.contracts.Envelope;
import io.throughline.contracts.EventTypes;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.Topics;
import io.throughline.contracts.json.EventCodec;
import io.throughline.contracts.message.MessageEvent;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** The other services, as far as topics go: says what they say, and hears the lifecycle. */
final class Bus {

    private final EventCodec codec = new EventCodec();
    private final KafkaProducer<String, byte[]> producer;
    private final KafkaConsumer<String, byte[]> consumer;
    private final List<MessageEvent> heard = new CopyOnWriteArrayList<>();
    private final Thread listener = Thread.ofPlatform().daemon().unstarted(this::listen);
    private volatile boolean open = true;

    Bus(String bootstrap) {
        Properties config = new Properties();
        config.put("bootstrap.servers", bootstrap);
        config.put("group.id", "test-" + UUID.randomUUID());
        config.put("auto.offset.reset", "earliest");
        producer = new KafkaProducer<>(config, new StringSerializer(), new ByteArraySerializer());
        consumer =
                new KafkaConsumer<>(config, new StringDeserializer(), new ByteArrayDeserializer());
        consumer.subscribe(List.of(Topics.MESSAGES_LIFECYCLE));
        listener.start();
    }

    void say(ContractEvent event) {
        Envelope<?> envelope =
                new Envelope<>(UUID.randomUUID(), "/throughline/test", Instant.now(), event);
        ProducerRecord<String, byte[]> record =
                new ProducerRecord<>(
                        EventTypes.topicOf(event.getClass()),
                        event.partitionKey(),
                        codec.value(event));
        codec.headers(envelope)
                .forEach((k, v) -> record.headers().add(k, v.getBytes(StandardCharsets.UTF_8)));
        try {
            producer.send(record).get();
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    List<MessageEvent> heard() {
        return heard;
    }

    List<MessageEvent.OfMessage> heardOf(MessageId message) {
        return heard.stream()
                .filter(MessageEvent.OfMessage.class::isInstance)
                .map(MessageEvent.OfMessage.class::cast)
                .filter(event -> event.message().equals(message))
                .toList();
    }

    private void listen() {
        while (open) {
            for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(100))) {
                Map<String, String> headers = new HashMap<>();
                record.headers()
                        .forEach(h ->
                                headers.put(
                                        h.key(), new String(h.value(), StandardCharsets.UTF_8)));
                if (codec.decode(headers, record.value()) instanceof EventCodec.Read(var envelope)
                        && Objects.requireNonNull(envelope).data() instanceof MessageEvent event) {
                    heard.add(event);
                }
            }
        }
        consumer.close();
    }

    void close() throws InterruptedException {
        open = false;
        listener.join();
        producer.close();
    }
}
