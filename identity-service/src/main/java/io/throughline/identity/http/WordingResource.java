package io.throughline.identity.http;

import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.mutiny.Uni;
import io.throughline.chassis.http.Cursor;
import io.throughline.chassis.http.Page;
import io.throughline.chassis.http.Problem;
import io.throughline.chassis.security.Roles;
import io.throughline.identity.store.WordingStore;
import io.throughline.identity.store.WordingStore.Wording;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** The texts that people agree to, so that the ledger can say what was agreed to. */
@Path("/api/consent-wordings")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Consents")
class WordingResource {

    private static final int MAX_LIMIT = 500;
    private static final int MAX_TEXT = 10_000;
    private static final Pattern VERSION = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._\\-]{0,99}");

    private final WordingStore wordings;
    private final SecurityIdentity caller;
    private final InstantSource clock;

    WordingResource(WordingStore wordings, SecurityIdentity caller, InstantSource clock) {
        this.wordings = wordings;
        this.caller = caller;
        this.clock = clock;
    }

    record WordingRequest(@Nullable String text, @Nullable String locale) {}

    @PUT
    @Path("{version}")
    @Consumes(MediaType.APPLICATION_JSON)
    @RolesAllowed(Roles.MARKETER)
    @Operation(
            summary = "Register a text that people are asked to agree to",
            description = "It never changes: another text needs another version.")
    @RequestBody(
            content =
                    @Content(
                            examples =
                                    @ExampleObject(
                                            name = "a newsletter",
                                            value =
                                                    """
                                                    {"text":"Yes, send me offers by email. I can stop them at any time.","locale":"en"}\
                                                    """)))
    @APIResponse(responseCode = "409", description = "The version has another text.")
    public Uni<Wording> put(
            @PathParam("version") String version, @Nullable WordingRequest request) {
        Wording asked = wording(version, request);
        return wordings.add(asked)
                .invoke(stored -> {
                    if (!stored.saysTheSameAs(asked)) {
                        throw Problem.conflict(
                                "version '%s' has another text already; a changed text needs a new version"
                                        .formatted(version));
                    }
                });
    }

    @GET
    @Path("{version}")
    @RolesAllowed(Roles.VIEWER)
    @Operation(summary = "Read a text that people agreed to")
    public Uni<Wording> get(@PathParam("version") String version) {
        return find(version)
                .map(found ->
                        found.orElseThrow(
                                () -> Problem.notFound("there is no wording " + version)));
    }

    @GET
    @RolesAllowed(Roles.VIEWER)
    @Operation(summary = "List the texts by version")
    public Uni<Page<Wording>> list(
            @QueryParam("cursor") @Nullable String cursor,
            @QueryParam("limit") @DefaultValue("50") int limit) {
        if (limit < 1 || limit > MAX_LIMIT) {
            throw Problem.badRequest("limit", "expected 1 to " + MAX_LIMIT + ", was " + limit);
        }
        String after = Objects.requireNonNullElse(Cursor.decode(cursor), "");
        return wordings.after(after, limit + 1).map(w -> Page.of(w, limit, Wording::version));
    }

    private Uni<Optional<Wording>> find(String version) {
        return VERSION.matcher(version).matches()
                ? wordings.find(version)
                : Uni.createFrom().item(Optional.empty());
    }

    private Wording wording(String version, @Nullable WordingRequest request) {
        if (!VERSION.matcher(version).matches()) {
            throw Problem.badRequest(
                    "version", "expected letters, digits, dots, hyphens, at most 100 of them");
        }
        if (request == null) {
            throw Problem.badRequest("body", "expected a JSON object");
        }
        String text = request.text();
        if (text == null || text.isBlank() || text.length() > MAX_TEXT || text.indexOf(0) >= 0) {
            throw Problem.unprocessable(
                    "text", "expected 1 to " + MAX_TEXT + " characters and none of them U+0000");
        }
        return new Wording(
                version,
                locale(request.locale()),
                text,
                clock.instant().truncatedTo(ChronoUnit.MILLIS),
                caller.getPrincipal().getName());
    }

    private static @Nullable String locale(@Nullable String tag) {
        if (tag == null) {
            return null;
        }
        String known = Locale.forLanguageTag(tag).toLanguageTag();
        if (tag.length() > 35 || known.equals("und")) {
            throw Problem.unprocessable("locale", "expected a language tag, as in en or de-AT");
        }
        return known;
    }
}
