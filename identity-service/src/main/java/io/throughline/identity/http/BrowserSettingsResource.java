package io.throughline.identity.http;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import jakarta.annotation.security.PermitAll;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

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
    private final Optional<URI> publicUrl;

    BrowserSettingsResource(WriteKeys keys, IdentityConfiguration configuration) {
        this.keys = keys;
        this.publicUrl = configuration.publicUrl();
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
                        RestResponse.ResponseBuilder.ok(settings(writeKey, address(request)))
                                .header("Cache-Control", "private, max-age=60")
                                .build());
    }

    private static Settings settings(String writeKey, Address address) {
        String apiHost = address.host() + "/v1";
        return new Settings(
                Map.of(DESTINATION, new Destination(writeKey, apiHost, address.scheme())),
                new Plan(Map.of(), Map.of(), Map.of()),
                new Metrics(0, apiHost),
                List.of(),
                true);
    }

    private record Address(String scheme, String host) {}

    private Address address(HttpServerRequest request) {
        return publicUrl
                .map(url -> new Address(url.getScheme(), url.getRawAuthority()))
                .orElseGet(() -> new Address(scheme(request), authority(request.authority())));
    }

    private static String scheme(HttpServerRequest request) {
        return "https".equals(request.scheme()) ? "https" : "http";
    }

    private static String authority(@Nullable HostAndPort host) {
        if (host == null) {
            return "localhost";
        }
        return host.port() < 0 ? host.host() : host.host() + ":" + host.port();
    }
}
