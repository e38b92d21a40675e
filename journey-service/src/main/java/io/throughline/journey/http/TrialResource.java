package io.throughline.journey.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.smallrye.mutiny.Uni;
import io.throughline.chassis.http.Problem;
import io.throughline.chassis.security.Roles;
import io.throughline.journey.simulation.DryRuns;
import io.throughline.journey.simulation.DryRuns.Trial;
import io.throughline.journey.store.Journeys;
import io.throughline.journey.store.Journeys.Detail;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/** What a journey would have done with what customers did so far; nothing is sent. */
@Path("/api/journeys/{key}/dry-runs")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Dry runs")
class TrialResource {

    private static final int DEFAULT_DAYS = 30;
    private static final int MOST_DAYS = 90;
    private static final long DEFAULT_SEED = 1;
    private static final int UNSTORED = 0;

    private final Journeys journeys;
    private final DryRuns dryRuns;
    private final Drafts drafts;
    private final InstantSource clock;
    private final Bodies bodies;

    TrialResource(
            Journeys journeys, DryRuns dryRuns, Drafts drafts, InstantSource clock, Bodies bodies) {
        this.drafts = drafts;
        this.bodies = bodies;
        this.journeys = journeys;
        this.dryRuns = dryRuns;
        this.clock = clock;
    }

    /**
     * @param seed the same gives the same report; absent for 1
     * @param days how far back events are played, 1 to 90; absent for 30
     * @param version absent for the latest; not together with a document
     * @param document a journey that is not stored, as an object or as YAML in a string
     */
    record Request(
            @Nullable Long seed,
            @Nullable Integer days,
            @Nullable Integer version,
            @Schema(type = SchemaType.OBJECT) @Nullable JsonNode document) {

        static final Request EMPTY = new Request(null, null, null, null);
    }

    record Started(UUID id) {}

    @POST
    @RolesAllowed(Roles.MARKETER)
    @Consumes(MediaType.WILDCARD)
    @Operation(summary = "Starts a dry run of a journey, beside the other active ones")
    @RequestBody(
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON,
                            schema = @Schema(implementation = Request.class),
                            examples =
                                    @ExampleObject(
                                            name = "latest version",
                                            value = "{\"seed\": 7, \"days\": 30}")))
    public Uni<RestResponse<Started>> start(@PathParam("key") String key, @Nullable String body) {
        Request wanted = bodies.read(body, Request.class, Request.EMPTY);
        return trial(key, wanted).chain(dryRuns::begin).map(TrialResource::accepted);
    }

    private Uni<Trial> trial(String key, Request request) {
        Instant since = clock.instant().minus(Duration.ofDays(days(request)));
        long seed = request.seed() == null ? DEFAULT_SEED : request.seed();
        JsonNode document = request.document();
        if (document == null) {
            return journeys.find(key, request.version())
                    .map(Detail::shown)
                    .chain(shown -> trial(key, shown.document(), shown.version(), seed, since));
        }
        if (request.version() != null) {
            throw Problem.unprocessable("version", "give a version or a document, not both");
        }
        String text = document.isTextual() ? document.textValue() : document.toString();
        return trial(key, text, UNSTORED, seed, since);
    }

    private Uni<Trial> trial(String key, String text, int version, long seed, Instant since) {
        return drafts.parsed(key, text).map(draft -> new Trial(draft, version, seed, since));
    }

    private static int days(Request request) {
        int days = request.days() == null ? DEFAULT_DAYS : request.days();
        if (days < 1 || days > MOST_DAYS) {
            throw Problem.unprocessable("days", "expected 1 to " + MOST_DAYS + ", was " + days);
        }
        return days;
    }

    private static RestResponse<Started> accepted(UUID id) {
        return RestResponse.ResponseBuilder.create(RestResponse.Status.ACCEPTED, new Started(id))
                .location(URI.create("/api/dry-runs/" + id))
                .build();
    }
}
