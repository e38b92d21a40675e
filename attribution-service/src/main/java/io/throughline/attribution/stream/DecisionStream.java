package io.throughline.attribution.stream;

import io.smallrye.mutiny.Uni;
import io.throughline.attribution.store.Decisions;
import io.throughline.chassis.stream.Intake;
import io.throughline.contracts.Envelope;
import io.throughline.contracts.decision.DecisionEvent;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.eclipse.microprofile.reactive.messaging.Incoming;

/** What journeys decided. */
@ApplicationScoped
public class DecisionStream {

    private final Intake intake;
    private final Decisions decisions;

    DecisionStream(Intake intake, Decisions decisions) {
        this.intake = intake;
        this.decisions = decisions;
    }

    @Incoming("decisions")
    Uni<Void> consume(ConsumerRecords<String, byte[]> records) {
        return intake.process(records, this::apply);
    }

    private Uni<Void> apply(SqlConnection tx, List<Envelope<?>> events) {
        List<Decisions.Told> told = new ArrayList<>();
        for (Envelope<?> envelope : events) {
            if (envelope.data() instanceof DecisionEvent event) {
                told.add(Decisions.Told.of(envelope.id(), event.customer(), event));
            }
        }
        return decisions.add(tx, told);
    }
}
