package io.throughline.identity.registry;

import io.throughline.contracts.CustomerId;
import io.throughline.contracts.ingest.AcceptedEvent;
import io.throughline.identity.resolution.Statement;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;

/**
 * An event and whose it is.
 *
 * @param sighting what it is known by, should it turn out to be somebody else's
 */
record Owned(AcceptedEvent event, CustomerId customer, UUID sighting) {

    static List<Owned> all(
            List<AcceptedEvent> events,
            Function<AcceptedEvent, Statement> statement,
            Function<Statement, CustomerId> owner) {
        return events.stream()
                .map(event -> {
                    Statement said = statement.apply(event);
                    return new Owned(event, owner.apply(said), said.evidence().id());
                })
                .toList();
    }
}
