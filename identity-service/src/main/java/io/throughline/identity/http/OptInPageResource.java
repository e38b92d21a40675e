package io.throughline.identity.http;

import io.smallrye.mutiny.Uni;
import io.throughline.identity.preference.Choices;
import io.throughline.identity.registry.OptInRequests;
import io.throughline.identity.registry.OptInRequests.Confirmation;
import io.throughline.identity.store.OptInRequestStore.OptInRequest;
import io.throughline.identity.store.WordingStore;
import io.throughline.identity.store.WordingStore.Wording;
import io.vertx.core.http.HttpServerRequest;
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
import jakarta.ws.rs.core.Response.Status;
import java.time.InstantSource;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Where whoever has an address says whether it was she who asked for messages. */
@Path("/opt-ins/{token}")
@PermitAll
@Produces(MediaType.TEXT_HTML)
@Tag(name = "Preference centre")
class OptInPageResource {

    private static final Logger LOG = Logger.getLogger(OptInPageResource.class);

    private final OptInRequests requests;
    private final WordingStore wordings;
    private final PublicAddress here;
    private final InstantSource clock;

    OptInPageResource(
            OptInRequests requests,
            WordingStore wordings,
            PublicAddress here,
            InstantSource clock) {
        this.requests = requests;
        this.wordings = wordings;
        this.here = here;
        this.clock = clock;
    }

    /** Mail scanners open every link, so this only asks. */
    @GET
    @Operation(summary = "Asks whether to opt in; does not do it")
    public Uni<Response> show(@PathParam("token") String token, @Context HttpHeaders headers) {
        String language = Pages.language(Pages.asked(headers), null);
        return requests.behind(token)
                .chain(found ->
                        found.isEmpty() ? Pages.unknown(language) : page(found.get(), language))
                .onFailure()
                .recoverWithUni(failure -> later(failure, language));
    }

    @POST
    @Consumes(MediaType.WILDCARD)
    @Operation(summary = "Opts in; in force when it is answered")
    public Uni<Response> confirm(
            @PathParam("token") String token,
            @Context HttpHeaders headers,
            @Context HttpServerRequest request) {
        String language = Pages.language(Pages.asked(headers), null);
        String page = here.of(request).url() + "/opt-ins/…";
        return requests.confirm(token, PreferencesResource.evidence(request, page))
                .chain(what -> answer(what, language))
                .onFailure()
                .recoverWithUni(failure -> later(failure, language));
    }

    private Uni<Response> page(OptInRequest request, String language) {
        if (request.confirmedAt() != null) {
            return requests.standing(request).chain(what -> answer(what, language));
        }
        if (!request.isPending(clock.instant())) {
            return Pages.unknown(language);
        }
        String version = request.provenance().wording();
        return (version == null
                        ? Uni.createFrom().item(Optional.<Wording>empty())
                        : wordings.find(version))
                .chain(wording ->
                        Pages.ok(
                                PreferencePages.confirm(confirm(request, language, text(wording))),
                                language));
    }

    private static PreferencePages.Confirm confirm(
            OptInRequest request, String language, @Nullable String wording) {
        return new PreferencePages.Confirm(
                language,
                Pages.label(request.about().channel(), Pages.texts(language)),
                Choices.masked(request.identifier().value()),
                wording);
    }

    private static @Nullable String text(Optional<Wording> wording) {
        return wording.map(Wording::text).orElse(null);
    }

    private static Uni<Response> answer(Confirmation what, String language) {
        PageTexts texts = Pages.texts(language);
        return switch (what) {
            case CONFIRMED ->
                    Pages.notice(Status.OK, language, texts.confirmedTitle(), texts.confirmed());
            case STOPPED ->
                    Pages.notice(Status.OK, language, texts.stoppedTitle(), texts.stopped());
            case TOO_OLD, UNKNOWN -> Pages.unknown(language);
        };
    }

    private static Uni<Response> later(Throwable failure, String language) {
        LOG.errorf(failure, "an opt-in cannot be confirmed");
        return Pages.later(language);
    }
}
