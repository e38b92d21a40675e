package io.throughline.channel.inbound;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.smallrye.mutiny.Uni;
import io.throughline.channel.recall.Recalling;
import io.throughline.channel.store.Recalls.Asked;
import io.throughline.chassis.stream.Outbox;
import io.throughline.chassis.stream.Transactions;
import io.throughline.contracts.Channel;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.message.MessageEvent;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * What is left to do once a stop is in force: to tell how soon it was, and to take back what is
 * with carriers already. Whoever said it does not wait for this. Where it fails, a time is not told
 * of; what is to be taken back is found again when identity tells of the opt-out.
 */
@ApplicationScoped
class AfterStops {

    private static final Logger LOG = Logger.getLogger(AfterStops.class);

    private final Transactions transactions;
    private final Outbox outbox;
    private final Recalling recalling;
    private final MeterRegistry registry;
    private final InstantSource clock;

    AfterStops(
            Transactions transactions,
            Outbox outbox,
            Recalling recalling,
            MeterRegistry registry,
            InstantSource clock) {
        this.transactions = transactions;
        this.outbox = outbox;
        this.recalling = recalling;
        this.registry = registry;
        this.clock = clock;
    }

    /**
     * @param at when it was said here
     */
    record Stopped(Channel channel, String address, Speakers speakers, String means, Instant at) {}

    /** Called when the gate has answered, and before whoever stopped is. */
    void inForce(Stopped stop) {
        Instant now = clock.instant();
        Timer.builder("throughline.optout.in.force")
                .description("From the request to opt out until the gate refuses")
                .tag("channel", stop.channel().word())
                .tag("means", stop.means())
                .publishPercentiles(0.5, 0.99)
                .register(registry)
                .record(Duration.between(stop.at(), now));
        transactions
                .inTransaction(tx -> tell(tx, stop, now))
                .subscribe()
                .with(
                        done -> {},
                        failure ->
                                LOG.warnf(
                                        "it is not told how soon a stop was in force: %s",
                                        failure));
    }

    private Uni<Void> tell(SqlConnection tx, Stopped stop, Instant inForceAt) {
        List<MessageEvent> events = new ArrayList<>();
        List<Asked> asked = new ArrayList<>();
        for (@Nullable CustomerId customer : stop.speakers().orNobody()) {
            events.add(
                    new MessageEvent.StopInForce(
                            stop.speakers().messageOf(customer),
                            customer,
                            stop.channel(),
                            stop.address(),
                            stop.means(),
                            stop.at(),
                            inForceAt,
                            inForceAt));
            if (customer != null) {
                asked.add(new Asked(customer, stop.channel(), null, stop.at()));
            }
        }
        return outbox.append(tx, events).chain(() -> recalling.ask(tx, asked));
    }
}
