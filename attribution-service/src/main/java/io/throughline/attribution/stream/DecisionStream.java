package io.throughline.attribution.stream;

import io.smallrye.mutiny.Uni;
import io.throughline.attribution.store.Decisions;
import io.throughline.attribution.store.MessageOwners;
import io.throughline.chassis.stream.Gathering;
import io.throughline.chassis.stream.Intake;
import io.throughline.chassis.stream.Reassignments;
import io.throughline.contracts.Envelope;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.decision.DecisionEvent;
import io.vertx.core.Vertx;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.eclipse.microprofile.reactive.messaging.Acknowledgment;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.eclipse.microprofile.reactive.messaging.Message;

/** What journeys decided. */
@ApplicationScoped
public class DecisionStream {

    private final Gathering batches;
    private final Decisions decisions;
    private final Reassignments reassignments;
    private final MessageOwners owners;

    DecisionStream(
            Vertx vertx,
            Intake intake,
            Decisions decisions,
            Reassignments reassignments,
            MessageOwners owners) {
        this.batches = new Gathering(vertx, records -> intake.process(records, this::apply));
        this.decisions = decisions;
        this.reassignments = reassignments;
        this.owners = owners;
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
        List<MessageId> named =
                told.stream().map(t -> t.record().message()).filter(Objects::nonNull).toList();
        return reassignments
                .heed(tx, events)
                .chain(() -> decisions.add(tx, told))
                .chain(() -> reassignments.settle(tx, named, found -> owners.move(tx, found)));
    }
}
