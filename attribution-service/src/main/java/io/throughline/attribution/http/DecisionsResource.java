package io.throughline.attribution.http;

import io.smallrye.mutiny.Uni;
import io.throughline.attribution.explanation.DecisionRecord;
import io.throughline.attribution.store.Decisions;
import io.throughline.chassis.http.Cursor;
import io.throughline.chassis.http.Page;
import io.throughline.chassis.http.Problem;
import io.throughline.chassis.security.Roles;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;
import org.jspecify.annotations.Nullable;

/** Why a customer did or did not get a message. */
@Path("/api/customers/{id}/decisions")
@Produces(MediaType.APPLICATION_JSON)
@RolesAllowed(Roles.VIEWER)
@Tag(name = "decisions")
public class DecisionsResource {

    private static final String EXAMPLE =
            """
            {"items":[{"id":"0193d8a4-51c0-7b1e-9f00-3c1d5a7e9b21","at":"2026-11-23T10:45:00Z","kind":"suppressed",
              "journey":"cart-abandonment","journeyVersion":3,"instance":"0193d8a3-0000-7000-8000-000000000001",
              "step":"steps[1].send","message":"5b0f6c1e-7a54-3d0e-8c8e-1f2d3c4b5a69","channel":"sms",
              "rule":"cap:global:P1D","reason":"global_cap",
              "verdicts":[{"rule":"consent","passed":true},
                          {"rule":"cap:global:P1D","passed":false,"count":3,"limit":3,"window":"PT24H","retryAt":"2026-11-23T18:02:11Z"}],
              "policyVersion":7,"options":[],"until":"2026-11-23T18:02:11Z",
              "change":"1 contact fewer in all in 1 day, or allowed from 2026-11-23T18:02:11Z",
              "explanation":"The SMS was not sent because the cap over all channels is reached (3 of 3 in all in 1 day); it could pass from 2026-11-23T18:02:11Z."}],
             "next":"MjAyNi0xMS0yM1QxMDo0NTowMFov"}
            """;

    private final Decisions decisions;

    DecisionsResource(Decisions decisions) {
        this.decisions = decisions;
    }

    @GET
    @Operation(
            summary = "A customer's decision records, newest first",
            description =
                    "Takes the id of a customer that has merged into another as well. A customer about whom nothing was decided has an empty list.")
    @APIResponse(
            responseCode = "200",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON,
                            examples = @ExampleObject(name = "suppressed", value = EXAMPLE)))
    @APIResponse(responseCode = "400", description = "The id, cursor or limit cannot be read")
    public Uni<Page<DecisionRecord>> decisions(
            @RestPath String id,
            @Parameter(description = "The value of next from the page before") @RestQuery
                    @Nullable String cursor,
            @Parameter(example = "50", description = "From 1 to 200") @RestQuery
                    @Nullable String limit) {
        int size = Asked.limit(limit);
        return decisions
                .of(Asked.customer(id), position(cursor), size + 1)
                .map(found -> Page.of(found, size, d -> d.at() + "/" + d.id()));
    }

    private static Decisions.@Nullable Position position(@Nullable String cursor) {
        String text = Cursor.decode(cursor);
        if (text == null) {
            return null;
        }
        try {
            int slash = text.indexOf('/');
            return new Decisions.Position(
                    Instant.parse(text.substring(0, Math.max(slash, 0))),
                    UUID.fromString(text.substring(slash + 1)));
        } catch (DateTimeException | IllegalArgumentException e) {
            throw Problem.badRequest(
                    "cursor", "expected the value of next from the page before, unchanged");
        }
    }
}
