package io.throughline.identity.http;

import io.smallrye.mutiny.Uni;
import io.throughline.chassis.http.Page;
import io.throughline.chassis.http.Problem;
import io.throughline.chassis.security.Roles;
import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Identifier;
import io.throughline.governance.ConsentWrite;
import io.throughline.identity.registry.OptInRequests;
import io.throughline.identity.store.CustomerReader;
import io.throughline.identity.store.OptInRequestStore.OptInRequest;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/**
 * Customers as they are known. An id that was merged away answers with the customer it became, one
 * that was erased with 410.
 */
@Path("/api/customers")
@RolesAllowed(Roles.VIEWER)
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Customers")
class CustomerResource {

    private final CustomerReader customers;
    private final CustomerViews views;
    private final OptInRequests optIns;
    private final Naming naming;
    private final CustomerLookup lookup;

    CustomerResource(
            CustomerReader customers,
            CustomerViews views,
            OptInRequests optIns,
            Naming naming,
            CustomerLookup lookup) {
        this.customers = customers;
        this.views = views;
        this.optIns = optIns;
        this.naming = naming;
        this.lookup = lookup;
    }

    /**
     * @param address where it is for one address
     */
    record ConsentView(
            Channel channel,
            @Nullable String topic,
            @Nullable String address,
            ConsentState state,
            Instant at) {

        static ConsentView of(ConsentWrite consent) {
            return new ConsentView(
                    consent.channel(),
                    consent.topic(),
                    consent.address(),
                    consent.state(),
                    consent.at());
        }
    }

    /**
     * @param current what counts now
     * @param addresses what counts for the addresses she holds, whoever said it; an opt-out of hers
     *     or of one of them stops
     * @param pending opt-ins that were asked for and that nobody has confirmed yet
     * @param ledger all that was said, newest first, at most 200 lines
     */
    record ConsentsView(
            CustomerId customer,
            List<ConsentView> current,
            List<ConsentView> addresses,
            List<OptInResource.OptInView> pending,
            List<CustomerReader.LedgerLine> ledger) {}

    @GET
    @Operation(
            summary = "Find the customer that holds an identifier",
            description = "A page of one customer, or of none.")
    public Uni<Page<CustomerViews.CustomerView>> find(
            @QueryParam("identifier") @Nullable String text) {
        return customers
                .holder(identifier(text))
                .chain(holder ->
                        holder == null
                                ? Uni.createFrom().item(new Page<>(List.of(), null))
                                : views.of(holder).map(view -> new Page<>(List.of(view), null)));
    }

    @GET
    @Path("{id}")
    @Operation(
            summary = "Read the unified profile",
            description =
                    "With what follows from events and messages: orders, revenue and averages by currency,"
                            + " engagement by channel, the favourite channel, where she can be reached and"
                            + " what is in the way, the stage of her life with us, and what models expect of her, by"
                            + " the name of the score: its value from 0 to 1, the model and its version, and"
                            + " when it was made.")
    public Uni<CustomerViews.CustomerView> read(@PathParam("id") String id) {
        return current(id).chain(views::of);
    }

    @GET
    @Path("{id}/identifiers")
    @Operation(summary = "List the identifiers and what linked each")
    public Uni<Page<CustomerReader.Link>> identifiers(@PathParam("id") String id) {
        return current(id).chain(customers::identifiers).map(links -> new Page<>(links, null));
    }

    @GET
    @Path("{id}/consents")
    @Operation(summary = "Read what counts now and the ledger it follows from")
    public Uni<ConsentsView> consents(@PathParam("id") String id) {
        return current(id)
                .chain(customer ->
                        lookup.everyIdOf(customer)
                                .chain(ids ->
                                        Uni.combine()
                                                .all()
                                                .unis(
                                                        customers.consents(customer, ids),
                                                        optIns.pending(ids))
                                                .with((found, pending) ->
                                                        consentsView(customer, found, pending))));
    }

    private Uni<CustomerId> current(String id) {
        return lookup.current(id);
    }

    private static ConsentsView consentsView(
            CustomerId customer, CustomerReader.Consents consents, List<OptInRequest> pending) {
        return new ConsentsView(
                customer,
                consents.current().stream().map(ConsentView::of).toList(),
                consents.addresses().stream().map(ConsentView::of).toList(),
                pending.stream().map(OptInResource.OptInView::pending).toList(),
                consents.ledger());
    }

    private Identifier identifier(@Nullable String text) {
        if (text == null || text.isBlank()) {
            throw Problem.badRequest(
                    "identifier", "expected type:value, as in email:ana@example.com");
        }
        try {
            return naming.identifier(text);
        } catch (IllegalArgumentException e) {
            throw Problem.badRequest("identifier", String.valueOf(e.getMessage()));
        }
    }
}
