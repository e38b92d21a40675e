package io.throughline.identity.http;

import io.smallrye.mutiny.Uni;
import io.throughline.chassis.http.Problem;
import io.throughline.chassis.security.Roles;
import io.throughline.contracts.CustomerId;
import io.throughline.governance.ContactGate;
import io.throughline.identity.store.CustomerReader;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Map;
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

    private final CustomerReader customers;
    private final ContactGate gate;

    HydrationResource(CustomerReader customers, ContactGate gate) {
        this.customers = customers;
        this.gate = gate;
    }

    record HydrationRequest(@Nullable List<CustomerId> customers) {}

    /**
     * @param unknown ids of nobody; the gate goes on refusing them
     */
    record HydrationAnswer(List<CustomerId> unknown) {}

    @POST
    @Operation(
            summary = "Write the permissions of customers to the gate",
            description =
                    "204 when all of them are known, 200 naming those that are not. A merged id hydrates"
                            + " the customer it became, aliases included.")
    Uni<RestResponse<HydrationAnswer>> hydrate(@Nullable HydrationRequest request) {
        List<CustomerId> asked = checked(request);
        return customers
                .current(asked)
                .chain(current -> hydrate(List.copyOf(current.values())).replaceWith(current))
                .map(current -> answer(asked, current));
    }

    private Uni<Void> hydrate(List<CustomerId> current) {
        List<CustomerId> distinct = current.stream().distinct().sorted().toList();
        return distinct.isEmpty()
                ? Uni.createFrom().voidItem()
                : customers.permissions(distinct).chain(this::write);
    }

    private Uni<Void> write(List<io.throughline.governance.CustomerHistory> histories) {
        return gate.hydrate(histories)
                .onFailure()
                .transform(e -> Problem.unavailable("the gate did not answer"));
    }

    private static RestResponse<HydrationAnswer> answer(
            List<CustomerId> asked, Map<CustomerId, CustomerId> current) {
        List<CustomerId> unknown = asked.stream().filter(id -> !current.containsKey(id)).toList();
        return unknown.isEmpty()
                ? RestResponse.noContent()
                : RestResponse.ok(new HydrationAnswer(unknown));
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
