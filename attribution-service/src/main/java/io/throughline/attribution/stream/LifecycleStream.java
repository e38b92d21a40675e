package io.throughline.attribution.stream;

import io.smallrye.mutiny.Uni;
import io.throughline.attribution.store.Decisions;
import io.throughline.attribution.store.Messages;
import io.throughline.attribution.store.Suppressions;
import io.throughline.attribution.touch.MessageFacts;
import io.throughline.chassis.stream.Gathering;
import io.throughline.chassis.stream.Intake;
import io.throughline.contracts.Envelope;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.message.MessageEvent;
import io.vertx.core.Vertx;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.eclipse.microprofile.reactive.messaging.Acknowledgment;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.eclipse.microprofile.reactive.messaging.Message;

/** What became of messages, why they went or did not, and what customers said against them. */
@ApplicationScoped
public class LifecycleStream {

    private final Gathering batches;
    private final Messages messages;
    private final Decisions decisions;
    private final Suppressions suppressions;

    LifecycleStream(
            Vertx vertx,
            Intake intake,
            Messages messages,
            Decisions decisions,
            Suppressions suppressions) {
        this.batches = new Gathering(vertx, records -> intake.process(records, this::apply));
        this.messages = messages;
        this.decisions = decisions;
        this.suppressions = suppressions;
    }

    @Incoming("lifecycle")
    @Acknowledgment(Acknowledgment.Strategy.MANUAL)
    Uni<Void> consume(Message<ConsumerRecords<String, byte[]>> poll) {
        return batches.take(poll);
    }

    private Uni<Void> apply(SqlConnection tx, List<Envelope<?>> events) {
        Map<MessageId, MessageFacts> facts = new LinkedHashMap<>();
        List<Decisions.Told> told = new ArrayList<>();
        List<Messages.Objection> objections = new ArrayList<>();
        Suppressions.Told suppressed = new Suppressions.Told();
        for (Envelope<?> envelope : events) {
            if (!(envelope.data() instanceof MessageEvent event)) {
                continue;
            }
            suppressed.take(event);
            MessageFacts.of(event).ifPresent(f -> facts.merge(f.message(), f, MessageFacts::and));
            switch (event) {
                case MessageEvent.Suppressed e ->
                        told.add(Decisions.Told.of(envelope.id(), e.customer(), e));
                case MessageEvent.Sent e ->
                        told.add(Decisions.Told.of(envelope.id(), e.customer(), e));
                case MessageEvent.Unknown e ->
                        told.add(Decisions.Told.of(envelope.id(), e.customer(), e));
                // One without was taken first, and told as sent.
                case MessageEvent.Failed e when e.verdicts() != null ->
                        told.add(Decisions.Told.of(envelope.id(), e.customer(), e));
                case MessageEvent.Unsubscribed e ->
                        objections.add(new Messages.Objection(envelope.id(), e));
                case MessageEvent.Complained e ->
                        objections.add(new Messages.Objection(envelope.id(), e));
                default -> {}
            }
        }
        return messages.join(tx, facts.values())
                .chain(() -> decisions.add(tx, told))
                .chain(() -> messages.object(tx, objections))
                .chain(() -> suppressions.join(tx, suppressed));
    }
}
