package io.throughline.identity.http;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpServerRequest;
import jakarta.annotation.security.PermitAll;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;

/**
 * What Segment's browser library asks its CDN before it sends anything. The answer says where to
 * send, so a page has to name this service once, as {@code cdnURL}.
 */
@Path("/v1/projects/{writeKey}/settings")
@PermitAll
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Tracking")
class BrowserSettingsResource {

    private static final String DESTINATION = "Segment.io";

    private final WriteKeys keys;
    private final PublicAddress here;

    BrowserSettingsResource(WriteKeys keys, PublicAddress here) {
        this.keys = keys;
        this.here = here;
    }

    /**
     * @param integrations the one destination that there is, under the name that the library knows
     * @param metrics off: without it the library would tell its maker how it is used
     */
    record Settings(
            Map<String, Destination> integrations,
            Plan plan,
            Metrics metrics,
            List<String> remotePlugins,
            @JsonProperty("analyticsNextEnabled") boolean isNext) {}

    /**
     * @param apiHost without the scheme
     */
    record Destination(String apiKey, String apiHost, String protocol) {}

    record Plan(
            Map<String, Object> track, Map<String, Object> identify, Map<String, Object> group) {}

    record Metrics(double sampleRate, String host) {}

    @GET
    @Operation(
            summary = "Tell Segment's browser library where to send",
            description = "Load it with cdnURL set to this service's address, and nothing else.")
    @APIResponse(responseCode = "200", description = "The settings of the source.")
    @APIResponse(responseCode = "401", description = "The write key is unknown.")
    public Uni<RestResponse<Settings>> settings(
            @PathParam("writeKey") String writeKey, @Context HttpServerRequest request) {
        return keys.origin(writeKey)
                .map(origin ->
                        RestResponse.ResponseBuilder.ok(settings(writeKey, here.of(request)))
                                .header("Cache-Control", "private, max-age=60")
                                .build());
    }

    private static Settings settings(String writeKey, PublicAddress.Address address) {
        String apiHost = address.host() + "/v1";
        return new Settings(
                Map.of(DESTINATION, new Destination(writeKey, apiHost, address.scheme())),
                new Plan(Map.of(), Map.of(), Map.of()),
                new Metrics(0, apiHost),
                List.of(),
                true);
    }
}
