package io.throughline.attribution.stream;

import io.smallrye.mutiny.Uni;
import io.throughline.attribution.store.Decisions;
import io.throughline.chassis.stream.Gathering;
import io.throughline.chassis.stream.Intake;
import io.throughline.contracts.Envelope;
import io.throughline.contracts.decision.DecisionEvent;
import io.vertx.core.Vertx;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.eclipse.microprofile.reactive.messaging.Acknowledgment;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.eclipse.microprofile.reactive.messaging.Message;

/** What journeys decided. */
@ApplicationScoped
public class DecisionStream {

    private final Gathering batches;
    private final Decisions decisions;

    DecisionStream(Vertx vertx, Intake intake, Decisions decisions) {
        this.batches = new Gathering(vertx, records -> intake.process(records, this::apply));
        this.decisions = decisions;
    }

    @Incoming("decisions")
    @Acknowledgment(Acknowledgment.Strategy.MANUAL)
    Uni<Void> consume(Message<ConsumerRecords<String, byte[]>> poll) {
        return batches.take(poll);
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
