package io.throughline.attribution.stream;

import io.smallrye.mutiny.Uni;
import io.throughline.attribution.store.Decisions;
import io.throughline.attribution.store.MessageOwners;
import io.throughline.attribution.store.Messages;
import io.throughline.attribution.store.Suppressions;
import io.throughline.attribution.touch.MessageFacts;
import io.throughline.chassis.stream.Gathering;
import io.throughline.chassis.stream.Intake;
import io.throughline.chassis.stream.Reassignments;
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
import java.util.Optional;
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
    private final Reassignments reassignments;
    private final MessageOwners owners;

    LifecycleStream(
            Vertx vertx,
            Intake intake,
            Messages messages,
            Decisions decisions,
            Suppressions suppressions,
            Reassignments reassignments,
            MessageOwners owners) {
        this.batches = new Gathering(vertx, records -> intake.process(records, this::apply));
        this.messages = messages;
        this.decisions = decisions;
        this.suppressions = suppressions;
        this.reassignments = reassignments;
        this.owners = owners;
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
        List<MessageId> named = new ArrayList<>();
        Suppressions.Told suppressed = new Suppressions.Told();
        for (Envelope<?> envelope : events) {
            if (!(envelope.data() instanceof MessageEvent event)) {
                continue;
            }
            suppressed.take(event);
            message(event).ifPresent(named::add);
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
        return reassignments
                .heed(tx, events)
                .chain(() -> messages.join(tx, facts.values()))
                .chain(() -> decisions.add(tx, told))
                .chain(() -> messages.object(tx, objections))
                .chain(() -> suppressions.join(tx, suppressed))
                .chain(() -> reassignments.settle(tx, named, found -> owners.move(tx, found)));
    }

    private static Optional<MessageId> message(MessageEvent event) {
        return switch (event) {
            case MessageEvent.OfMessage e -> Optional.of(e.message());
            case MessageEvent.Reassigned e -> Optional.of(e.message());
            case MessageEvent.FromAddress e -> Optional.empty();
        };
    }
}
