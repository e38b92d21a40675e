package io.throughline.identity.stream;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.throughline.chassis.http.Problem;
import io.throughline.chassis.stream.EventPublisher;
import io.throughline.contracts.Envelope;
import io.throughline.contracts.Topics;
import io.throughline.contracts.ingest.AcceptedEvent;
import io.throughline.contracts.ingest.AcceptedEvent.Kind;
import io.throughline.contracts.json.EventCodec;
import io.throughline.identity.identifier.Extraction;
import io.throughline.identity.tracking.Fingerprint;
import io.vertx.core.Vertx;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jboss.logging.Logger;

/** Accepted events on their way into the log. */
@Singleton
public class EventLog {

    private static final Logger LOG = Logger.getLogger(EventLog.class);
    private static final String SOURCE = "/throughline/identity";

    /** Before an SDK gives up on a request, which is after 10 s at the earliest. */
    private static final Duration PATIENCE = Duration.ofSeconds(8);

    private static final long LOOK_MILLIS = 250;

    private final EventCodec codec = new EventCodec();
    private final Patience patience = new Patience(PATIENCE, System::nanoTime);
    private final EventPublisher publisher;
    private final Counter accepted;
    private final Meter.MeterProvider<Counter> unread;
    private final Vertx vertx;
    private volatile long timer;

    EventLog(EventPublisher publisher, MeterRegistry metrics, Vertx vertx) {
        this.publisher = publisher;
        this.accepted = metrics.counter("throughline.events.accepted");
        this.unread =
                Counter.builder("throughline.identifiers.unread")
                        .description("values of accepted events that identify nobody")
                        .withRegistry(metrics);
        this.vertx = vertx;
    }

    void start(@Observes StartupEvent event) {
        timer = vertx.setPeriodic(LOOK_MILLIS, ignored -> patience.look());
    }

    void stop(@Observes ShutdownEvent event) {
        vertx.cancelTimer(timer);
    }

    /**
     * Gives its item when the brokers have all events; a {@link Problem} 503 otherwise. Some may be
     * in the log then: the sender sends all of them again, under the same message ids.
     */
    public Uni<Void> append(List<AcceptedEvent> events) {
        List<ProducerRecord<String, byte[]>> records = new ArrayList<>(events.size());
        events.forEach(event -> records.add(record(event)));
        return patience.with(publisher.publish(records))
                .onFailure()
                .transform(this::away)
                .invoke(() -> count(events));
    }

    private void count(List<AcceptedEvent> events) {
        accepted.increment(events.size());
        for (AcceptedEvent event : events) {
            if (event.kind() != Kind.GROUP) {
                Extraction.unread(event.traits(), event.context(), event.identifiers())
                        .forEach(type -> unread.withTag("type", type).increment());
            }
        }
    }

    private ProducerRecord<String, byte[]> record(AcceptedEvent event) {
        Envelope<AcceptedEvent> envelope =
                new Envelope<>(Fingerprint.of(event), SOURCE, event.receivedAt(), event);
        return EventPublisher.record(
                Topics.EVENTS, event.partitionKey(), codec.headers(envelope), codec.value(event));
    }

    private Problem away(Throwable failure) {
        LOG.warnf("events were not taken, the log does not answer: %s", failure);
        return Problem.unavailable("events cannot be stored at the moment; send them again");
    }
}
