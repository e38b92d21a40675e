package io.throughline.identity.http;

import io.smallrye.mutiny.Uni;
import io.throughline.chassis.http.Problem;
import io.throughline.chassis.security.Roles;
import io.throughline.chassis.stream.SurroundingsFault;
import io.throughline.contracts.CustomerId;
import io.throughline.identity.registry.Hydration;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/** Gives the gate back what it lost (promise P7); asked by the channel service before it sends. */
@Path("/internal/gate/hydrate")
@RolesAllowed(Roles.SERVICE)
@Consumes(MediaType.APPLICATION_JSON)
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Internal")
class HydrationResource {

    private static final int MAX_CUSTOMERS = 1_000;

    private final Hydration hydration;

    HydrationResource(Hydration hydration) {
        this.hydration = hydration;
    }

    record HydrationRequest(@Nullable List<CustomerId> customers) {}

    /**
     * @param unknown ids of nobody; the gate goes on refusing them
     * @param idsOf of each that is more than one customer by now, all the ids that are hers
     */
    record HydrationAnswer(List<CustomerId> unknown, Map<CustomerId, Set<CustomerId>> idsOf) {}

    @POST
    @Operation(
            summary = "Write the permissions of customers to the gate",
            description =
                    "204 when all of them are known and were ever one customer each; 200 naming those"
                            + " that are not, and all ids of those that became one. A merged id"
                            + " hydrates the customer it became, aliases included.")
    public Uni<RestResponse<HydrationAnswer>> hydrate(@Nullable HydrationRequest request) {
        List<CustomerId> asked = checked(request);
        return hydration
                .hydrate(asked)
                .map(HydrationResource::answer)
                .onFailure(SurroundingsFault.class)
                .transform(e -> Problem.unavailable("the gate cannot be hydrated at the moment"));
    }

    private static RestResponse<HydrationAnswer> answer(Hydration.Hydrated hydrated) {
        return hydrated.unknown().isEmpty() && hydrated.idsOf().isEmpty()
                ? RestResponse.noContent()
                : RestResponse.ok(new HydrationAnswer(hydrated.unknown(), hydrated.idsOf()));
    }

    private static List<CustomerId> checked(@Nullable HydrationRequest request) {
        List<CustomerId> asked = request == null ? null : request.customers();
        if (asked == null || asked.isEmpty() || asked.size() > MAX_CUSTOMERS) {
            throw Problem.badRequest(
                    "customers", "expected 1 to " + MAX_CUSTOMERS + " customer ids");
        }
        return asked;
    }
}
