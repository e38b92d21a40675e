package io.throughline.identity.http;

import io.smallrye.mutiny.Uni;
import io.throughline.chassis.http.Problem;
import io.throughline.identity.tracking.Call;
import io.throughline.identity.tracking.Checked;
import io.throughline.identity.tracking.Fault;
import io.throughline.identity.tracking.TrackingBody;
import jakarta.annotation.security.PermitAll;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/**
 * The Segment HTTP tracking API. Its SDKs take 200 for delivered, 429 and 5xx for try again, and
 * other 4xx for drop for ever; so what may pass is never a 4xx here.
 */
@Path("/v1")
@PermitAll
@Tag(name = "Tracking")
class TrackingResource {

    private static final String DELIVERED = "{\"success\":true}";
    private static final String BASIC = "Basic ";

    private final WriteKeys keys;
    private final Acceptance acceptance;
    private final InFlight inFlight;

    TrackingResource(WriteKeys keys, Acceptance acceptance, InFlight inFlight) {
        this.keys = keys;
        this.acceptance = acceptance;
        this.inFlight = inFlight;
    }

    @POST
    @Path("{call}")
    @Consumes(MediaType.WILDCARD)
    @Produces(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "Take events",
            description =
                    "Answers 200 once the events are durable. The write key comes as the user name of"
                            + " Basic authentication, as writeKey in the body or in the query. A batch"
                            + " is taken whole or refused whole.")
    @RequestBody(
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON,
                            examples =
                                    @ExampleObject(
                                            name = "track",
                                            value =
                                                    """
                                                    {"userId":"u-19","anonymousId":"a-3c","messageId":"m-7f1",
                                                     "event":"Order Completed","timestamp":"2026-11-23T10:00:00.120Z",
                                                     "properties":{"order_id":"O-88","revenue":41.50,"currency":"EUR"}}\
                                                    """)))
    @APIResponse(responseCode = "200", description = "All events are durable.")
    @APIResponse(
            responseCode = "400",
            description = "Something is wrong with the body; errors names each field.")
    @APIResponse(responseCode = "401", description = "The write key is unknown.")
    @APIResponse(responseCode = "429", description = "Too much is under way; see Retry-After.")
    @APIResponse(responseCode = "503", description = "Not taken; send it again.")
    public Uni<String> take(
            @PathParam("call") String name,
            @HeaderParam(HttpHeaders.AUTHORIZATION) @Nullable String authorization,
            @QueryParam("writeKey") @Nullable String queryKey,
            byte @Nullable [] body) {
        byte[] bytes = body == null ? new byte[0] : body;
        String fromOutside = fromOutside(authorization, queryKey);
        return inFlight.within(
                bytes.length,
                () ->
                        fromOutside == null
                                ? takeWithKeyInside(call(name), bytes)
                                : source(fromOutside)
                                        .chain(source -> take(call(name), bytes, source)));
    }

    /** The key outside the body is looked at first, so that a stranger's body is not parsed. */
    private Uni<String> take(Call call, byte[] bytes, String source) {
        return switch (TrackingBody.read(call, bytes)) {
            case Checked.Fine(TrackingBody body) ->
                    acceptance.take(body, source).replaceWith(DELIVERED);
            case Checked.Faulty(List<Fault> faults) ->
                    Uni.createFrom().failure(Acceptance.problem(faults));
        };
    }

    private Uni<String> takeWithKeyInside(Call call, byte[] bytes) {
        return switch (TrackingBody.read(call, bytes)) {
            case Checked.Fine(TrackingBody body) ->
                    source(body.writeKey())
                            .chain(source -> acceptance.take(body, source))
                            .replaceWith(DELIVERED);
            case Checked.Faulty(List<Fault> faults) ->
                    Uni.createFrom().failure(Acceptance.problem(faults));
        };
    }

    private Uni<String> source(@Nullable String writeKey) {
        if (writeKey == null) {
            return Uni.createFrom().failure(unknownKey());
        }
        return keys.sourceOf(writeKey).map(TrackingResource::known);
    }

    private static String known(@Nullable String source) {
        if (source == null) {
            throw unknownKey();
        }
        return source;
    }

    private static Call call(String name) {
        return Call.of(name).orElseThrow(() -> Problem.notFound("there is no call " + name));
    }

    private static @Nullable String fromOutside(
            @Nullable String authorization, @Nullable String queryKey) {
        String basic = userName(authorization);
        return basic == null ? queryKey : basic;
    }

    /**
     * The user name of Basic authentication; the password is empty by custom and is not looked at.
     */
    private static @Nullable String userName(@Nullable String authorization) {
        if (authorization == null
                || !authorization.regionMatches(true, 0, BASIC, 0, BASIC.length())) {
            return null;
        }
        try {
            byte[] decoded =
                    Base64.getDecoder().decode(authorization.substring(BASIC.length()).strip());
            String pair = new String(decoded, StandardCharsets.UTF_8);
            int colon = pair.indexOf(':');
            String name = colon < 0 ? pair : pair.substring(0, colon);
            return name.isEmpty() ? null : name;
        } catch (IllegalArgumentException e) {
            throw unknownKey();
        }
    }

    private static Problem unknownKey() {
        return Problem.of(
                401,
                "unknown-write-key",
                "expected a write key that is known here: as user name of Basic authentication, or as writeKey in the body or the query",
                List.of(new Problem.FieldError("writeKey", "expected a known write key")));
    }
}
