package io.throughline.chassis.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smallrye.mutiny.Uni;
import io.throughline.chassis.security.Roles;
import jakarta.annotation.security.RolesAllowed;
import jakarta.enterprise.inject.Instance;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Tells another service all that this one keeps of somebody. */
@Path("/internal/export")
@RolesAllowed(Roles.SERVICE)
@Consumes(MediaType.APPLICATION_JSON)
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Internal")
class ExtractResource {

    private static final int MOST_IDS = 10_000;

    private final Extract extract;
    private final Instance<Extract.Known> known;

    ExtractResource(Extract extract, Instance<Extract.Known> known) {
        this.extract = extract;
        this.known = known;
    }

    record ExtractRequest(@Nullable List<UUID> ids) {}

    @POST
    @Operation(
            summary = "Export everything that this service keeps of some ids",
            description = "A list of rows a part; 413 where a part has too many.")
    public Uni<ObjectNode> export(@Nullable ExtractRequest request) {
        if (!known.isResolvable()) {
            throw Problem.notFound("this service keeps nothing of anybody");
        }
        return extract.of(checked(request), known.get().parts());
    }

    private static List<UUID> checked(@Nullable ExtractRequest request) {
        List<UUID> ids = request == null ? null : request.ids();
        if (ids == null || ids.isEmpty() || ids.size() > MOST_IDS) {
            throw Problem.badRequest("ids", "expected 1 to " + MOST_IDS + " ids");
        }
        return ids;
    }
}
