package io.throughline.identity.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.throughline.contracts.Topics;
import io.throughline.contracts.json.ContractJson;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.awaitility.Awaitility;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jspecify.annotations.Nullable;

/** The stream of customers, as the other services read it. */
final class Events {

    private Events() {}

    /**
     * Waits for what the newest of a customer's events that tells it tells.
     *
     * @param telling null of an event that does not
     */
    static String await(String customer, Function<JsonNode, @Nullable String> telling) {
        String brokers =
                ConfigProvider.getConfig().getValue("kafka.bootstrap.servers", String.class);
        AtomicReference<@Nullable String> told = new AtomicReference<>();
        try (KafkaConsumer<String, byte[]> consumer =
                new KafkaConsumer<>(
                        Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, brokers),
                        new StringDeserializer(),
                        new ByteArrayDeserializer())) {
            consumer.assign(
                    consumer.partitionsFor(Topics.CUSTOMERS).stream()
                            .map(p -> new TopicPartition(p.topic(), p.partition()))
                            .toList());
            consumer.seekToBeginning(consumer.assignment());
            Awaitility.await()
                    .atMost(Api.SOON)
                    .until(() -> {
                        for (ConsumerRecord<String, byte[]> record :
                                consumer.poll(Duration.ofMillis(200))) {
                            if (record.key().equals(customer)) {
                                String found = telling.apply(read(record.value()));
                                told.set(found == null ? told.get() : found);
                            }
                        }
                        return told.get() != null;
                    });
        }
        return Objects.requireNonNull(told.get());
    }

    private static JsonNode read(byte[] value) {
        try {
            return ContractJson.mapper().readTree(value);
        } catch (IOException e) {
            throw new AssertionError("no JSON in the stream", e);
        }
    }
}
