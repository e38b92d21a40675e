package io.throughline.channel.http;

import io.smallrye.mutiny.Uni;
import io.throughline.channel.inbound.Engagement;
import io.throughline.channel.inbound.Hearing;
import io.throughline.channel.link.Landing;
import io.throughline.channel.link.LinkTokens;
import io.throughline.channel.link.LinkTokens.Purpose;
import io.throughline.channel.link.Links.Target;
import io.throughline.channel.link.Opener;
import io.throughline.channel.link.WebAddress;
import io.throughline.channel.store.LinkTargets;
import io.throughline.channel.store.MessageRecords;
import io.throughline.channel.store.MessageRecords.Standing;
import io.throughline.chassis.http.Problem;
import io.throughline.chassis.http.Problems;
import io.throughline.contracts.MessageId;
import jakarta.annotation.security.PermitAll;
import jakarta.inject.Singleton;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HEAD;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** The links in messages. They need no token of a caller: their own is signed. */
@Path("/")
@PermitAll
public class LinkResource {

    private static final Logger LOG = Logger.getLogger(LinkResource.class);
    private static final byte[] PIXEL =
            Base64.getDecoder().decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7");

    /** No script, nothing from elsewhere, in nobody's frame. */
    private static final String CONTENT_SECURITY =
            "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none';"
                    + " base-uri 'none'";

    private static final String ONE_CLICK = "List-Unsubscribe=One-Click";

    private final LinkTokens tokens;
    private final Leading leading;
    private final MessageRecords records;
    private final Heard heard;
    private final InstantSource clock;

    LinkResource(
            LinkTokens tokens,
            Leading leading,
            MessageRecords records,
            Heard heard,
            InstantSource clock) {
        this.tokens = tokens;
        this.leading = leading;
        this.records = records;
        this.heard = heard;
        this.clock = clock;
    }

    /** Who is told what a link says. */
    @Singleton
    record Heard(Engagement engagement, Hearing hearing) {}

    /** Where a link leads. */
    @Singleton
    record Leading(LinkTargets targets, Landing landing) {}

    @GET
    @Path("c/{token}")
    @Operation(summary = "A link in a message: counts the click and redirects to its target")
    public Uni<Response> click(@PathParam("token") String token, @Context HttpHeaders headers) {
        return shown(headers, () -> target(token).call(this::told).map(this::redirect));
    }

    /** Scanners look at links this way; that is no click. */
    @HEAD
    @Path("c/{token}")
    public Uni<Response> look(@PathParam("token") String token) {
        return target(token).map(this::redirect);
    }

    @GET
    @Path("o/{token}")
    @Produces("image/gif")
    @Operation(summary = "The image in an email that tells of its opening")
    public Uni<Response> open(
            @PathParam("token") String token,
            @HeaderParam("User-Agent") @Nullable String userAgent) {
        return message(Purpose.OPEN, token)
                .call(message ->
                        heard.engagement()
                                .opened(message, Opener.of(userAgent), now())
                                .onFailure()
                                .recoverWithItem(this::untold))
                .map(message ->
                        Response.ok(PIXEL).header("Cache-Control", "no-store, private").build());
    }

    /** Scanners fetch every link, so this only asks. */
    @GET
    @Path("u/{token}")
    @Produces(MediaType.TEXT_HTML)
    @Operation(summary = "Asks whether to unsubscribe; does not do it")
    public Uni<Response> ask(@PathParam("token") String token, @Context HttpHeaders headers) {
        UnsubscribePages pages = UnsubscribePages.in(asked(headers));
        return shown(
                headers,
                () ->
                        message(Purpose.UNSUBSCRIBE, token)
                                .map(message ->
                                        page(pages.ask(message.channel(), preferences(message)))));
    }

    /** One-click as RFC 8058 has it, or the page's button. Idempotent; never redirects. */
    @POST
    @Path("u/{token}")
    @Consumes(MediaType.WILDCARD)
    @Produces(MediaType.TEXT_HTML)
    @Operation(summary = "Unsubscribes; in force when it is answered")
    public Uni<Response> unsubscribe(
            @PathParam("token") String token,
            byte @Nullable [] body,
            @Context HttpHeaders headers) {
        UnsubscribePages pages = UnsubscribePages.in(asked(headers));
        String said = body == null ? "" : new String(body, StandardCharsets.UTF_8);
        // A form field in either encoding: name=value, or a part that has both.
        boolean oneClick =
                said.contains(ONE_CLICK)
                        || (said.contains("List-Unsubscribe") && said.contains("One-Click"));
        return shown(
                headers,
                () ->
                        message(Purpose.UNSUBSCRIBE, token)
                                .call(message -> stop(message, oneClick ? "one-click" : "page"))
                                .map(message ->
                                        page(pages.done(message.channel(), preferences(message)))));
    }

