package io.throughline.identity.http;

import io.netty.handler.codec.http.QueryStringDecoder;
import io.smallrye.mutiny.Uni;
import io.throughline.identity.consent.About;
import io.throughline.identity.consent.Evidence;
import io.throughline.identity.consent.LegalBasis;
import io.throughline.identity.consent.Provenance;
import io.throughline.identity.preference.Choices;
import io.throughline.identity.preference.PreferenceCentre;
import io.throughline.identity.registry.Preferences;
import io.throughline.identity.registry.Preferences.Visitor;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import jakarta.annotation.security.PermitAll;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.RestQuery;
import org.jspecify.annotations.Nullable;

/** The preference centre, as customers see it. The link is all it takes. */
@Path("/preferences/{token}")
@PermitAll
@Produces(MediaType.TEXT_HTML)
@Tag(name = "Preference centre")
class PreferencesResource {

    private static final Logger LOG = Logger.getLogger(PreferencesResource.class);
    private static final String SOURCE = "preference-centre";
    private static final String STOP = "stop";
    private static final Set<String> ACTIONS = Set.of("save", STOP);

    /** More than any page of ours has; further ones are not looked at. */
    private static final int MOST_FIELDS = 2_000;

    private final Preferences preferences;
    private final PublicAddress here;

    PreferencesResource(Preferences preferences, PublicAddress here) {
        this.preferences = preferences;
        this.here = here;
    }

    @GET
    @Operation(summary = "What a customer gets, to be changed; changes nothing by itself")
    public Uni<Response> show(
            @PathParam("token") String token,
            @RestQuery @Nullable String saved,
            @Context HttpHeaders headers) {
        List<Locale> asked = Pages.asked(headers);
        return visiting(token, asked, visitor -> page(visitor, asked, saved != null));
    }

