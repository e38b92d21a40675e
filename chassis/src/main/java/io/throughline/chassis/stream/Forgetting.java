package io.throughline.chassis.stream;

import io.smallrye.mutiny.Uni;
import io.throughline.contracts.Envelope;
import io.vertx.mutiny.sqlclient.SqlConnection;
import java.util.List;
import java.util.UUID;

/** How a service forgets ids that are {@link Gone}. */
public interface Forgetting {

    /** Removes all there is of them; called more than once for each. */
    Uni<Void> forget(SqlConnection tx, List<UUID> ids);

    /** Events are not applied, since they tell of nobody else than of ids that are gone. */
    default Uni<Void> dropped(SqlConnection tx, List<Envelope<?>> events) {
        return Uni.createFrom().voidItem();
    }

    /** Nothing is left of what went, and nothing can come back. */
    Uni<Void> forgotten(SqlConnection tx, Gone.Cause cause);
}
