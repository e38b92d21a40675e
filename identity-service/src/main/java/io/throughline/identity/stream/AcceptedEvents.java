package io.throughline.identity.stream;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.Uni;
import io.throughline.chassis.stream.Gathering;
import io.throughline.chassis.stream.Intake;
import io.throughline.contracts.Envelope;
import io.throughline.contracts.ingest.AcceptedEvent;
import io.throughline.identity.registry.BehindTheLog;
import io.throughline.identity.store.AcceptedMessages;
import io.vertx.core.Vertx;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.eclipse.microprofile.reactive.messaging.Acknowledgment;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.jboss.logging.Logger;

/**
 * Reads the log of accepted events.
 *
 * <p>A message that was sent twice has the same id in the log both times and does not get here
 * again. So what comes under a message id that is used says something else under it: it is dropped,
 * and counted, since somebody's library makes the same id twice.
 */
@ApplicationScoped
class AcceptedEvents {

    private static final Logger LOG = Logger.getLogger(AcceptedEvents.class);

    private final Gathering batches;
    private final BehindTheLog registry;
    private final AcceptedMessages messages;
    private final Counter conflicts;

    AcceptedEvents(
            Vertx vertx,
            Intake intake,
            BehindTheLog registry,
            AcceptedMessages messages,
            MeterRegistry metrics) {
        this.batches = new Gathering(vertx, records -> intake.process(records, this::apply));
        this.registry = registry;
        this.messages = messages;
        this.conflicts = metrics.counter("throughline.events.conflicting");
    }

    @Incoming("events")
    @Acknowledgment(Acknowledgment.Strategy.MANUAL)
    Uni<Void> read(Message<ConsumerRecords<String, byte[]>> poll) {
        return batches.take(poll);
    }

    private Uni<Void> apply(SqlConnection tx, List<Envelope<?>> envelopes) {
        List<AcceptedEvent> events =
                envelopes.stream()
                        .map(Envelope::data)
                        .filter(AcceptedEvent.class::isInstance)
                        .map(AcceptedEvent.class::cast)
                        .toList();
        return messages.known(tx, events)
                .chain(known -> registry.apply(tx, events).invoke(() -> count(known)));
    }

    private void count(List<AcceptedEvent> known) {
        if (!known.isEmpty()) {
            AcceptedEvent first = known.getFirst();
            LOG.warnf(
                    "%d events were dropped, their message ids are used for others: the first is %s of source %s",
                    known.size(), first.messageId(), first.source());
            conflicts.increment(known.size());
        }
    }
}
