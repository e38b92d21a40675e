package io.throughline.chassis.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.mutiny.core.Vertx;
import io.vertx.mutiny.pgclient.PgBuilder;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.pgclient.PgConnectOptions;
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
            Throwable failure =
                    pool.query("SELECT 1")
                            .execute()
                            .map(rows -> (Throwable) new AssertionError("it was closed"))
                            .onFailure()
                            .recoverWithItem(closed -> closed)
                            .await()
                            .indefinitely();
            assertThat(Faults.passes(failure)).as(failure.toString()).isTrue();
        } finally {
            vertx.close().await().indefinitely();
        }
    }
}
