package io.throughline.chassis.stream;

import io.smallrye.mutiny.Uni;
import io.throughline.contracts.Envelope;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Forgets rows of what was applied. */
@ApplicationScoped
class TestForgetting implements Forgetting {

    private final Queue<Gone.Cause> forgotten = new ConcurrentLinkedQueue<>();

    private final Queue<Envelope<?>> dropped = new ConcurrentLinkedQueue<>();

    private final Queue<UUID> asked = new ConcurrentLinkedQueue<>();

    @Override
    public Uni<Void> forget(SqlConnection tx, List<UUID> ids) {
        asked.addAll(ids);
        return tx.preparedQuery("DELETE FROM applied WHERE event_id = ANY($1)")
                .execute(Tuple.of((Object) ids.toArray(UUID[]::new)))
                .replaceWithVoid();
    }

    @Override
    public Uni<Void> dropped(SqlConnection tx, List<Envelope<?>> events) {
        return Uni.createFrom().voidItem().invoke(() -> dropped.addAll(events));
    }

    @Override
    public Uni<Void> forgotten(SqlConnection tx, Gone.Cause cause) {
        return Uni.createFrom().voidItem().invoke(() -> forgotten.add(cause));
    }

    Queue<Envelope<?>> dropped() {
        return dropped;
    }

    Queue<UUID> asked() {
        return asked;
    }

    Queue<Gone.Cause> forgotten() {
        return forgotten;
    }
}
