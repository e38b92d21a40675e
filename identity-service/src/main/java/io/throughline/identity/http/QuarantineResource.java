package io.throughline.identity.http;

import io.smallrye.mutiny.Uni;
import io.throughline.chassis.http.Cursor;
import io.throughline.chassis.http.Page;
import io.throughline.chassis.http.Problem;
import io.throughline.chassis.security.Roles;
import io.throughline.identity.store.QuarantineStore;
import io.throughline.identity.store.QuarantineStore.Position;
import io.throughline.identity.store.QuarantineStore.Quarantined;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Profiles that somebody should look at. */
@Path("/api/identity-rules/quarantined")
@RolesAllowed(Roles.VIEWER)
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Identity rules")
class QuarantineResource {

    private static final int MAX_LIMIT = 500;

    private final QuarantineStore quarantines;

    QuarantineResource(QuarantineStore quarantines) {
        this.quarantines = quarantines;
    }

    @GET
    @Operation(
            summary = "List profiles that have grown as far as they may",
            description =
                    "Each with the links that were refused because of that, newest first; links says how"
                            + " many there are, newest shows the last 20, the customer's graph shows all."
                            + " A profile leaves the list when its links are decided otherwise: after an"
                            + " unlink, or a change of the rules.")
    public Uni<Page<Quarantined>> list(
            @QueryParam("cursor") @Nullable String cursor,
            @QueryParam("limit") @DefaultValue("50") int limit) {
        if (limit < 1 || limit > MAX_LIMIT) {
            throw Problem.badRequest("limit", "expected 1 to " + MAX_LIMIT + ", was " + limit);
        }
        return quarantines
                .page(position(cursor), limit + 1)
                .map(found ->
                        Page.of(found, limit, last -> last.refusedAt() + "/" + last.customer()));
    }

    private static @Nullable Position position(@Nullable String cursor) {
        return Cursor.timed(cursor, (time, rest) -> new Position(time, UUID.fromString(rest)));
    }
}
