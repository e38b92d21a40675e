package io.throughline.journey.http;

import io.smallrye.mutiny.Uni;
import io.throughline.chassis.http.Cursor;
import io.throughline.chassis.http.Page;
import io.throughline.chassis.http.Problem;
import io.throughline.chassis.security.Roles;
import io.throughline.contracts.CustomerId;
import io.throughline.journey.store.InstanceStore;
import io.throughline.journey.store.InstanceStore.Listed;
import io.throughline.journey.store.Journeys;
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

/** Who is in a journey, and who was. */
@Path("/api/journeys/{key}/instances")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Journeys")
class InstanceResource {

    private final Journeys journeys;
    private final InstanceStore instances;

    InstanceResource(Journeys journeys, InstanceStore instances) {
        this.journeys = journeys;
        this.instances = instances;
    }

    @GET
    @RolesAllowed(Roles.VIEWER)
    @Operation(
            summary = "Instances in the order of entry",
            description =
                    "status is running or left; customer is the id of a customer who was not merged"
                            + " into another.")
    public Uni<Page<Listed>> list(
            @PathParam("key") String key,
            @QueryParam("status") @Nullable String status,
            @QueryParam("customer") @Nullable String customer,
            @QueryParam("cursor") @Nullable String cursor,
            @QueryParam("limit") @DefaultValue("50") int limit) {
        int size = Limits.checked(limit);
        String wanted = status(status);
        UUID of = uuid("customer", customer);
        UUID after = uuid("cursor", Cursor.decode(cursor));
        return journeys.find(key, null)
                .chain(found ->
                        instances.page(
                                key,
                                wanted,
                                of == null ? null : new CustomerId(of),
                                after,
                                size + 1))
                .map(found -> Page.of(found, size, listed -> listed.id().toString()));
    }

    private static @Nullable String status(@Nullable String status) {
        if (status != null && !status.equals("running") && !status.equals("left")) {
            throw Problem.badRequest("status", "expected running or left, was '" + status + "'");
        }
        return status;
    }

    private static @Nullable UUID uuid(String field, @Nullable String text) {
        if (text == null) {
            return null;
        }
        try {
            return UUID.fromString(text);
        } catch (IllegalArgumentException e) {
            throw Problem.badRequest(field, "expected an id, was '" + text + "'");
        }
    }
}
