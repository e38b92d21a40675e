package io.throughline.journey.stream;

import io.smallrye.mutiny.Uni;
import io.throughline.chassis.stream.Gathering;
import io.throughline.chassis.stream.Intake;
import io.throughline.contracts.Envelope;
import io.throughline.contracts.customer.BehaviourRecorded;
import io.throughline.contracts.customer.ConsentChanged;
import io.throughline.contracts.customer.CustomerErased;
import io.throughline.contracts.customer.CustomerEvent;
import io.throughline.contracts.customer.CustomersMerged;
import io.throughline.contracts.customer.IdentifiersUnlinked;
import io.throughline.contracts.customer.ProfileChanged;
import io.throughline.contracts.customer.SegmentEntered;
import io.throughline.contracts.customer.SegmentLeft;
import io.throughline.contracts.customer.SilenceBegun;
import io.throughline.contracts.customer.SilenceLifted;
import io.throughline.contracts.message.MessageEvent;
import io.throughline.journey.conversation.Conversations;
import io.throughline.journey.conversation.Stimulus;
import io.throughline.journey.timer.TimerLoop;
import io.vertx.core.Vertx;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.eclipse.microprofile.reactive.messaging.Acknowledgment;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.jspecify.annotations.Nullable;

/** What customers do and what becomes of their messages, as it comes from Kafka. */
@ApplicationScoped
class CustomerStream {

    private final Gathering customers;
    private final Gathering lifecycle;
    private final Intake intake;
    private final Conversations conversations;
    private final TimerLoop timers;

    CustomerStream(Vertx vertx, Intake intake, Conversations conversations, TimerLoop timers) {
        this.customers = new Gathering(vertx, this::take);
        this.lifecycle = new Gathering(vertx, this::take);
        this.intake = intake;
        this.conversations = conversations;
        this.timers = timers;
    }

    @Incoming("customers")
    @Acknowledgment(Acknowledgment.Strategy.MANUAL)
    Uni<Void> customers(Message<ConsumerRecords<String, byte[]>> poll) {
        return customers.take(poll);
    }

    @Incoming("lifecycle")
    @Acknowledgment(Acknowledgment.Strategy.MANUAL)
    Uni<Void> lifecycle(Message<ConsumerRecords<String, byte[]>> poll) {
        return lifecycle.take(poll);
    }

    private Uni<Void> take(Iterable<ConsumerRecord<String, byte[]>> records) {
        AtomicReference<Instant> due = new AtomicReference<>(Instant.MAX);
        return intake.process(
                        records,
                        (tx, events) ->
                                apply(tx, events).invoke(at -> first(due, at)).replaceWithVoid())
                .invoke(() -> timers.wake(due.get()));
    }

    private Uni<Instant> apply(SqlConnection tx, List<Envelope<?>> events) {
        return conversations.apply(
                tx,
                events.stream()
                        .<@Nullable Stimulus>map(CustomerStream::stimulus)
                        .filter(Objects::nonNull)
                        .toList());
    }

    private static void first(AtomicReference<Instant> due, Instant other) {
        due.accumulateAndGet(other, (one, two) -> one.isBefore(two) ? one : two);
    }

    /** What an event means here; null for what moves nobody. */
    private static @Nullable Stimulus stimulus(Envelope<?> envelope) {
        return switch (envelope.data()) {
            case CustomerEvent said -> ofCustomer(envelope, said);
            case MessageEvent said -> ofMessage(envelope, said);
            default -> null;
        };
    }

    private static @Nullable Stimulus ofCustomer(Envelope<?> envelope, CustomerEvent event) {
        return switch (event) {
            case BehaviourRecorded behaviour -> new Stimulus.Behaved(envelope.id(), behaviour);
            case ProfileChanged profile -> new Stimulus.ProfileKnown(profile);
            case ConsentChanged consent -> new Stimulus.ConsentSaid(consent);
            // The gate answers by it already.
            case SilenceBegun begun -> null;
            case SilenceLifted lifted -> null;
            case CustomersMerged merge -> new Stimulus.Merged(merge);
            case IdentifiersUnlinked unlinked -> new Stimulus.Unlinked(unlinked);
            case SegmentEntered entered -> new Stimulus.SegmentEntry(envelope.id(), entered);
            case SegmentLeft left -> new Stimulus.SegmentExit(envelope.id(), left);
            // Whoever is erased has been forgotten by the time that this is asked.
            case CustomerErased erased -> null;
        };
    }

    /** An opt-out comes again as a consent, from identity, which owns those. */
    private static @Nullable Stimulus ofMessage(Envelope<?> envelope, MessageEvent event) {
        return switch (event) {
            case MessageEvent.OfMessage report -> new Stimulus.Reported(envelope.id(), report);
            case MessageEvent.Replied reply -> replied(reply);
            case MessageEvent.Unsubscribed out -> null;
            case MessageEvent.StopInForce inForce -> null;
            case MessageEvent.Complained complaint -> null;
            // Its instance stays with whom it began with.
            case MessageEvent.Reassigned reassigned -> null;
        };
    }

    private static @Nullable Stimulus replied(MessageEvent.Replied reply) {
        var customer = reply.customer();
        var message = reply.message();
        return customer == null || message == null
                ? null
                : new Stimulus.Replied(customer, message, reply.channel());
    }
}
