package io.throughline.identity.stream;

import io.smallrye.mutiny.Uni;
import io.throughline.chassis.stream.Intake;
import io.throughline.contracts.Envelope;
import io.throughline.contracts.ingest.AcceptedEvent;
import io.throughline.identity.registry.BehindTheLog;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.eclipse.microprofile.reactive.messaging.Incoming;

/** Reads the log of accepted events. */
@ApplicationScoped
class AcceptedEvents {

    private final Intake intake;
    private final BehindTheLog registry;

    AcceptedEvents(Intake intake, BehindTheLog registry) {
        this.intake = intake;
        this.registry = registry;
    }

    @Incoming("events")
    Uni<Void> read(ConsumerRecords<String, byte[]> records) {
        return intake.process(records, this::apply);
    }

    private Uni<Void> apply(SqlConnection tx, List<Envelope<?>> envelopes) {
        List<AcceptedEvent> events =
                envelopes.stream()
                        .map(Envelope::data)
                        .filter(AcceptedEvent.class::isInstance)
                        .map(AcceptedEvent.class::cast)
                        .toList();
        return registry.apply(tx, events);
    }
}
