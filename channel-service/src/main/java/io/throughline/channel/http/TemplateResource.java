package io.throughline.channel.http;

import io.smallrye.mutiny.Uni;
import io.throughline.channel.store.Templates;
import io.throughline.channel.store.Templates.Stored;
import io.throughline.channel.template.CompiledTemplate;
import io.throughline.channel.template.CompiledTemplate.Compiled;
import io.throughline.channel.template.CompiledTemplate.Refused;
import io.throughline.channel.template.TemplateDocument;
import io.throughline.channel.template.TemplateDocument.Variant;
import io.throughline.chassis.http.Cursor;
import io.throughline.chassis.http.Page;
import io.throughline.chassis.http.Problem;
import io.throughline.chassis.http.Problem.FieldError;
import io.throughline.chassis.security.Roles;
import io.throughline.contracts.Channel;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.jspecify.annotations.Nullable;

/** Templates: what messages say. */
@Path("/api/templates")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
public class TemplateResource {

    private static final String EXAMPLE =
            """
            {"variants": [
              {"channel": "email", "subject": "{{ customer.first_name }}, your cart is waiting",
               "html": "<p>Hi {{ customer.first_name }}</p><p><a href=\\"https://shop.example/cart\\">Your cart</a></p><p><a href=\\"{{ unsubscribe_url }}\\">Unsubscribe</a></p>"},
              {"channel": "sms", "text": "Your cart is waiting: https://shop.example/cart Reply STOP to opt out"},
              {"channel": "sms", "locale": "es", "text": "Tu carrito te espera: https://shop.example/cart"}]}
            """;

    private static final String UNSUBSCRIBE_IN_PREVIEW = "https://example.com/u/preview";
    private static final String PREFERENCES_IN_PREVIEW = "https://example.com/preferences/preview";

    private final Templates templates;
    private final InstantSource clock;

    TemplateResource(Templates templates, InstantSource clock) {
        this.templates = templates;
        this.clock = clock;
    }

    /** A template to put. */
    public record Body(@Nullable List<@Nullable Variant> variants) {}

    /** A template. */
    public record View(
            String key, int version, List<Variant> variants, Instant createdAt, Instant changedAt) {

        static View of(Stored stored) {
            return new View(
                    stored.key(),
                    stored.version(),
                    stored.document().variants(),
                    stored.createdAt(),
                    stored.changedAt());
        }
    }

    /**
     * Whom a preview is for.
     *
     * @param variables as a journey would give them: {@code customer}, {@code event}, {@code
     *     journey}
     */
    public record PreviewBody(
            @Nullable Channel channel,
            @Nullable String locale,
            @Nullable Map<String, Object> variables) {}

    /** What a template says. */
    public record Preview(
            Channel channel,
            @Nullable String subject,
            @Nullable String html,
            @Nullable String text) {}

    @PUT
    @Path("{key}")
    @RolesAllowed(Roles.MARKETER)
    @Operation(
            summary = "Puts a new version of a template",
            description =
                    "Liquid, per channel and locale. What html prints is escaped; end an output in"
                            + " `| raw` to opt out. `{{ unsubscribe_url }}` is the message's own"
                            + " unsubscribe link, `{{ preferences_url }}` the page where the customer"
                            + " chooses what she gets. A missing variable prints nothing.")
    @RequestBody(content = @Content(examples = @ExampleObject(value = EXAMPLE)))
    public Uni<View> put(@PathParam("key") String key, @Nullable Body body) {
        Keys.check(key);
        TemplateDocument document = document(body);
        if (CompiledTemplate.compile(document) instanceof Refused(var flaws)) {
            throw Problem.of(
                    flaws.stream().map(f -> new FieldError(f.field(), f.detail())).toList());
        }
        return templates.put(key, document, clock.instant()).map(View::of);
    }

    @GET
    @Path("{key}")
    @RolesAllowed(Roles.VIEWER)
    public Uni<View> get(@PathParam("key") String key) {
        return find(key).map(View::of);
    }

    @GET
    @RolesAllowed(Roles.VIEWER)
    public Uni<Page<View>> list(
            @QueryParam("cursor") @Nullable String cursor,
            @QueryParam("limit") @DefaultValue("50") int limit) {
        int most = Limits.checked(limit);
        String after = Cursor.decode(cursor);
        return templates
                .list(after == null ? "" : after, most + 1)
                .map(found -> Page.of(found.stream().map(View::of).toList(), most, View::key));
    }

    @POST
    @Path("{key}/preview")
    @RolesAllowed(Roles.VIEWER)
    @Operation(summary = "What a template says to somebody; sends nothing")
    public Uni<Preview> preview(@PathParam("key") String key, @Nullable PreviewBody body) {
        if (body == null || body.channel() == null) {
            throw Problem.badRequest("channel", "is required: email or sms");
        }
        Channel channel = body.channel();
        Map<String, Object> variables = new HashMap<>();
        variables.put("unsubscribe_url", UNSUBSCRIBE_IN_PREVIEW);
        variables.put("preferences_url", PREFERENCES_IN_PREVIEW);
        if (body.variables() != null) {
            variables.putAll(body.variables());
        }
        return find(key).map(stored -> preview(stored, channel, body.locale(), variables));
    }

    private static Preview preview(
            Stored stored,
            Channel channel,
            @Nullable String locale,
            Map<String, Object> variables) {
        if (!(CompiledTemplate.compile(stored.document()) instanceof Compiled(var template))) {
            throw Problem.conflict("the template cannot be read any more; put it again");
        }
        return switch (template.render(channel, locale, variables)) {
            case CompiledTemplate.Sms(String text) -> new Preview(channel, null, null, text);
            case CompiledTemplate.Email(String subject, String html, String text) ->
                    new Preview(channel, subject, html, text);
            case CompiledTemplate.NotRendered(String why) ->
                    throw Problem.unprocessable("channel", why);
        };
    }

    private Uni<Stored> find(String key) {
        return templates
                .find(key)
                .map(found -> {
                    if (found == null) {
                        throw Problem.notFound("there is no template '" + key + "'");
                    }
                    return found;
                });
    }

    private static TemplateDocument document(@Nullable Body body) {
        if (body == null || body.variants() == null) {
            throw Problem.badRequest("variants", "is required: a list with one variant or more");
        }
        for (int i = 0; i < body.variants().size(); i++) {
            Variant variant = body.variants().get(i);
            // Jackson leaves null what the body leaves out, whatever the type says.
            if (variant == null || (Object) variant.channel() == null) {
                throw Problem.badRequest("variants[" + i + "].channel", "is required");
            }
        }
        return new TemplateDocument(body.variants().stream().filter(Objects::nonNull).toList());
    }
}
