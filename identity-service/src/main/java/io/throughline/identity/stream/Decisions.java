package io.throughline.identity.stream;

import io.smallrye.mutiny.Uni;
import io.throughline.chassis.stream.Gathering;
import io.throughline.chassis.stream.Intake;
import io.throughline.contracts.Envelope;
import io.throughline.contracts.decision.DecisionEvent;
import io.throughline.identity.store.TimelineStore;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.eclipse.microprofile.reactive.messaging.Acknowledgment;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.eclipse.microprofile.reactive.messaging.Message;

/** What journeys decided about customers, for the histories. */
@ApplicationScoped
class Decisions {

    private final Gathering batches;

    Decisions(Vertx vertx, Intake intake, TimelineStore timeline) {
        this.batches =
                new Gathering(
                        vertx,
                        records ->
                                intake.process(
                                        records,
                                        (tx, envelopes) ->
                                                timeline.append(
                                                        tx,
                                                        envelopes.stream()
                                                                .map(Envelope::data)
                                                                .filter(
                                                                        DecisionEvent.class
                                                                                ::isInstance)
                                                                .map(DecisionEvent.class::cast)
                                                                .map(DecisionHistory::entry)
                                                                .toList())));
    }

    @Incoming("decisions")
    @Acknowledgment(Acknowledgment.Strategy.MANUAL)
    Uni<Void> read(Message<ConsumerRecords<String, byte[]>> poll) {
        return batches.take(poll);
    }
}
