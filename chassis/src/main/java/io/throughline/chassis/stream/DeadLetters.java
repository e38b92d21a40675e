package io.throughline.chassis.stream;

import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.Uni;
import io.throughline.contracts.PassedOver;
import io.throughline.contracts.Topics;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Records that could not be processed, kept on {@code <topic>.dead} as they came, with the reason
 * in their headers, so that they can be looked at and replayed. One that is too large even for that
 * is kept in part.
 */
@ApplicationScoped
public class DeadLetters {

    public static final String REASON = "throughline_reason";
    public static final String CONSUMER = "throughline_consumer";
    public static final String PARTITION = "throughline_partition";
    public static final String OFFSET = "throughline_offset";

    /** On letters that do not hold the whole record, since it was too large. */
    public static final String CUT = "throughline_cut";

    private static final int MAX_TEXT = 1000;
    private static final int MAX_HEADERS_WHEN_CUT = 100;
    private static final int MAX_VALUE_WHEN_CUT = 64 * 1024;

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
        return publisher
                .publish(List.of(whole(record, reason)))
                .onFailure(RecordTooLargeException.class)
                .recoverWithUni(tooLarge -> publisher.publish(List.of(cut(record, reason))))
                .invoke(() -> tell(record, reason));
    }

    void keep(@Observes PassedOver passedOver) {
        ConsumerRecord<String, byte[]> record =
                new ConsumerRecord<>(
                        passedOver.topic(),
                        passedOver.partition(),
                        passedOver.offset(),
                        passedOver.key(),
                        bytes(passedOver.value()));
        passedOver
                .headers()
                .forEach((name, text) ->
                        record.headers().add(name, text.getBytes(StandardCharsets.UTF_8)));
        Intake.untilItPasses(add(record, passedOver.reason()))
                .subscribe()
                .with(
                        kept -> {},
                        failure ->
                                LOG.errorf(
                                        failure,
                                        "%s-%d@%d cannot be set aside",
                                        record.topic(),
                                        record.partition(),
                                        record.offset()));
    }

    @SuppressWarnings("NullAway")
    private static byte[] bytes(@Nullable ByteBuffer value) {
        if (value == null) {
            return null;
        }
        byte[] bytes = new byte[value.remaining()];
        value.duplicate().get(bytes);
        return bytes;
    }

    private ProducerRecord<String, byte[]> whole(
            ConsumerRecord<String, byte[]> record, String reason) {
        Map<String, String> headers = new LinkedHashMap<>(Intake.headersOf(record));
        headers.putAll(provenance(record, reason));
        return letter(record, record.key(), headers, record.value());
    }

    /**
     * What is left to see of a record that is too large to be kept: the beginnings of its parts.
     */
    private ProducerRecord<String, byte[]> cut(
            ConsumerRecord<String, byte[]> record, String reason) {
        Map<String, String> headers = new LinkedHashMap<>();
        Intake.headersOf(record).entrySet().stream()
                .limit(MAX_HEADERS_WHEN_CUT)
                .forEach(h -> headers.put(beginning(h.getKey()), beginning(h.getValue())));
        headers.putAll(provenance(record, reason));
        byte[] value = record.value() == null ? new byte[0] : record.value();
        headers.put(
                CUT,
                "%d of %d bytes of the value are here"
                        .formatted(Math.min(MAX_VALUE_WHEN_CUT, value.length), value.length));
        return letter(
                record,
                record.key() == null ? null : beginning(record.key()),
                headers,
                Arrays.copyOf(value, Math.min(MAX_VALUE_WHEN_CUT, value.length)));
    }

    private Map<String, String> provenance(ConsumerRecord<String, byte[]> record, String reason) {
        return Map.of(
                REASON, beginning(reason),
                CONSUMER, application,
                PARTITION, Integer.toString(record.partition()),
                OFFSET, Long.toString(record.offset()));
    }

    private static ProducerRecord<String, byte[]> letter(
            ConsumerRecord<String, byte[]> record,
            @Nullable String key,
            Map<String, String> headers,
            byte @Nullable [] value) {
        return EventPublisher.record(Topics.deadLetters(record.topic()), key, headers, value);
    }

    private static String beginning(String text) {
        return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT);
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
