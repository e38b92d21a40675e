package io.throughline.channel.dispatch;

import io.smallrye.mutiny.Uni;
import io.throughline.contracts.CustomerId;
import java.util.Set;

/** Has the consents, silences and zones of customers written to the gate by who keeps them. */
@FunctionalInterface
public interface Permissions {

    Uni<Void> hydrate(Set<CustomerId> customers);
}
