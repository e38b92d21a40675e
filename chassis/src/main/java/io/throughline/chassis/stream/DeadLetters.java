package io.throughline.chassis.stream;

import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.Uni;
import io.throughline.contracts.Topics;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Records that could not be processed, kept on {@code <topic>.dead} as they came, with the reason
 * in their headers, so that they can be looked at and replayed.
 */
@ApplicationScoped
public class DeadLetters {

    public static final String REASON = "throughline_reason";
    public static final String CONSUMER = "throughline_consumer";
    public static final String PARTITION = "throughline_partition";
    public static final String OFFSET = "throughline_offset";

    private static final Logger LOG = Logger.getLogger(DeadLetters.class);

    private final EventPublisher publisher;
    private final MeterRegistry metrics;
    private final String application;

    DeadLetters(
            EventPublisher publisher,
            MeterRegistry metrics,
            @ConfigProperty(name = "quarkus.application.name") String application) {
        this.publisher = publisher;
        this.metrics = metrics;
        this.application = application;
    }

    Uni<Void> add(ConsumerRecord<String, byte[]> record, String reason) {
        Map<String, String> headers = new LinkedHashMap<>(Intake.headersOf(record));
        headers.put(REASON, reason);
        headers.put(CONSUMER, application);
        headers.put(PARTITION, Integer.toString(record.partition()));
        headers.put(OFFSET, Long.toString(record.offset()));
        return publisher
                .publish(
                        List.of(
                                EventPublisher.record(
                                        Topics.deadLetters(record.topic()),
                                        record.key(),
                                        headers,
                                        record.value())))
                .invoke(() -> tell(record, reason));
    }

    private void tell(ConsumerRecord<String, byte[]> record, String reason) {
        LOG.warnf(
                "%s-%d@%d set aside on %s: %s",
                record.topic(),
                record.partition(),
                record.offset(),
                Topics.deadLetters(record.topic()),
                reason);
        metrics.counter("throughline.dead.letters", "topic", record.topic()).increment();
    }
}
