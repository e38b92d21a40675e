package io.throughline.identity.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.smallrye.mutiny.Uni;
import io.throughline.chassis.http.Problem;
import io.throughline.identity.identifier.AnonymousId;
import io.throughline.identity.source.Origin;
import io.vertx.core.http.HttpServerRequest;
import jakarta.annotation.security.PermitAll;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.regex.Pattern;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/**
 * Who a browser is, kept in a cookie that no script can read or lose. It tells nothing but the
 * anonymous id, and that only to its own pages: it never redirects, and never says who somebody is.
 */
@Path(BrowserIdentityResource.PATH)
@PermitAll
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Tracking")
class BrowserIdentityResource {

    static final String PATH = "/v1/identity";

    private static final int MOST_BYTES = 4 * 1024;
    private static final Pattern CLICK_TOKEN = Pattern.compile("[A-Za-z0-9_-]{22}");

    private final IdentityCookie cookie;
    private final BrowserOrigins origins;
    private final WriteKeys keys;
    private final LinkHints hints;
    private final ObjectMapper json;

    BrowserIdentityResource(
            IdentityCookie cookie,
            BrowserOrigins origins,
            WriteKeys keys,
            LinkHints hints,
            ObjectMapper json) {
        this.cookie = cookie;
        this.origins = origins;
        this.keys = keys;
        this.hints = hints;
        this.json = json;
    }

    /**
     * @param anonymousId which the page's library uses; becomes the browser's where it has none
     * @param link token of the {@code /c/} link that led to the page
     * @param writeKey of the source, which a link needs
     */
    record IdentityRequest(
            @Nullable String anonymousId, @Nullable String link, @Nullable String writeKey) {}

    /**
     * @param anonymousId what the browser is called from now on
     * @param isNew whether it had no name before
     * @param link what became of the link's token, where one was given
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record IdentityAnswer(
            String anonymousId,
            boolean isNew,
            @Schema(enumeration = {"taken", "refused", "later"}) @Nullable String link) {}

    @GET
    @Operation(
            summary = "Read the browser's anonymous id, or give it one",
            description =
                    "Sets the identity cookie, or renews it. Give the id to the page's library.")
    @APIResponse(responseCode = "200", description = "The id that the cookie has from now on.")
    @APIResponse(responseCode = "403", description = "The page's origin may not use the cookie.")
    public RestResponse<IdentityAnswer> read(@Context HttpServerRequest request) {
        checkOrigin(request);
        return given(known(request, null));
    }

    @POST
    @Consumes(MediaType.WILDCARD)
    @Operation(
            summary = "Read the browser's anonymous id, and say what is known of it",
            description =
                    "anonymousId is what the page's library has stored: it becomes the browser's where"
                            + " the cookie says nothing yet. link is the token of the link in a message"
                            + " that led here, a strong hint of who it is; it needs a write key.")
    @RequestBody(
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON,
                            examples =
                                    @ExampleObject(
                                            name = "from a message",
                                            value =
                                                    """
                                                    {"anonymousId":"5f0c2d4e-0b1f-4c53-9a77-3f1f6f0c9b21",
                                                     "link":"q0m2Zk3T8yq1mEo7u1o0bA","writeKey":"tlw_…"}\
                                                    """)))
    @APIResponse(
            responseCode = "200",
            description =
                    "The id that the cookie has from now on; link is taken, refused, or later where the"
                            + " same may succeed later.")
    @APIResponse(responseCode = "400", description = "Something is wrong with the body.")
    @APIResponse(
            responseCode = "401",
            description = "A link came with a write key that is unknown.")
    @APIResponse(responseCode = "403", description = "The page's origin may not use the cookie.")
    public Uni<RestResponse<IdentityAnswer>> tell(
            @Context HttpServerRequest request, byte @Nullable [] body) {
        checkOrigin(request);
        IdentityRequest asked = asked(body);
        String token = asked.link();
        if (token == null) {
            return Uni.createFrom().item(given(known(request, asked.anonymousId())));
        }
        if (!CLICK_TOKEN.matcher(token).matches()) {
            throw Problem.badRequest(
                    "link", "expected what stands after /c/ in the link of a message");
        }
        return key(request, asked).chain(origin -> follow(request, asked, token, origin));
    }

    @DELETE
    @Operation(
            summary = "Make somebody else of the browser",
            description =
                    "For the moment when a person logs out: gives the browser a new anonymous id, so"
                            + " that the next person is not taken for this one.")
    @APIResponse(responseCode = "200", description = "The new id.")
    public RestResponse<IdentityAnswer> renew(@Context HttpServerRequest request) {
        checkOrigin(request);
        return given(new IdentityAnswer(cookie.mint(), true, null));
    }

    private Uni<RestResponse<IdentityAnswer>> follow(
            HttpServerRequest request, IdentityRequest asked, String token, Origin origin) {
        IdentityAnswer known = known(request, asked.anonymousId());
        return hints.take(token, known.anonymousId(), origin.source())
                .map(outcome ->
                        given(
                                new IdentityAnswer(
                                        known.anonymousId(), known.isNew(), outcome.word())));
    }

    private Uni<Origin> key(HttpServerRequest request, IdentityRequest asked) {
        ShownKey shown = ShownKey.of(request);
        return keys.origin(shown.text() == null ? asked.writeKey() : shown.text());
    }

    private IdentityAnswer known(HttpServerRequest request, @Nullable String stored) {
        String remembered = cookie.read(request);
        if (remembered != null) {
            return new IdentityAnswer(remembered, false, null);
        }
        return stored != null && AnonymousId.isUnguessable(stored)
                ? new IdentityAnswer(stored, false, null)
                : new IdentityAnswer(cookie.mint(), true, null);
    }

    private RestResponse<IdentityAnswer> given(IdentityAnswer answer) {
        return RestResponse.ResponseBuilder.ok(answer)
                .header("Set-Cookie", cookie.give(answer.anonymousId()))
                .header("Cache-Control", "no-store, private")
                .build();
    }

    private void checkOrigin(HttpServerRequest request) {
        if (!origins.allow(request)) {
            throw Problem.of(
                    403,
                    "foreign-origin",
                    "pages of this origin may not use the identity cookie; throughline.identity.cookie.origins names those that may",
                    List.of(new Problem.FieldError("Origin", "expected a configured origin")));
        }
    }

    private IdentityRequest asked(byte @Nullable [] body) {
        if (body == null || body.length == 0) {
            return new IdentityRequest(null, null, null);
        }
        if (body.length > MOST_BYTES) {
            throw Problem.badRequest("body", "expected at most " + MOST_BYTES + " bytes");
        }
        try {
            IdentityRequest asked = json.readValue(body, IdentityRequest.class);
            return asked == null ? new IdentityRequest(null, null, null) : asked;
        } catch (JsonProcessingException e) {
            throw new WebApplicationException(e, Response.Status.BAD_REQUEST);
        } catch (IOException e) {
            throw new UncheckedIOException("an array in memory cannot fail to be read", e);
        }
    }
}
