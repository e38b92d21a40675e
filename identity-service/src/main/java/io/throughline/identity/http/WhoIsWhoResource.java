package io.throughline.identity.http;

import io.smallrye.mutiny.Uni;
import io.throughline.chassis.http.Page;
import io.throughline.chassis.http.Problem;
import io.throughline.chassis.security.Roles;
import io.throughline.chassis.stream.SurroundingsFault;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Identifier;
import io.throughline.identity.registry.Separating;
import io.throughline.identity.registry.Separating.Outcome;
import io.throughline.identity.store.GraphReader;
import io.throughline.identity.store.SeparationStore.MergeRecord;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Why a customer is who she is, and what people decide about it. */
@Path("/api/customers")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Customers")
class WhoIsWhoResource {

    private static final String BY = "api";

    private final CustomerLookup lookup;
    private final GraphReader graphs;
    private final Separating separating;
    private final Naming naming;

    WhoIsWhoResource(
            CustomerLookup lookup, GraphReader graphs, Separating separating, Naming naming) {
        this.lookup = lookup;
        this.graphs = graphs;
        this.separating = separating;
        this.naming = naming;
    }

    /**
     * @param identifier {@code type:value}
     */
    record LinkRequest(@Nullable String identifier) {}

    @GET
    @Path("{id}/graph")
    @RolesAllowed(Roles.VIEWER)
    @Operation(
            summary = "Explain who the customer is",
            description =
                    "Each set of identifiers that was seen together, since when and by which event; where"
                            + " each identifier stands; links that rules refused; what people took apart.")
    public Uni<GraphReader.Graph> graph(@PathParam("id") String id) {
        return current(id).chain(graphs::graph);
    }

    @GET
    @Path("{id}/merges")
    @RolesAllowed(Roles.VIEWER)
    @Operation(summary = "List the merges that made the customer, newest first")
    public Uni<Page<MergeRecord>> merges(@PathParam("id") String id) {
        return current(id).chain(separating::merges).map(merges -> new Page<>(merges, null));
    }

    @DELETE
    @Path("{id}/merges/{merged}")
    @RolesAllowed(Roles.ADMIN)
    @Operation(
            summary = "Undo a merge",
            description =
                    "What each side held when they were merged is never one customer's again. History,"
                            + " messages and consents go with the identifiers they came under; the side that"
                            + " leaves gets a new id, named in the answer.")
    public Uni<Outcome> undo(@PathParam("id") String id, @PathParam("merged") String merged) {
        CustomerId other = id(merged, "merged");
        return current(id)
                .chain(customer -> separating.undo(customer, other, BY))
                .onItem()
                .ifNull()
                .failWith(() -> Problem.notFound("there was no such merge"))
                .onFailure(SurroundingsFault.class)
                .transform(WhoIsWhoResource::away);
    }

    @DELETE
    @Path("{id}/identifiers/{identifier}")
    @RolesAllowed(Roles.ADMIN)
    @Operation(
            summary = "Unlink an identifier",
            description =
                    "It is never this customer's again, whatever events say, until it is linked by POST."
                            + " What came under it goes with it, consents too.")
    public Uni<Outcome> unlink(
            @PathParam("id") String id, @PathParam("identifier") String identifier) {
        Identifier named = identifier(identifier);
        return current(id)
                .chain(customer -> separating.unlink(customer, named, BY))
                .onItem()
                .ifNull()
                .failWith(() ->
                        Problem.notFound("the customer does not hold " + named + " beside others"))
                .onFailure(SurroundingsFault.class)
                .transform(WhoIsWhoResource::away);
    }

    @POST
    @Path("{id}/identifiers")
    @Consumes(MediaType.APPLICATION_JSON)
    @RolesAllowed(Roles.ADMIN)
    @Operation(
            summary = "Link an identifier that was verified",
            description =
                    "As if a trusted source had said so now; limits hold, and what somebody took apart is"
                            + " joined again. 409 where a rule or what somebody took apart keeps it with"
                            + " another; that it was said is kept.")
    @RequestBody(
            content =
                    @Content(
                            examples =
                                    @ExampleObject(
                                            name = "a phone number",
                                            value = "{\"identifier\":\"phone:+34600111222\"}")))
    public Uni<Outcome> link(@PathParam("id") String id, @Nullable LinkRequest request) {
        Identifier named = identifier(request == null ? null : request.identifier());
        return current(id)
                .chain(customer -> separating.link(customer, named, BY))
                .onItem()
                .ifNull()
                .failWith(() -> Problem.notFound("the customer holds no identifier to link it to"))
                .invoke(linked -> checkLinked(named, linked))
                .onFailure(SurroundingsFault.class)
                .transform(WhoIsWhoResource::away);
    }

    private static void checkLinked(Identifier identifier, Outcome linked) {
        CustomerId holder = linked.other();
        if (holder == null) {
            throw Problem.conflict(
                    "%s is nobody's: the rules allow this customer no more of its kind, or say that it identifies nobody; see /api/identity-rules"
                            .formatted(identifier));
        }
        if (!holder.equals(linked.customer())) {
            throw Problem.conflict(
                    "%s stays with %s: the rules allow this customer no more of its kind, or what somebody took apart keeps the two apart; see /api/customers/%s/graph"
                            .formatted(identifier, holder, linked.customer()));
        }
    }

    private static Throwable away(Throwable failure) {
        return Problem.unavailable("this cannot be put in force now; try again");
    }

    private Uni<CustomerId> current(String id) {
        return lookup.current(id);
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

    private static CustomerId id(String text, String field) {
        try {
            return CustomerId.of(text);
        } catch (IllegalArgumentException e) {
            throw Problem.badRequest(field, "expected a UUID");
        }
    }
}
