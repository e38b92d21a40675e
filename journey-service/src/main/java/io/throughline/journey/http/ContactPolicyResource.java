package io.throughline.journey.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.smallrye.mutiny.Uni;
import io.throughline.chassis.http.Problem;
import io.throughline.chassis.http.Problem.FieldError;
import io.throughline.chassis.security.Roles;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.governance.rules.LegalPreset;
import io.throughline.governance.rules.LegalPresets;
import io.throughline.journey.policy.PolicyCheck;
import io.throughline.journey.policy.PolicyForm;
import io.throughline.journey.policy.ShortForms;
import io.throughline.journey.store.PolicyStore;
import jakarta.annotation.security.PermitAll;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.EntityTag;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/** The governance rules in force for everyone. */
@Path("/api/contact-policy")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Contact policy")
class ContactPolicyResource {

    private static final String SCHEMA = "/contact-policy.schema.json";

    private static final String EXAMPLE =
            """
            {
              "caps": [
                {"scope": "global", "max": 3, "per": "P1D"},
                {"scope": "global", "max": 8, "per": "P7D"},
                {"scope": "channel", "channel": "sms", "max": 2, "per": "P1D"},
                {"scope": "category", "category": "marketing", "max": 5, "per": "P7D"},
                {"scope": "topic", "max": 2, "per": "P7D"}
              ],
              "minimumGap": "PT1H",
              "gaps": [{"scope": "channel", "channel": "push", "per": "PT4H"}],
              "quietHours": [
                {"from": "21:00", "to": "08:00", "channels": ["sms", "push"]},
                {"from": "00:00", "to": "00:00", "channels": ["sms"], "categories": ["marketing"],
                 "days": ["SUNDAY"], "dates": ["2026-12-25"]}
              ],
              "legalPresets": ["us"],
              "defaultTimeZone": "Europe/Madrid",
              "consent": {"email": "opt-out"},
              "optOutCoversTransactional": ["sms", "whatsapp"],
              "silences": [
                {"on": "Order Completed", "period": "P2D", "covers": {"categories": ["marketing"]},
                 "liftedBy": ["Order Refunded", "Order Cancelled"]}
              ],
              "categories": {
                "service": {"passes": ["gaps"], "counts": true},
                "transactional": {"passes": ["caps", "gaps", "quiet-hours", "silences"], "counts": false}
              },
              "refund": {"undelivered": true, "expired": false},
              "fatigue": {
                "within": "P30D",
                "steps": [{"ignored": 5, "share": "0.5"}, {"ignored": 10, "share": "0.25"}],
                "nearlyLeft": {"within": "P14D", "share": "0.5"},
                "least": 1
              },
              "arbitration": {"window": "PT4H"},
              "exclusionGroups": [
                {"name": "win-back", "journeys": ["cart-abandonment", "win-back"], "onConflict": "higher-priority"}
              ]
            }
            """;

    private static final String PRESETS_EXAMPLE =
            """
            {"presets": [{
              "id": "us-ri", "name": "Rhode Island", "region": "US-RI",
              "channels": ["sms"], "categories": ["marketing"],
              "allowed": [
                {"days": ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY"], "from": "09:00:00", "to": "18:00:00"},
                {"days": ["SATURDAY", "SUNDAY"], "from": "10:00:00", "to": "17:00:00"}
              ],
              "closed": [], "caps": [],
              "source": {"citation": "Overviews of state quiet hours for texting by vendors"},
              "asOf": "2026-11-01", "certain": false,
              "remark": "Read in secondary sources only; have it checked before relying on it."
            }]}
            """;

    private final PolicyStore policies;
    private final Bodies bodies;

    ContactPolicyResource(PolicyStore policies, Bodies bodies) {
        this.policies = policies;
        this.bodies = bodies;
    }

    @GET
    @RolesAllowed(Roles.VIEWER)
    @Operation(summary = "The contact policy in force; its ETag is its version")
    @APIResponse(
            responseCode = "200",
            content = @Content(schema = @Schema(implementation = ContactPolicy.class)))
    public Uni<RestResponse<JsonNode>> get() {
        return policies.current().map(this::answer);
    }

    @GET
    @Path("/legal-presets")
    @RolesAllowed(Roles.VIEWER)
    @Operation(
            summary = "The quiet hours of the law that come along, with what each was read in",
            description =
                    "A policy names those that are on in legalPresets, by id, by what ids begin"
                            + " with, or all. Their caps are listed for the reader; the policy's"
                            + " own caps are the ones that are kept.")
    @APIResponse(
            responseCode = "200",
            content =
                    @Content(examples = @ExampleObject(name = "presets", value = PRESETS_EXAMPLE)))
    public LegalPresetsView legalPresets() {
        return new LegalPresetsView(LegalPresets.all());
    }

    /**
     * @param presets by region, a country's own before its states'
     */
    record LegalPresetsView(List<LegalPreset> presets) {}

    @PUT
    @RolesAllowed(Roles.ADMIN)
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "Puts a new version of the contact policy in force, everywhere",
            description =
                    "The version in the body is ignored. With If-Match, refused with 412 when the"
                            + " policy in force is another than the one that was read.")
    @RequestBody(
            content =
                    @Content(
                            schema = @Schema(implementation = ContactPolicy.class),
                            examples = @ExampleObject(name = "policy", value = EXAMPLE)))
    public Uni<RestResponse<JsonNode>> put(
            @Nullable JsonNode document,
            @HeaderParam(HttpHeaders.IF_MATCH) @Nullable String ifMatch) {
        ContactPolicy policy = read(document);
        return policies.change(
                        current -> {
                            unchangedSince(ifMatch, current);
                            return policy.withVersion(current.version() + 1);
                        })
                .map(this::answer);
    }

    @GET
    @Path("schema")
    @PermitAll
    @Produces("application/schema+json")
    @Operation(summary = "The JSON Schema of a contact policy, for editors")
    public String schema() {
        try (InputStream schema = ContactPolicyResource.class.getResourceAsStream(SCHEMA)) {
            return new String(
                    Objects.requireNonNull(schema, SCHEMA).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private ContactPolicy read(@Nullable JsonNode body) {
        if (body == null || !body.isObject()) {
            throw Problem.badRequest("body", "expected the whole policy as a JSON object");
        }
        JsonNode document = ShortForms.written(body);
        refuse(PolicyCheck.unreadable(document));
        ContactPolicy policy = bodies.bind(PolicyForm.stored(document), ContactPolicy.class);
        refuse(PolicyCheck.errors(policy));
        return policy;
    }

    private static void refuse(List<FieldError> errors) {
        if (!errors.isEmpty()) {
            throw Problem.of(errors);
        }
    }

    private static void unchangedSince(@Nullable String ifMatch, ContactPolicy current) {
        if (ifMatch != null && !ifMatch.equals("*") && !ifMatch.equals(etag(current))) {
            throw Problem.of(
                    412,
                    "changed-meanwhile",
                    "version " + current.version() + " is in force by now; read it first",
                    List.of(new FieldError(HttpHeaders.IF_MATCH, "expected " + etag(current))));
        }
    }

    private RestResponse<JsonNode> answer(ContactPolicy policy) {
        return RestResponse.ResponseBuilder.<JsonNode>ok(PolicyForm.shown(bodies.tree(policy)))
                .tag(new EntityTag(String.valueOf(policy.version())))
                .build();
    }

    private static String etag(ContactPolicy policy) {
        return "\"" + policy.version() + "\"";
    }
}
