package io.throughline.identity.registry;

import io.smallrye.mutiny.Uni;
import io.throughline.chassis.stream.Forgetting;
import io.throughline.chassis.stream.Gone;
import io.throughline.chassis.stream.Outbox;
import io.throughline.contracts.ContractEvent;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Envelope;
import io.throughline.contracts.Topics;
import io.throughline.contracts.prediction.ScoresPredicted;
import io.throughline.identity.erasure.Erasure;
import io.throughline.identity.store.ErasureStore;
import io.throughline.identity.store.ErasureStore.Confirmation;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;

/** Clears away what came of an erased customer while she was being erased. */
@ApplicationScoped
class Forgetter implements Forgetting {

    private final ErasureStore erasures;
    private final Outbox outbox;
    private final InstantSource clock;

    Forgetter(ErasureStore erasures, Outbox outbox, InstantSource clock) {
        this.erasures = erasures;
        this.outbox = outbox;
        this.clock = clock;
    }

    @Override
    public Uni<Void> forget(SqlConnection tx, List<UUID> ids) {
        return erasures.forget(tx, ids.stream().map(CustomerId::new).toList());
    }

    /** The log of predictions keeps the newest of a customer for good, unless it is taken out. */
    @Override
    public Uni<Void> dropped(SqlConnection tx, List<Envelope<?>> events) {
        return outbox.appendTombstones(
                tx,
                Topics.PREDICTIONS,
                events.stream()
                        .map(Envelope::data)
                        .filter(ScoresPredicted.class::isInstance)
                        .map(ContractEvent::partitionKey)
                        .toList());
    }

    @Override
    public Uni<Void> forgotten(SqlConnection tx, Gone.Cause cause) {
        return erasures.confirm(
                tx, List.of(new Confirmation(cause.cause(), Erasure.IDENTITY, clock.instant())));
    }
}
