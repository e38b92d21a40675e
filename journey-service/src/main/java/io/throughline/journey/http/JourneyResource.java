package io.throughline.journey.http;

import io.smallrye.mutiny.Uni;
import io.throughline.chassis.http.Cursor;
import io.throughline.chassis.http.Page;
import io.throughline.chassis.security.Roles;
import io.throughline.journey.store.Journeys;
import io.throughline.journey.store.Journeys.Summary;
import io.throughline.journey.timer.TimerLoop;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/** Journeys and their versions. */
@Path("/api/journeys")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Journeys")
class JourneyResource {

    private static final String EXAMPLE =
            """
            journey: cart-abandonment
            category: marketing
            entry: { on: Checkout Started, when: "event.properties.value >= 20.0", again-after: P1D }
            exit:  [ { on: Order Completed } ]
            goal:  { on: Order Completed, within: P3D, value: event.properties.total, silence: P2D }
            holdout: 10%
            steps:
              - wait: PT45M
              - send: { channel: email, template: cart-first }
            """;

    private final Journeys journeys;
    private final Drafts drafts;
    private final TimerLoop timers;
    private final Bodies bodies;

    JourneyResource(Journeys journeys, Drafts drafts, TimerLoop timers, Bodies bodies) {
        this.bodies = bodies;
        this.journeys = journeys;
        this.drafts = drafts;
        this.timers = timers;
    }

    /**
     * @param version absent for the latest
     */
    record Activation(@Nullable Integer version) {
        static final Activation LATEST = new Activation(null);
    }

    @GET
    @RolesAllowed(Roles.VIEWER)
    @Operation(summary = "Journeys in the order of their keys")
    public Uni<Page<Summary>> list(
            @QueryParam("cursor") @Nullable String cursor,
            @QueryParam("limit") @DefaultValue("50") int limit) {
        int size = Limits.checked(limit);
        return journeys.page(Cursor.decode(cursor), size + 1)
                .map(found -> Page.of(found, size, Summary::journey));
    }

    @GET
    @Path("{key}")
    @RolesAllowed(Roles.VIEWER)
    @Operation(summary = "A journey, with its latest version or the one asked for")
    public Uni<JourneyView> get(
            @PathParam("key") String key, @QueryParam("version") @Nullable Integer version) {
        return journeys.find(key, version).map(JourneyView::of);
    }

    @PUT
    @Path("{key}")
    @RolesAllowed(Roles.MARKETER)
    @Consumes({
        "application/yaml",
        "text/yaml",
        "application/x-yaml",
        "text/x-yaml",
        MediaType.TEXT_PLAIN,
        MediaType.APPLICATION_JSON
    })
    @Operation(
            summary = "Stores a new version of a journey; nobody enters it before it is activated",
            description =
                    "YAML or JSON. Refused with every field that is wrong, also where a template or"
                            + " a route is missing.")
    @RequestBody(
            content =
                    @Content(
                            mediaType = "application/yaml",
                            examples = @ExampleObject(name = "journey", value = EXAMPLE)))
    public Uni<RestResponse<Summary>> put(
            @PathParam("key") String key,
            @HeaderParam(HttpHeaders.CONTENT_TYPE) @DefaultValue("application/yaml")
                    String mediaType,
            String text) {
        return drafts.read(key, text)
                .chain(document -> journeys.put(document, text, mediaType))
                .map(JourneyResource::stored);
    }

    @POST
    @Path("{key}/activate")
    @RolesAllowed(Roles.MARKETER)
    @Operation(
            summary = "Lets customers in, into the latest version or the one asked for",
            description = "Customers that are in a version already finish on theirs.")
    @Consumes(MediaType.WILDCARD)
    @RequestBody(
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON,
                            schema = @Schema(implementation = Activation.class),
                            examples = @ExampleObject(name = "one", value = "{\"version\": 2}")))
    public Uni<Summary> activate(@PathParam("key") String key, @Nullable String body) {
        Activation wanted = bodies.read(body, Activation.class, Activation.LATEST);
        return journeys.activate(key, wanted.version()).invoke(ignored -> timers.wake());
    }

    @POST
    @Path("{key}/pause")
    @RolesAllowed(Roles.MARKETER)
    @Operation(summary = "Lets nobody in and holds timers until the journey is activated again")
    public Uni<Summary> pause(@PathParam("key") String key) {
        return journeys.pause(key);
    }

    @POST
    @Path("{key}/archive")
    @RolesAllowed(Roles.MARKETER)
    @Operation(summary = "Ends the journey: whoever is in it leaves")
    public Uni<Summary> archive(@PathParam("key") String key) {
        return journeys.archive(key).invoke(ignored -> timers.wake());
    }

    private static RestResponse<Summary> stored(Summary summary) {
        return RestResponse.ResponseBuilder.create(
                        summary.latestVersion() == 1
                                ? RestResponse.Status.CREATED
                                : RestResponse.Status.OK,
                        summary)
                .build();
    }
}
