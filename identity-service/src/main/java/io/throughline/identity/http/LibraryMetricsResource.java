package io.throughline.identity.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.micrometer.core.instrument.MeterRegistry;
import io.throughline.chassis.http.Problem;
import io.throughline.contracts.json.ContractJson;
import jakarta.annotation.security.PermitAll;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/**
 * What Segment's browser library counts of itself. Nothing of it is kept but how much there was and
 * how much of it were errors: the names come from anybody, and each would be a metric for ever.
 */
@Path("/v1/m")
@PermitAll
@Tag(name = "Tracking")
class LibraryMetricsResource {

    private static final int MOST_BYTES = 32 * 1024;

    private final MeterRegistry metrics;

    LibraryMetricsResource(MeterRegistry metrics) {
        this.metrics = metrics;
    }

    @POST
    @Consumes(MediaType.WILDCARD)
    @Produces(MediaType.APPLICATION_JSON)
    @Operation(summary = "Take what Segment's browser library counts of itself")
    @APIResponse(responseCode = "200", description = "Counted.")
    @APIResponse(responseCode = "400", description = "There is no series in it.")
    public String take(byte @Nullable [] body) {
        for (JsonNode metric : series(body == null ? new byte[0] : body)) {
            String kind = metric.path("metric").asText().contains("error") ? "error" : "other";
            metrics.counter("throughline.browser.library", "kind", kind).increment();
        }
        return TrackingRoute.DELIVERED;
    }

    private static JsonNode series(byte[] body) {
        if (body.length > MOST_BYTES) {
            throw Problem.badRequest("body", "expected at most " + MOST_BYTES + " bytes");
        }
        try {
            JsonNode series = ContractJson.mapper().readTree(body).path("series");
            if (series.isArray()) {
                return series;
            }
        } catch (IOException notJson) {
            throw Problem.badRequest("body", "expected a JSON object");
        }
        throw Problem.badRequest("series", "expected an array of metrics");
    }
}
