package io.throughline.channel.stream;

import io.smallrye.mutiny.Uni;
import io.throughline.channel.dispatch.DispatchLoop;
import io.throughline.channel.store.SendLedger;
import io.throughline.channel.store.Withdrawals;
import io.throughline.chassis.stream.Gathering;
import io.throughline.chassis.stream.Intake;
import io.throughline.contracts.Channel;
import io.throughline.contracts.ContractEvent;
import io.throughline.contracts.Envelope;
import io.throughline.contracts.message.MessageRequested;
import io.throughline.contracts.message.WithdrawalRequested;
import io.vertx.core.Vertx;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.eclipse.microprofile.reactive.messaging.Acknowledgment;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.eclipse.microprofile.reactive.messaging.Message;

/** Queues what journeys ask for, and takes back out of the queue what they want no more. */
@ApplicationScoped
class RequestedMessages {

    private final Gathering batches;
    private final SendLedger ledger;
    private final Withdrawals withdrawals;
    private final InstantSource clock;

    RequestedMessages(
            Vertx vertx,
            Intake intake,
            SendLedger ledger,
            Withdrawals withdrawals,
            DispatchLoop loop,
            InstantSource clock) {
        this.batches =
                new Gathering(
                        vertx,
                        records -> {
                            Set<Channel> queued = EnumSet.noneOf(Channel.class);
                            return intake.process(
                                            records, (tx, events) -> queue(tx, events, queued))
                                    .invoke(() -> loop.wake(queued));
                        });
        this.ledger = ledger;
        this.withdrawals = withdrawals;
        this.clock = clock;
    }

    @Incoming("requested")
    @Acknowledgment(Acknowledgment.Strategy.MANUAL)
    Uni<Void> consume(Message<ConsumerRecords<String, byte[]>> poll) {
        return batches.take(poll);
    }

    private Uni<Void> queue(SqlConnection tx, List<Envelope<?>> events, Set<Channel> queued) {
        List<MessageRequested> requested = of(events, MessageRequested.class);
        requested.forEach(message -> queued.add(message.channel()));
        Instant now = clock.instant();
        return ledger.queue(tx, requested, now)
                .chain(() ->
                        withdrawals.take(
                                tx, of(events, WithdrawalRequested.class), requested, now));
    }

    private static <E extends ContractEvent> List<E> of(List<Envelope<?>> events, Class<E> type) {
        return events.stream()
                .map(Envelope::data)
                .filter(type::isInstance)
                .map(type::cast)
                .toList();
    }
}
