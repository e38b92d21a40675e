package io.throughline.chassis.stream;

import io.smallrye.mutiny.Uni;
import io.throughline.contracts.Envelope;
import io.vertx.mutiny.sqlclient.SqlConnection;
import java.util.List;

/** What a service does with events, within the transaction that also marks them as seen. */
@FunctionalInterface
public interface BatchHandler {

    /**
     * Applies events that were not applied before, in their order.
     *
     * <p>It may be called again with the same events when the transaction did not commit, and with
     * one of them alone when one of a batch fails; what it does outside the database must bear
     * both.
     */
    Uni<Void> handle(SqlConnection tx, List<Envelope<?>> events);
}