    @POST
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    @Operation(summary = "What the customer chose; in force when it is answered")
    @RequestBody(
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_FORM_URLENCODED,
                            examples = {
                                @ExampleObject(
                                        name = "mail, and of its topics offers alone",
                                        value =
                                                "do=save&centre=3&language=en&shown=email&shown=email/offers"
                                                        + "&shown=email/news&was=email&was=email/news"
                                                        + "&on=email&on=email/offers"),
                                @ExampleObject(
                                        name = "nothing any more",
                                        value = "do=stop&centre=3&language=en")
                            }))
    public Uni<Response> choose(
            @PathParam("token") String token,
            byte @Nullable [] body,
            @Context HttpHeaders headers,
            @Context HttpServerRequest request) {
        List<Locale> asked = Pages.asked(headers);
        Map<String, List<String>> form = form(body);
        if (form.isEmpty() || !ACTIONS.containsAll(form.getOrDefault("do", List.of()))) {
            return Pages.unreadable(Pages.language(asked, null));
        }
        return visiting(
                token,
                asked,
                visitor -> {
                    String language = Pages.language(asked, visitor.profile().locale());
                    return preferences
                            .centre()
                            .map(centre -> Shown.of(form, centre.version(), language))
                            .map(shown -> provenance(visitor, shown, request))
                            .chain(from -> take(visitor, form, language, from))
                            .replaceWith(seeOther(token));
                });
    }

    private Uni<Void> take(
            Visitor visitor, Map<String, List<String>> form, String language, Provenance from) {
        return form.getOrDefault("do", List.of()).contains(STOP)
                ? preferences.stop(visitor, from)
                : preferences
                        .choices(visitor, language)
                        .chain(choices ->
                                preferences.choose(
                                        visitor,
                                        choices.after(
                                                chosen(form, "shown"),
                                                form.containsKey("was")
                                                        ? chosen(form, "was")
                                                        : null,
                                                chosen(form, "on")),
                                        from));
    }

    /**
     * What the customer had before her when she chose: what is offered may have changed since. The
     * form says it; one that says what cannot be is taken for the newest.
     */
    private record Shown(int centre, String language) {

        static Shown of(Map<String, List<String>> form, int newest, String language) {
            String said = form.getOrDefault("language", List.of("")).getFirst();
            return new Shown(
                    version(form.getOrDefault("centre", List.of("")).getFirst(), newest),
                    Pages.speak(said) ? said : language);
        }

        private static int version(String text, int newest) {
            return text.matches("[0-9]{1,9}") ? Math.min(Integer.parseInt(text), newest) : newest;
        }
    }

    /** By hand, since the framework answers a form of more than a thousand fields with 500. */
    private static Map<String, List<String>> form(byte @Nullable [] body) {
        String text = body == null ? "" : new String(body, StandardCharsets.UTF_8);
        try {
            return new QueryStringDecoder(text, StandardCharsets.UTF_8, false, MOST_FIELDS)
                    .parameters();
        } catch (IllegalArgumentException unreadable) {
            return Map.of();
        }
    }

    private static Set<String> chosen(Map<String, List<String>> form, String name) {
        return Set.copyOf(form.getOrDefault(name, List.of()));
    }

    private Uni<Response> visiting(
            String token, List<Locale> asked, Function<Visitor, Uni<? extends Response>> work) {
        return preferences
                .visitor(token)
                .chain(visitor ->
                        visitor.isEmpty()
                                ? Pages.unknown(Pages.language(asked, null))
                                : work.apply(visitor.get()).map(Response.class::cast))
                .onFailure()
                .recoverWithUni(failure -> {
                    LOG.errorf(failure, "a preference centre cannot be served");
                    return Pages.later(Pages.language(asked, null));
                });
    }

    private Uni<Response> page(Visitor visitor, List<Locale> asked, boolean saved) {
        String language = Pages.language(asked, visitor.profile().locale());
        return preferences
                .centre()
                .chain(centre ->
                        preferences
                                .choices(visitor, language)
                                .chain(choices ->
                                        Pages.ok(
                                                PreferencePages.choose(
                                                        page(centre, choices, language, saved)),
                                                language)));
    }

    private static PreferencePages.Choose page(
            PreferenceCentre centre, Choices choices, String language, boolean saved) {
        PageTexts texts = Pages.texts(language);
        return new PreferencePages.Choose(
                language,
                centre.version(),
                centre.sender(),
                centre.introIn(language),
                centre.privacyUrl(),
                choices.offers().stream().map(offer -> line(offer, texts)).toList(),
                saved);
    }

    private static PreferencePages.Line line(Choices.Offer offer, PageTexts texts) {
        return new PreferencePages.Line(
                Choices.name(new About(offer.channel(), null)),
                Pages.label(offer.channel(), texts),
                offer.address(),
                offer.on(),
                offer.topics().stream()
                        .map(topic ->
                                new PreferencePages.TopicLine(
                                        Choices.name(new About(offer.channel(), topic.topic())),
                                        topic.name(),
                                        topic.description(),
                                        topic.on()))
                        .toList());
    }

    private Provenance provenance(Visitor visitor, Shown shown, HttpServerRequest request) {
        return new Provenance(
                SOURCE,
                evidence(request, here.of(request).url() + "/preferences/…")
                        .withMessage(visitor.message())
                        .withCentre(shown.centre(), shown.language()),
                null,
                LegalBasis.CONSENT,
                SOURCE);
    }

    /**
     * @param page without what would let whoever reads the ledger in
     */
    static Evidence evidence(HttpServerRequest request, String page) {
        SocketAddress remote = request.remoteAddress();
        String agent = request.getHeader("User-Agent");
        return Evidence.ofPage(
                remote == null ? null : remote.hostAddress(),
                page,
                agent == null ? null : agent.substring(0, Math.min(agent.length(), 500)));
    }

    private static Response seeOther(String token) {
        return Response.seeOther(URI.create("/preferences/" + token + "?saved=yes")).build();
    }
}
