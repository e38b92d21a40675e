package io.throughline.identity.http;

import io.smallrye.mutiny.Uni;
import io.throughline.chassis.http.Cursor;
import io.throughline.chassis.http.Page;
import io.throughline.chassis.http.Problem;
import io.throughline.chassis.security.Roles;
import io.throughline.identity.store.ErasureStore;
import io.throughline.identity.store.ErasureStore.Position;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Reports of erasures. They name the ids that customers had, and nothing else. */
@Path("/api/erasures")
@RolesAllowed(Roles.ADMIN)
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Erasure and export")
class ErasureResource {

    private static final int MAX_LIMIT = 500;

    private final ErasureStore erasures;

    ErasureResource(ErasureStore erasures) {
        this.erasures = erasures;
    }

    @GET
    @Operation(summary = "List erasures, newest first")
    public Uni<Page<ErasureView>> list(
            @QueryParam("cursor") @Nullable String cursor,
            @QueryParam("limit") @DefaultValue("50") int limit) {
        if (limit < 1 || limit > MAX_LIMIT) {
            throw Problem.badRequest("limit", "expected 1 to " + MAX_LIMIT + ", was " + limit);
        }
        return erasures.page(position(cursor), limit + 1)
                .map(found ->
                        Page.of(
                                found.stream().map(ErasureView::of).toList(),
                                limit,
                                last -> last.askedAt() + "/" + last.id()));
    }

    @GET
    @Path("{id}")
    @Operation(
            summary = "Read how far an erasure has come",
            description =
                    "complete when every service has confirmed that it holds nothing any more. The logs"
                            + " forget by age: topics says by when, and when it was seen that they have.")
    public Uni<ErasureView> read(@PathParam("id") UUID id) {
        return erasures.find(id)
                .map(found ->
                        ErasureView.of(
                                found.orElseThrow(
                                        () -> Problem.notFound("there is no erasure " + id))));
    }

    private static @Nullable Position position(@Nullable String cursor) {
        return Cursor.timed(cursor, (time, rest) -> new Position(time, UUID.fromString(rest)));
    }
}
