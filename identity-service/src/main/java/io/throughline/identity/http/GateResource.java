package io.throughline.identity.http;

import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.mutiny.Uni;
import io.throughline.chassis.http.Problem;
import io.throughline.chassis.security.Roles;
import io.throughline.identity.registry.GateRebuilding;
import io.throughline.identity.store.GateWorkStore.Difference;
import io.throughline.identity.store.GateWorkStore.GateWork;
import io.throughline.identity.store.GateWorkStore.Kind;
import io.throughline.identity.store.GateWorkStore.Phase;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/** The gate, written anew from the ledgers and compared with them. */
@Path("/api/gate")
@Produces(MediaType.APPLICATION_JSON)
@RolesAllowed(Roles.ADMIN)
@Tag(name = "Gate")
class GateResource {

    private final GateRebuilding rebuilding;
    private final SecurityIdentity caller;

    GateResource(GateRebuilding rebuilding, SecurityIdentity caller) {
        this.rebuilding = rebuilding;
        this.caller = caller;
    }

    /**
     * @param customers written so far
     * @param addresses written so far
     * @param verified customers compared so far
     * @param total customers there were when it began
     * @param unknown customers that the gate had no state of; it refuses them until they are
     *     hydrated, which happens before anything is sent
     * @param differences where the gate answered otherwise than the ledgers say
     * @param found the first of them
     */
    record WorkView(
            UUID id,
            Kind kind,
            Phase phase,
            long customers,
            long addresses,
            long verified,
            long total,
            long unknown,
            long differences,
            List<Difference> found,
            Instant createdAt,
            String createdBy,
            @Nullable Instant finishedAt) {

        static WorkView of(GateWork work, List<Difference> found) {
            return new WorkView(
                    work.id(),
                    work.kind(),
                    work.phase(),
                    work.customers(),
                    work.addresses(),
                    work.verified(),
                    work.total(),
                    work.unknown(),
                    work.differences(),
                    found,
                    work.createdAt(),
                    work.createdBy(),
                    work.finishedAt());
        }
    }

    @POST
    @Path("rebuilds")
    @Operation(
            summary = "Write the gate anew from the ledgers, and verify it",
            description =
                    "Every customer's consents, silences and contacts, then every address. Nothing is taken"
                            + " out first, so sending goes on meanwhile. The answer says where to ask how far"
                            + " it is.")
    @APIResponse(responseCode = "202", description = "Begun.")
    public Uni<RestResponse<WorkView>> rebuild() {
        return begin(Kind.REBUILD, "rebuilds");
    }

    @POST
    @Path("verifications")
    @Operation(
            summary = "Compare the gate with the ledgers",
            description =
                    "Asks it about every customer and address, as a message would, and counts where it"
                            + " answers otherwise than the ledgers say. Changes nothing.")
    @APIResponse(responseCode = "202", description = "Begun.")
    public Uni<RestResponse<WorkView>> verify() {
        return begin(Kind.VERIFICATION, "verifications");
    }

    @GET
    @Path("rebuilds/{id}")
    @RolesAllowed(Roles.VIEWER)
    @Operation(summary = "How far a rebuild is, and what its verification found")
    public Uni<WorkView> rebuild(@PathParam("id") UUID id) {
        return find(id, Kind.REBUILD);
    }

    @GET
    @Path("verifications/{id}")
    @RolesAllowed(Roles.VIEWER)
    @Operation(summary = "How far a verification is, and what it found")
    public Uni<WorkView> verification(@PathParam("id") UUID id) {
        return find(id, Kind.VERIFICATION);
    }

    private Uni<RestResponse<WorkView>> begin(Kind kind, String path) {
        return rebuilding
                .begin(kind, caller.getPrincipal().getName())
                .map(work ->
                        RestResponse.ResponseBuilder.<WorkView>create(RestResponse.Status.ACCEPTED)
                                .entity(WorkView.of(work, List.of()))
                                .location(URI.create("/api/gate/" + path + "/" + work.id()))
                                .build());
    }

    private Uni<WorkView> find(UUID id, Kind kind) {
        return rebuilding
                .find(id)
                .map(found ->
                        found.filter(work -> work.kind() == kind)
                                .orElseThrow(() ->
                                        Problem.notFound("there is no " + kind.word() + " " + id)))
                .chain(work ->
                        rebuilding
                                .differences(id)
                                .map(differences -> WorkView.of(work, differences)));
    }
}
