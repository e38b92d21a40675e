package io.throughline.chassis.stream;

import io.quarkus.reactive.pg.client.PgPoolCreator;
import io.vertx.pgclient.PgBuilder;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnectOptions;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The pool of database connections, which lets no more wait for one than it can serve soon. Who
 * asked has given up long before half a minute, the client's own limit, is over; what it asked for
 * would still be done, before what somebody waits for now.
 */
@Singleton
class BoundedPool implements PgPoolCreator {

    private static final int WAIT_SECONDS = 5;

    /** More than all that runs by itself and a burst of requests; each waits milliseconds. */
    private static final int MOST_WAITING = 1_000;

    @Override
    public Pool create(Input input) {
        return PgBuilder.pool()
                .with(
                        input.poolOptions()
                                .setConnectionTimeout(WAIT_SECONDS)
                                .setConnectionTimeoutUnit(TimeUnit.SECONDS)
                                .setMaxWaitQueueSize(MOST_WAITING))
                .connectingTo(List.<SqlConnectOptions>copyOf(input.pgConnectOptionsList()))
                .using(input.vertx())
                .build();
    }
}