    private Uni<Void> stop(Standing message, String way) {
        return heard.hearing()
                .unsubscribe(
                        message.id(),
                        message.customer(),
                        message.channel(),
                        message.to(),
                        way,
                        now())
                .onFailure()
                .transform(failure -> {
                    LOG.errorf(failure, "an opt-out could not be put in force");
                    return Problem.unavailable("this cannot be done right now; try again");
                });
    }

    /** A person is told in a page what goes wrong, a program in a problem document. */
    private static Uni<Response> shown(HttpHeaders headers, Supplier<Uni<Response>> answer) {
        Uni<Response> given = Uni.createFrom().deferred(answer::get);
        return wantsPage(headers)
                ? given.onFailure().recoverWithItem(failure -> page(Problems.of(failure), headers))
                : given;
    }

    /** Every browser says so; who says nothing, or takes anything, is a program. */
    private static boolean wantsPage(HttpHeaders headers) {
        String accept = headers.getHeaderString(HttpHeaders.ACCEPT);
        return accept != null && accept.contains(MediaType.TEXT_HTML);
    }

    private static Response page(Problem problem, HttpHeaders headers) {
        UnsubscribePages pages = UnsubscribePages.in(asked(headers));
        return page(problem.status(), problem.status() < 500 ? pages.unknown() : pages.later());
    }

    /** On the same host as this page. */
    private String preferences(Standing message) {
        return "/preferences/" + tokens.issue(Purpose.PREFERENCES, message.id(), now());
    }

    private Uni<Target> target(String token) {
        return leading.targets()
                .find(token, now())
                .map(found -> {
                    if (found == null
                            || !tokens.isClickToken(token, found.message(), found.url())) {
                        throw notOurs();
                    }
                    return found;
                });
    }

    /** The customer gets to the target even when the click cannot be noted. */
    private Uni<Void> told(Target target) {
        return records.find(target.message())
                .chain(message ->
                        message == null
                                ? Uni.createFrom().voidItem()
                                : heard.engagement().clicked(message, target.url(), now()))
                .onFailure()
                .recoverWithItem(this::untold);
    }

    private @Nullable Void untold(Throwable failure) {
        LOG.warnf("an opening or click is lost: %s", failure);
        return null;
    }

    private Uni<Standing> message(Purpose purpose, String token) {
        MessageId message = tokens.read(purpose, token, now()).orElseThrow(LinkResource::notOurs);
        return records.find(message)
                .map(found -> {
                    if (found == null) {
                        throw notOurs();
                    }
                    return found;
                });
    }

    private Response redirect(Target target) {
        return Response.status(Response.Status.FOUND)
                .header(
                        "Location",
                        WebAddress.encoded(leading.landing().of(target.url(), target.token())))
                .header("Cache-Control", "no-store, private")
                .build();
    }

    /** Nothing where nobody can read it. */
    private static List<Locale> asked(HttpHeaders headers) {
        try {
            return headers.getAcceptableLanguages();
        } catch (RuntimeException unreadable) {
            return List.of();
        }
    }

    private static Response page(String html) {
        return page(Response.Status.OK.getStatusCode(), html);
    }

    private static Response page(int status, String html) {
        return Response.status(status)
                .entity(html)
                .type(MediaType.TEXT_HTML_TYPE.withCharset("utf-8"))
                .header("Cache-Control", "no-store, private")
                .header("Content-Security-Policy", CONTENT_SECURITY)
                .header("Referrer-Policy", "no-referrer")
                .header("X-Content-Type-Options", "nosniff")
                .header("Vary", "Accept-Language")
                .build();
    }

    private static Problem notOurs() {
        return Problem.notFound("this link is not one of ours, or it is too old");
    }

    private Instant now() {
        return clock.instant();
    }
}
