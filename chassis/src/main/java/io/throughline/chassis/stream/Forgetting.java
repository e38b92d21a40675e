package io.throughline.chassis.stream;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.SqlConnection;
import java.util.List;
import java.util.UUID;

/** How a service forgets ids that are {@link Gone}. */
public interface Forgetting {

    /** Removes all there is of them; called more than once for each. */
    Uni<Void> forget(SqlConnection tx, List<UUID> ids);

    /** Nothing is left of what went, and nothing can come back. */
    Uni<Void> forgotten(SqlConnection tx, Gone.Cause cause);
}
