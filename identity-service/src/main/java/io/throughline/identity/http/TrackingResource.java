package io.throughline.identity.http;

import io.smallrye.mutiny.Uni;
import io.throughline.chassis.http.Problem;
import io.throughline.identity.tracking.Call;
import io.vertx.core.http.HttpServerRequest;
import jakarta.annotation.security.PermitAll;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/**
 * The Segment HTTP tracking API. Its SDKs take 200 for delivered, 429 and 5xx for try again, and
 * other 4xx for drop for ever; so what may pass is never a 4xx here. They try 410 again, so it is
 * never an answer either.
 */
@Path("/v1")
@PermitAll
@Tag(name = "Tracking")
class TrackingResource {

    static final String DELIVERED = "{\"success\":true}";

    private final Collector collector;

    TrackingResource(Collector collector) {
        this.collector = collector;
    }

    @POST
    @Path("{call}")
    @Consumes(MediaType.WILDCARD)
    @Produces(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "Take events",
            description =
                    "call is track, identify, page, screen, group, alias, batch, or its first letter,"
                            + " or import. Answers 200 once the events are durable. The write key comes"
                            + " as the user name of Basic authentication, as writeKey in the query or"
                            + " the body, or as a bearer token. A batch is taken whole or refused"
                            + " whole; its events inherit its context and integrations.")
    @RequestBody(
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON,
                            examples = {
                                @ExampleObject(
                                        name = "track",
                                        value =
                                                """
                                                {"userId":"u-19","anonymousId":"a-3c","messageId":"m-7f1",
                                                 "event":"Order Completed","timestamp":"2026-11-23T10:00:00.120Z",
                                                 "properties":{"order_id":"O-88","revenue":41.50,"currency":"EUR"}}\
                                                """),
                                @ExampleObject(
                                        name = "batch",
                                        value =
                                                """
                                                {"sentAt":"2026-11-23T10:00:03.000Z","context":{"locale":"es-ES"},
                                                 "batch":[{"type":"page","anonymousId":"a-3c","name":"Home"},
                                                          {"type":"track","anonymousId":"a-3c","event":"Cart Viewed"}]}\
                                                """)
                            }))
    @APIResponse(responseCode = "200", description = "All events are durable.")
    @APIResponse(
            responseCode = "400",
            description = "Something is wrong with the body; errors names each field.")
    @APIResponse(responseCode = "401", description = "The write key is unknown.")
    @APIResponse(responseCode = "429", description = "Too much is under way; see Retry-After.")
    @APIResponse(responseCode = "503", description = "Not taken; send it again.")
    public Uni<String> take(
            @PathParam("call") String name,
            @Context HttpServerRequest request,
            byte @Nullable [] body) {
        Call call = Call.of(name).orElseThrow(() -> Problem.notFound("there is no call " + name));
        return collector.take(call, body, request).replaceWith(DELIVERED);
    }
}
