package io.throughline.journey.neighbour;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.throughline.contracts.CustomerId;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.URI;
import java.util.List;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The identity service, which owns the consent ledger. */
@ApplicationScoped
public class IdentityService {

    /** As many as the route takes at once. */
    private static final int MOST = 1000;

    private final InternalApi api;
    private final URI url;

    IdentityService(InternalApi api, @ConfigProperty(name = "throughline.identity.url") URI url) {
        this.api = api;
        this.url = url;
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
        return api.post(url, "/internal/gate/hydrate", new Hydration(customers)).replaceWithVoid();
    }
}
