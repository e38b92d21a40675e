package io.throughline.identity.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.throughline.chassis.http.Problem;
import io.throughline.chassis.security.Roles;
import io.throughline.chassis.stream.SurroundingsFault;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.json.ContractJson;
import io.throughline.identity.erasure.Erasure;
import io.throughline.identity.neighbour.CustomerParts;
import io.throughline.identity.registry.Erasing;
import io.throughline.identity.store.CustomerExtract;
import io.throughline.identity.store.CustomerReader;
import io.throughline.identity.store.ErasureStore;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.ResponseStatus;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.RestResponse.ResponseBuilder;

/** What customers may ask for: to have all that is known of them, and to be forgotten. */
@Path("/api/customers")
@RolesAllowed(Roles.ADMIN)
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Erasure and export")
class CustomerRightsResource {

    private final CustomerLookup lookup;
    private final Erasing erasing;
    private final ErasureStore erasures;
    private final Parts parts;

    CustomerRightsResource(
            CustomerLookup lookup, Erasing erasing, ErasureStore erasures, Parts parts) {
        this.lookup = lookup;
        this.erasing = erasing;
        this.erasures = erasures;
        this.parts = parts;
    }

    /** Gathers an export. */
    @jakarta.enterprise.context.ApplicationScoped
    static class Parts {

        private final CustomerReader customers;
        private final CustomerExtract own;
        private final CustomerParts others;
        private final InstantSource clock;

        Parts(
                CustomerReader customers,
                CustomerExtract own,
                CustomerParts others,
                InstantSource clock) {
            this.customers = customers;
            this.own = own;
            this.others = others;
            this.clock = clock;
        }

        /** The others first: they are what may be away. */
        Uni<ObjectNode> of(CustomerId customer) {
            ObjectNode whole = ContractJson.mapper().createObjectNode();
            whole.put("customer", customer.toString());
            whole.put("exportedAt", clock.instant().toString());
            return customers
                    .aliases(customer)
                    .map(aliases -> {
                        List<CustomerId> ids = new ArrayList<>(aliases);
                        ids.add(customer);
                        return ids;
                    })
                    .chain(ids ->
                            own.of(ids)
                                    .invoke(part -> whole.set(Erasure.IDENTITY, part))
                                    .chain(() -> ofOthers(ids, whole)));
        }

        private Uni<ObjectNode> ofOthers(List<CustomerId> ids, ObjectNode whole) {
            return Multi.createFrom()
                    .iterable(CustomerParts.SERVICES)
                    .onItem()
                    .transformToUniAndConcatenate(service ->
                            others.of(service, ids).invoke(part -> whole.set(service, part)))
                    .collect()
                    .last()
                    .replaceWith(whole);
        }
    }

    @DELETE
    @Path("{id}")
    @Operation(
            summary = "Erase a customer",
            description =
                    "Removes her personal data from every service, the gate and, as they age, the logs. When"
                            + " this answers, nothing is handed over to her any more; Location tells how"
                            + " far the rest has come. Asked again it is the same erasure. Hashes of her"
                            + " addresses are kept, so that an import does not begin to write to her"
                            + " again until she asks for it.")
    @APIResponse(responseCode = "202", description = "Under way; Location is where to follow it.")
    @APIResponse(responseCode = "404", description = "Nobody ever had this id.")
    @ResponseStatus(202)
    public Uni<RestResponse<ErasureView>> erase(@PathParam("id") String id) {
        CustomerId asked = CustomerLookup.id(id);
        return erasing.erase(asked)
                .onFailure(SurroundingsFault.class)
                .transform(e ->
                        Problem.unavailable(
                                "the gate does not answer, and nobody is erased without it"))
                .map(found ->
                        found.orElseThrow(() -> Problem.notFound("there is no customer " + asked)))
                .chain(erasures::ofCustomer)
                .map(erasure -> ErasureView.of(erasure.orElseThrow()))
                .map(view ->
                        ResponseBuilder.accepted(view)
                                .header("Location", "/api/erasures/" + view.id())
                                .build());
    }

    @GET
    @Path("{id}/export")
    @Operation(
            summary = "Export everything that is known of a customer",
            description =
                    "One document with a part for each service: identity (profiles, identifiers and what"
                            + " linked each, sightings, merges, consents and their ledger, silences,"
                            + " timeline), journey, channel (messages with their content) and attribution."
                            + " Where a part cannot be had the answer is 503 naming the service; nothing is"
                            + " ever left out.")
    public Uni<ObjectNode> export(@PathParam("id") String id) {
        return lookup.current(id).chain(parts::of);
    }
}
