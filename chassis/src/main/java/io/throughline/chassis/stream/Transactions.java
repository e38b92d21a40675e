package io.throughline.chassis.stream;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * Units of work on the service's database; what they append to the outbox is published as soon as
 * they commit.
 */
@ApplicationScoped
public class Transactions {

    private final Pool pool;
    private final OutboxRelay relay;

    /** Of each open transaction, a bit for every shard of the outbox that it has appended to. */
    private final Map<SqlConnection, AtomicInteger> appended = new ConcurrentHashMap<>();

    Transactions(Pool pool, OutboxRelay relay) {
        this.pool = pool;
        this.relay = relay;
    }

    /** Commits when the work's {@code Uni} gives its item, rolls back when it fails. */
    public <T> Uni<T> inTransaction(Function<SqlConnection, Uni<T>> work) {
        return Uni.createFrom()
                .deferred(() -> {
                    AtomicInteger shards = new AtomicInteger();
                    return pool.withTransaction(
                                    tx -> {
                                        appended.put(tx, shards);
                                        return work.apply(tx)
                                                .onTermination()
                                                .invoke(() -> appended.remove(tx));
                                    })
                            .invoke(() -> relay.wake(shards.get()));
                });
    }

    /** Remembers what has to be published after the commit. */
    void appended(SqlConnection tx, int shards) {
        AtomicInteger soFar = appended.get(tx);
        if (soFar != null) {
            soFar.accumulateAndGet(shards, (one, other) -> one | other);
        }
    }
}
