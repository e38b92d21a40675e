package io.throughline.bench.bare;

import io.smallrye.common.annotation.Identifier;
import io.smallrye.common.annotation.NonBlocking;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Produces the body, with the producer's settings that identity has. */
@Path("/bare")
@Singleton
public class BareEndpoint {

    private static final String TOPIC = "throughline.bench.bare";
    private static final String SUCCESS = "{\"success\":true}";

    private final KafkaProducer<String, byte[]> producer;

    BareEndpoint(@Identifier("default-kafka-broker") Map<String, Object> broker) {
        Map<String, Object> config = new HashMap<>(broker);
        config.put(ProducerConfig.ACKS_CONFIG, "all");
        config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        config.put(ProducerConfig.LINGER_MS_CONFIG, 1);
        config.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
        this.producer =
                new KafkaProducer<>(config, new StringSerializer(), new ByteArraySerializer());
    }

    @POST
    @NonBlocking
    @Produces(MediaType.TEXT_PLAIN)
    public Uni<String> produce(byte[] body) {
        return Uni.createFrom().emitter(emitter -> send(body, emitter));
    }

    private void send(byte[] body, UniEmitter<? super String> emitter) {
        ProducerRecord<String, byte[]> record = new ProducerRecord<>(TOPIC, null, body);
        Future<?> _ =
                producer.send(
                        record,
                        (metadata, failure) -> {
                            if (failure == null) {
                                emitter.complete(SUCCESS);
                            } else {
                                emitter.fail(failure);
                            }
                        });
    }

    @PreDestroy
    void close() {
        producer.close();
    }
}
