package io.throughline.chassis.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.core.Vertx;
import io.vertx.mutiny.core.net.NetServer;
import io.vertx.mutiny.pgclient.PgBuilder;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.PoolOptions;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class FaultsTest {

    /** Records under way when a process is told to end would else be set aside as if unreadable. */
    @Test
    void aProcessThatGoesDownSetsNothingAside() {
        Vertx vertx = Vertx.vertx();
        try {
            Pool pool =
                    PgBuilder.pool()
                            .connectingTo(new PgConnectOptions().setHost("127.0.0.1").setPort(1))
                            .using(vertx)
                            .build();
            pool.close().await().indefinitely();
            assertPasses(pool.query("SELECT 1").execute());
        } finally {
            vertx.close().await().indefinitely();
        }
    }

    /** Records would be set aside as if unreadable because the process has much to do. */
    @Test
    void whoFindsNoConnectionFreeTriesAgain() {
        Vertx vertx = Vertx.vertx();
        try {
            NetServer silent =
                    vertx.createNetServer()
                            .connectHandler(socket -> {})
                            .listen(0, "127.0.0.1")
                            .await()
                            .indefinitely();
            Pool pool =
                    PgBuilder.pool()
                            .with(
                                    new PoolOptions()
                                            .setMaxSize(1)
                                            .setConnectionTimeout(20)
                                            .setConnectionTimeoutUnit(TimeUnit.MILLISECONDS))
                            .connectingTo(
                                    new PgConnectOptions()
                                            .setHost("127.0.0.1")
                                            .setPort(silent.actualPort()))
                            .using(vertx)
                            .build();
            assertPasses(pool.withTransaction(tx -> tx.query("SELECT 1").execute()));
            assertPasses(pool.query("SELECT 1").execute());
        } finally {
            vertx.close().await().indefinitely();
        }
    }

    private static void assertPasses(Uni<?> work) {
        Throwable failure =
                work.map(rows -> (Throwable) new AssertionError("it cannot be done"))
                        .onFailure()
                        .recoverWithItem(refused -> refused)
                        .await()
                        .indefinitely();
        assertThat(Faults.passes(failure)).as(failure.toString()).isTrue();
    }
}
