package io.throughline.identity.http;

import io.smallrye.mutiny.Uni;
import io.throughline.identity.tracking.Call;
import io.vertx.core.http.HttpServerRequest;
import jakarta.annotation.security.PermitAll;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.ParameterIn;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** What RudderStack's browser library sends when a page goes away: a beacon has no headers. */
@Path("/beacon/v1/batch")
@PermitAll
@Tag(name = "Tracking")
class BeaconResource {

    private final Collector collector;

    BeaconResource(Collector collector) {
        this.collector = collector;
    }

    @POST
    @Consumes(MediaType.WILDCARD)
    @Produces(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "Take a batch of events from a page that goes away",
            description = "As /v1/batch, with the write key in the query.")
    @Parameter(name = "writeKey", in = ParameterIn.QUERY)
    public Uni<String> take(@Context HttpServerRequest request, byte @Nullable [] body) {
        return collector.take(Call.BATCH, body, request).replaceWith(TrackingRoute.DELIVERED);
    }
}
