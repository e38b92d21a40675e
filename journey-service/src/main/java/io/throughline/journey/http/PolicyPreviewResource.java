package io.throughline.journey.http;

import com.fasterxml.jackson.annotation.JsonRawValue;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smallrye.mutiny.Uni;
import io.throughline.chassis.http.Problem;
import io.throughline.chassis.http.Problem.FieldError;
import io.throughline.chassis.security.Roles;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.journey.policy.PolicyCheck;
import io.throughline.journey.policy.PolicyForm;
import io.throughline.journey.policy.ShortForms;
import io.throughline.journey.simulation.PolicyPreviews;
import io.throughline.journey.store.PolicyPreviewStore.Stored;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/** What a changed policy would have done with what was ready to go lately; nothing is changed. */
@Path("/api/contact-policy/previews")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Contact policy")
class PolicyPreviewResource {

    private static final int DEFAULT_DAYS = 30;
    private static final int MOST_DAYS = 90;

    private static final String EXAMPLE =
            """
            {
              "days": 30,
              "policy": {
                "caps": [{"scope": "global", "max": 2, "per": "P1D"}],
                "minimumGap": "PT4H",
                "defaultTimeZone": "Europe/Madrid",
                "consent": {"email": "opt-out"},
                "optOutCoversTransactional": ["sms", "whatsapp"],
                "silences": [{"on": "Order Completed", "period": "P2D"}]
              }
            }
            """;

    private static final String DONE =
            """
            {
              "id": "019dde3a-0000-7000-8000-000000000001",
              "status": "done",
              "progress": 1.0,
              "from": "2026-04-01T09:00:00Z",
              "to": "2026-05-01T09:00:00Z",
              "report": {
                "from": "2026-04-01T09:00:00Z",
                "to": "2026-05-01T09:00:00Z",
                "inForce": 7,
                "totals": {"customers": 1200, "attempts": 4100, "allowedBefore": 3900, "allowedAfter": 3650,
                           "stopped": 280, "letThrough": 30, "refusedOtherwise": 4, "unlikeTheRecord": 11},
                "changes": [{"journey": "win-back", "channel": "email", "category": "marketing",
                             "rule": "cap:global:P1D", "stopped": 280, "letThrough": 0}],
                "weeks": [{"contacts": 1, "before": 800, "after": 900}],
                "examples": [{"rule": "cap:global:P1D", "effect": "stopped", "messages": [
                  {"customer": "019dde3a-0000-7000-8000-000000000002",
                   "message": "019dde3a-0000-7000-8000-000000000003", "at": "2026-04-03T10:00:00Z"}]}]
              },
              "askedAt": "2026-05-01T09:00:00Z"
            }
            """;

    private final PolicyPreviews previews;
    private final Bodies bodies;

    PolicyPreviewResource(PolicyPreviews previews, Bodies bodies) {
        this.previews = previews;
        this.bodies = bodies;
    }

    /**
     * @param policy a whole policy, as it would be put; its version is ignored
     * @param days how far back, 1 to 90; absent for 30
     */
    record Request(ContactPolicy policy, @Nullable Integer days) {}

    record Started(UUID id) {}

    /**
     * @param status {@code waiting}, {@code running}, {@code done} or {@code failed}
     * @param progress part of the customers that have been looked at, 0 to 1
     * @param report once it is done
     * @param failure why it failed
     */
    record View(
            UUID id,
            String status,
            double progress,
            Instant from,
            Instant to,
            @JsonRawValue @Schema(type = SchemaType.OBJECT) @Nullable String report,
            @Nullable String failure,
            Instant askedAt) {}

    @POST
    @RolesAllowed(Roles.MARKETER)
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "Asks what a policy would have stopped and let through",
            description =
                    "Compares it with the policy in force, over what was ready to go in the last"
                            + " days. Previews are run one after the other.")
    @RequestBody(
            content =
                    @Content(
                            schema = @Schema(implementation = Request.class),
                            examples = @ExampleObject(name = "tighter caps", value = EXAMPLE)))
    public Uni<RestResponse<Started>> start(@Nullable JsonNode body) {
        Request asked = read(body);
        return previews.ask(asked.policy(), Duration.ofDays(days(asked.days())))
                .map(PolicyPreviewResource::accepted);
    }

    @GET
    @Path("{id}")
    @RolesAllowed(Roles.VIEWER)
    @Operation(summary = "How far a preview of a policy is, and its report")
    @APIResponse(
            responseCode = "200",
            content =
                    @Content(
                            schema = @Schema(implementation = View.class),
                            examples = @ExampleObject(name = "done", value = DONE)))
    public Uni<View> get(@PathParam("id") UUID id) {
        return previews.find(id)
                .map(found ->
                        found.map(PolicyPreviewResource::view)
                                .orElseThrow(() ->
                                        Problem.notFound("there is no policy preview " + id)));
    }

    private Request read(@Nullable JsonNode body) {
        if (body == null || !body.isObject()) {
            throw Problem.badRequest("body", "expected an object with a policy");
        }
        onlyKnown(body);
        if (!body.path("policy").isObject()) {
            throw Problem.badRequest("policy", "expected the whole policy as a JSON object");
        }
        JsonNode days = body.path("days");
        if (!days.isMissingNode() && !days.isNull() && !days.canConvertToExactIntegral()) {
            throw Problem.badRequest("days", "expected a whole number");
        }
        JsonNode policy = ShortForms.written(body.get("policy"));
        refuse(PolicyCheck.unreadable(policy));
        ObjectNode document = body.deepCopy();
        document.set("policy", PolicyForm.stored(policy));
        Request request = bodies.bind(document, Request.class);
        refuse(PolicyCheck.errors(request.policy()));
        return request;
    }

    private static void onlyKnown(JsonNode body) {
        for (Iterator<String> names = body.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!name.equals("policy") && !name.equals("days")) {
                throw Problem.badRequest(name, "expected policy and days alone");
            }
        }
    }

    /** As the whole policy's, which is a field here. */
    private static void refuse(List<FieldError> errors) {
        if (!errors.isEmpty()) {
            List<FieldError> named = new ArrayList<>();
            errors.forEach(e -> named.add(new FieldError("policy." + e.field(), e.detail())));
            throw Problem.of(named);
        }
    }

    private static int days(@Nullable Integer wanted) {
        int days = wanted == null ? DEFAULT_DAYS : wanted;
        if (days < 1 || days > MOST_DAYS) {
            throw Problem.unprocessable("days", "expected 1 to " + MOST_DAYS + ", was " + days);
        }
        return days;
    }

    private static RestResponse<Started> accepted(UUID id) {
        return RestResponse.ResponseBuilder.create(RestResponse.Status.ACCEPTED, new Started(id))
                .location(URI.create("/api/contact-policy/previews/" + id))
                .build();
    }

    private static View view(Stored found) {
        return new View(
                found.id(),
                found.status(),
                progress(found),
                found.from(),
                found.to(),
                found.report(),
                found.failure(),
                found.askedAt());
    }

    private static double progress(Stored run) {
        if (run.status().equals("done")) {
            return 1;
        }
        return run.total() == 0 ? 0 : Math.min(1, (double) run.played() / run.total());
    }
}
