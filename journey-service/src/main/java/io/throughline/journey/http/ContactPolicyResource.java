package io.throughline.journey.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smallrye.mutiny.Uni;
import io.throughline.chassis.http.Problem;
import io.throughline.chassis.http.Problem.FieldError;
import io.throughline.chassis.security.Roles;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.journey.policy.PolicyCheck;
import io.throughline.journey.policy.ShortForms;
import io.throughline.journey.store.PolicyStore;
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
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/** The governance rules in force for everyone. */
@Path("/api/contact-policy")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Contact policy")
class ContactPolicyResource {

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
              "quietHours": {"from": "21:00", "to": "08:00", "channels": ["sms"]},
              "defaultTimeZone": "Europe/Madrid",
              "consent": {"email": "opt-out"},
              "optOutCoversTransactional": ["sms", "whatsapp"],
              "silences": [{"on": "Order Completed", "period": "P2D"}],
              "categories": {
                "service": {"passes": ["gaps"], "counts": true},
                "transactional": {"passes": ["caps", "gaps", "quiet-hours", "silences"], "counts": false}
              },
              "refund": {"undelivered": true, "expired": false}
            }
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
    public Uni<RestResponse<ContactPolicy>> get() {
        return policies.current().map(ContactPolicyResource::answer);
    }

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
    public Uni<RestResponse<ContactPolicy>> put(
            @Nullable JsonNode document,
            @HeaderParam(HttpHeaders.IF_MATCH) @Nullable String ifMatch) {
        ContactPolicy policy = read(document);
        return policies.change(
                        current -> {
                            unchangedSince(ifMatch, current);
                            return policy.withVersion(current.version() + 1);
                        })
                .map(ContactPolicyResource::answer);
    }

    private ContactPolicy read(@Nullable JsonNode body) {
        if (body == null || !body.isObject()) {
            throw Problem.badRequest("body", "expected the whole policy as a JSON object");
        }
        JsonNode document = ShortForms.written(body);
        refuse(PolicyCheck.unreadable(document));
        ContactPolicy policy = bodies.bind(withVersion(document), ContactPolicy.class);
        refuse(PolicyCheck.errors(policy));
        return policy;
    }

    private static JsonNode withVersion(JsonNode document) {
        ObjectNode policy = document.deepCopy();
        return policy.put("version", 0);
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

    private static RestResponse<ContactPolicy> answer(ContactPolicy policy) {
        return RestResponse.ResponseBuilder.ok(policy)
                .tag(new EntityTag(String.valueOf(policy.version())))
                .build();
    }

    private static String etag(ContactPolicy policy) {
        return "\"" + policy.version() + "\"";
    }
}
