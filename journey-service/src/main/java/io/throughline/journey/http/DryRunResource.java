package io.throughline.journey.http;

import com.fasterxml.jackson.annotation.JsonRawValue;
import io.smallrye.mutiny.Uni;
import io.throughline.chassis.http.Problem;
import io.throughline.chassis.security.Roles;
import io.throughline.journey.simulation.DryRuns;
import io.throughline.journey.store.DryRunStore.Stored;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Dry runs that were started, and what they found. */
@Path("/api/dry-runs")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Dry runs")
class DryRunResource {

    private final DryRuns dryRuns;

    DryRunResource(DryRuns dryRuns) {
        this.dryRuns = dryRuns;
    }

    /**
     * @param status {@code running}, {@code done} or {@code failed}
     * @param progress part of the customers that have been played, 0 to 1
     * @param report once it is done
     * @param failure why it failed
     */
    record View(
            UUID id,
            String journey,
            String status,
            double progress,
            @JsonRawValue @Schema(type = SchemaType.OBJECT) @Nullable String report,
            @Nullable String failure,
            Instant startedAt) {}

    @GET
    @Path("{id}")
    @RolesAllowed(Roles.VIEWER)
    @Operation(summary = "How far a dry run is, and its report")
    public Uni<View> get(@PathParam("id") UUID id) {
        return dryRuns.find(id).map(found -> view(id, found));
    }

    private static View view(UUID id, @Nullable Stored found) {
        if (found == null) {
            throw Problem.notFound("there is no dry run " + id);
        }
        return new View(
                found.id(),
                found.journey(),
                found.status(),
                progress(found),
                found.report(),
                found.failure(),
                found.startedAt());
    }

    private static double progress(Stored run) {
        if (run.status().equals("done")) {
            return 1;
        }
        return run.total() == 0 ? 0 : Math.min(1, (double) run.played() / run.total());
    }
}
