package io.throughline.channel.http;

import io.smallrye.mutiny.Uni;
import io.throughline.channel.dispatch.Hydration;
import io.throughline.channel.dispatch.People;
import io.throughline.chassis.http.Problem;
import io.throughline.chassis.security.Roles;
import io.throughline.contracts.CustomerId;
import io.throughline.governance.policy.PublishedPolicies;
import io.throughline.governance.rules.Rules;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Gives the gate customers it does not know, from both ledgers: asked by the journey service, which
 * decides before anything is sent.
 */
@Path("/internal/gate/hydrate")
@Consumes(MediaType.APPLICATION_JSON)
public class HydrationResource {

    private static final Logger LOG = Logger.getLogger(HydrationResource.class);
    private static final int MOST_CUSTOMERS = 1_000;

    private final Hydration hydration;
    private final PublishedPolicies policies;
    private final InstantSource clock;

    HydrationResource(Hydration hydration, PublishedPolicies policies, InstantSource clock) {
        this.hydration = hydration;
        this.policies = policies;
        this.clock = clock;
    }

    /**
     * @param permissions false where the caller gives the permissions itself; absent for true
     * @param idsOf then, of some of the customers, all the ids that are theirs
     */
    public record Body(
            @Nullable List<CustomerId> customers,
            @Nullable Boolean permissions,
            @Nullable Map<String, Set<CustomerId>> idsOf) {}

    @POST
    @RolesAllowed(Roles.SERVICE)
    public Uni<Void> hydrate(@Nullable Body body) {
        List<CustomerId> asked = body == null ? null : body.customers();
        if (body == null || asked == null || asked.isEmpty() || asked.size() > MOST_CUSTOMERS) {
            throw Problem.badRequest(
                    "customers", "expected 1 to " + MOST_CUSTOMERS + " customer ids");
        }
        Set<CustomerId> customers = new LinkedHashSet<>(asked);
        Instant since = Rules.toldSince(policies.contactPolicy(), clock.instant());
        Uni<Void> hydrated =
                Boolean.FALSE.equals(body.permissions())
                        ? hydration.ofOurs(people(customers, body), since)
                        : hydration.of(customers, since, Set.of());
        return hydrated.onFailure()
                .transform(failure -> {
                    LOG.warnf("%d customers cannot be hydrated: %s", asked.size(), failure);
                    return Problem.unavailable("the gate cannot be hydrated at the moment");
                });
    }

    private static People people(Set<CustomerId> customers, Body body) {
        Map<CustomerId, Set<CustomerId>> idsOf = new HashMap<>();
        if (body.idsOf() != null) {
            try {
                body.idsOf().forEach((customer, ids) -> idsOf.put(CustomerId.of(customer), ids));
            } catch (IllegalArgumentException noId) {
                throw Problem.badRequest("idsOf", "expected ids of customers by a customer's id");
            }
        }
        return People.of(customers).and(idsOf);
    }
}
