package io.throughline.channel.dispatch;

import io.smallrye.mutiny.Uni;
import io.throughline.contracts.CustomerId;
import java.util.Map;
import java.util.Set;

/** Has the consents, silences and zones of customers written to the gate by who keeps them. */
@FunctionalInterface
public interface Permissions {

    /**
     * @return of those that are, or were, more than one customer, all the ids that are hers by now
     */
    Uni<Map<CustomerId, Set<CustomerId>>> hydrate(Set<CustomerId> customers);
}
