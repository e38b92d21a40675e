package io.throughline.journey.neighbour;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.throughline.contracts.CustomerId;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/** The identity service, which owns the consent ledger. */
@ApplicationScoped
public class IdentityService {

    /** As many as the route takes at once. */
    private static final int MOST = 1000;

    private final InternalApi api;
    private final Neighbours neighbours;

    IdentityService(InternalApi api, Neighbours neighbours) {
        this.api = api;
        this.neighbours = neighbours;
    }

    private record Hydration(List<CustomerId> customers) {}

    /** Has the gate told what the consent ledger knows of these customers. */
    public Uni<Void> hydrate(List<CustomerId> customers) {
        return Multi.createFrom()
                .iterable(customers)
                .group()
                .intoLists()
                .of(MOST)
                .onItem()
                .transformToUniAndConcatenate(this::hydrateSome)
                .collect()
                .last()
                .replaceWithVoid();
    }

    private Uni<Void> hydrateSome(List<CustomerId> customers) {
        return api.post(
                        neighbours.identity().url(),
                        "/internal/gate/hydrate",
                        new Hydration(customers))
                .replaceWithVoid();
    }
}
