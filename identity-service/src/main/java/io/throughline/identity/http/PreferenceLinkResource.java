package io.throughline.identity.http;

import io.smallrye.mutiny.Uni;
import io.throughline.chassis.security.Roles;
import io.throughline.identity.registry.Preferences;
import io.vertx.core.http.HttpServerRequest;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import java.time.Duration;
import java.time.Instant;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Links to the preference centre for a page where the customer is logged in. */
@Path("/api/customers/{id}/preference-links")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Preference centre")
class PreferenceLinkResource {

    /** As long as a link in a message works. */
    private static final Duration VALID = Duration.ofDays(365);

    private final Preferences preferences;
    private final CustomerLookup lookup;
    private final PublicAddress here;

    PreferenceLinkResource(Preferences preferences, CustomerLookup lookup, PublicAddress here) {
        this.preferences = preferences;
        this.lookup = lookup;
        this.here = here;
    }

    record LinkView(String url, Instant expiresAt) {}

    @POST
    @RolesAllowed(Roles.MARKETER)
    @Operation(
            summary = "Make a link to a customer's preference centre",
            description =
                    "For a page of yours where the customer is logged in. Whoever has the link decides for"
                            + " the customer; it works for a year. Messages have their own:"
                            + " {{ preferences_url }}.")
    public Uni<LinkView> link(@PathParam("id") String id, @Context HttpServerRequest request) {
        return lookup.current(id)
                .chain(customer -> preferences.link(customer, VALID))
                .map(link ->
                        new LinkView(
                                here.of(request).url() + "/preferences/" + link.token(),
                                link.expiresAt()));
    }
}
