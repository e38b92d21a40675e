package io.throughline.identity.http;

import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.mutiny.Uni;
import io.throughline.chassis.http.Problem;
import io.throughline.chassis.security.Roles;
import io.throughline.identity.preference.PreferenceCentre;
import io.throughline.identity.registry.Preferences;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestQuery;
import org.jspecify.annotations.Nullable;

/** What the preference centre offers. */
@Path("/api/preference-centre")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Preference centre")
class PreferenceCentreResource {

    private final Preferences preferences;
    private final SecurityIdentity caller;

    PreferenceCentreResource(Preferences preferences, SecurityIdentity caller) {
        this.preferences = preferences;
        this.caller = caller;
    }

    @GET
    @RolesAllowed(Roles.VIEWER)
    @Operation(
            summary = "Read what the preference centre offers",
            description =
                    "With version, what it offered then: evidence of a choice names the version that was"
                            + " shown.")
    public Uni<PreferenceCentre> get(@RestQuery @Nullable Integer version) {
        return version == null
                ? preferences.centre()
                : preferences
                        .centre(version)
                        .map(found ->
                                found.orElseThrow(
                                        () -> Problem.notFound("there is no version " + version)));
    }

    @PUT
    @Consumes(MediaType.APPLICATION_JSON)
    @RolesAllowed(Roles.MARKETER)
    @Operation(
            summary = "Change what the preference centre offers",
            description =
                    "version is the one it was made from. A text is one for all, or an object of texts by"
                            + " language, * for every other one.")
    @RequestBody(
            content =
                    @Content(
                            examples =
                                    @ExampleObject(
                                            name = "two topics",
                                            value =
                                                    """
                                                    {"version":0,"sender":"Example Shop","privacyUrl":"https://shop.example/privacy",
                                                     "channels":["email","sms","push"],
                                                     "topics":[{"topic":"offers","name":{"*":"Offers","de":"Angebote"},
                                                                "description":"About twice a week","channels":["email","sms"]},
                                                               {"topic":"news","name":"Newsletter","channels":["email"]}]}\
                                                    """)))
    @APIResponse(responseCode = "409", description = "Somebody changed it meanwhile.")
    public Uni<PreferenceCentre> put(@Nullable PreferenceCentreRequest request) {
        PreferenceCentre asked = PreferenceCentreRequest.checked(request);
        String by = caller.getPrincipal().getName();
        return preferences
                .centre()
                .chain(now -> {
                    if (asked.version() != now.version() + 1) {
                        throw Problem.conflict(
                                "version: it is version %d by now, this was made from %d"
                                        .formatted(now.version(), asked.version() - 1));
                    }
                    return preferences.change(asked, by);
                })
                .map(first -> {
                    if (!first) {
                        throw Problem.conflict("version: somebody changed it meanwhile");
                    }
                    return asked;
                });
    }
}
