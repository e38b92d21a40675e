package io.throughline.chassis.stream;

import io.smallrye.mutiny.Uni;
import io.throughline.contracts.Envelope;
import io.throughline.contracts.customer.CustomersMerged;
import io.vertx.core.Vertx;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.ConnectException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.eclipse.microprofile.reactive.messaging.Acknowledgment;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.eclipse.microprofile.reactive.messaging.Message;

/** Applies merges by writing them down; can be told to misbehave by what the merge's cause says. */
@ApplicationScoped
class TestConsumer {

    static final String POISON = "poison";
    static final AtomicInteger OUTAGES = new AtomicInteger();

    private final Gathering batches;

    TestConsumer(Vertx vertx, Intake intake) {
        this.batches = new Gathering(vertx, records -> intake.process(records, this::apply));
    }

    @Incoming("customers")
    @Acknowledgment(Acknowledgment.Strategy.MANUAL)
    Uni<Void> consume(Message<ConsumerRecords<String, byte[]>> poll) {
        return batches.take(poll);
    }

    private Uni<Void> apply(SqlConnection tx, List<Envelope<?>> events) {
        Uni<Void> applied = Uni.createFrom().voidItem();
        for (Envelope<?> event : events) {
            applied = applied.chain(() -> apply(tx, event));
        }
        return applied.chain(() ->
                OUTAGES.getAndUpdate(n -> Math.max(0, n - 1)) > 0
                        ? Uni.createFrom()
                                .failure(new SurroundingsFault("away", new ConnectException()))
                        : Uni.createFrom().voidItem());
    }

    private Uni<Void> apply(SqlConnection tx, Envelope<?> event) {
        if (!(event.data() instanceof CustomersMerged merged)) {
            return Uni.createFrom().voidItem();
        }
        if (merged.cause().equals(POISON)) {
            return Uni.createFrom().failure(new IllegalStateException("cannot be applied"));
        }
        return tx.preparedQuery("INSERT INTO applied (event_id, cause) VALUES ($1, $2)")
                .execute(Tuple.of(event.id(), merged.cause()))
                .replaceWithVoid();
    }
}
