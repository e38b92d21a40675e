package io.throughline.identity.http;

import io.smallrye.mutiny.Uni;
import io.throughline.identity.tracking.Call;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import jakarta.annotation.security.PermitAll;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.ParameterIn;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Events from where there is no script: an image whose address says what happened. */
@Path("/pixel/v1")
@PermitAll
@Tag(name = "Tracking")
class PixelResource {

    private static final byte[] GIF =
            Base64.getDecoder().decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7");

    private final Collector collector;

    PixelResource(Collector collector) {
        this.collector = collector;
    }

    @GET
    @Path("track")
    @Produces("image/gif")
    @Operation(
            summary = "Take a track event by an image",
            description =
                    "Everything is in the query, with dots for objects, as in"
                            + " ?writeKey=…&anonymousId=a-3c&event=Offer%20Seen&properties.offer=spring")
    @Parameter(name = "writeKey", in = ParameterIn.QUERY)
    @Parameter(name = "event", in = ParameterIn.QUERY)
    @APIResponse(responseCode = "200", description = "An image of one transparent pixel.")
    public Uni<Response> track(@Context HttpServerRequest request) {
        return take(Call.TRACK, request);
    }

    @GET
    @Path("page")
    @Produces("image/gif")
    @Operation(
            summary = "Take a page view by an image",
            description = "As /pixel/v1/track; name is the page's name.")
    @Parameter(name = "writeKey", in = ParameterIn.QUERY)
    @Parameter(name = "name", in = ParameterIn.QUERY)
    @APIResponse(responseCode = "200", description = "An image of one transparent pixel.")
    public Uni<Response> page(@Context HttpServerRequest request) {
        return take(Call.PAGE, request);
    }

    /** Who only asks whether it is there, as scanners of links do, has not seen it. */
    private Uni<Response> take(Call call, HttpServerRequest request) {
        if (request.method().equals(HttpMethod.HEAD)) {
            return Uni.createFrom().item(() -> Response.ok(GIF).build());
        }
        Map<String, String> query = new LinkedHashMap<>();
        request.params().forEach(entry -> query.putIfAbsent(entry.getKey(), entry.getValue()));
        return collector
                .takePixel(call, query, request)
                .replaceWith(() ->
                        Response.ok(GIF).header("Cache-Control", "no-store, private").build());
    }
}
