package io.throughline.identity.http;

import io.smallrye.mutiny.Uni;
import io.throughline.chassis.http.Problem;
import io.throughline.chassis.security.Roles;
import io.throughline.identity.registry.RuleChanges;
import io.throughline.identity.registry.Rules;
import io.throughline.identity.resolution.ResolutionRules;
import io.throughline.identity.resolution.TypeRule;
import io.throughline.identity.store.RuleWorkStore.Kind;
import io.throughline.identity.store.RuleWorkStore.Progress;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/** The rules of who is who. */
@Path("/api/identity-rules")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Identity rules")
class RulesResource {

    private static final String BY = "api";

    private static final String EXAMPLE =
            """
            {"version":1,"largestProfile":200,
             "types":[{"type":"user_id","unique":true,"most":1},
                      {"type":"email","unique":true,"most":5,"sharedAbove":5},
                      {"type":"phone","unique":true,"most":5,"sharedAbove":5},
                      {"type":"*","unique":true,"most":10,"sharedAbove":5},
                      {"type":"anonymous_id","unique":true,"most":50,"within":"P30D","sharedAbove":5,"firstHand":true}],
             "never":[{"type":"email","pattern":"(info|sales|noreply)@.*"}]}\
            """;

    private final Rules rules;
    private final RuleChanges changes;

    RulesResource(Rules rules, RuleChanges changes) {
        this.rules = rules;
        this.changes = changes;
    }

    /**
     * @param change how far the last change of the rules has come; absent where there was none
     */
    record RulesView(
            int version,
            List<TypeRule> types,
            List<ResolutionRules.Never> never,
            int largestProfile,
            @Nullable Progress change) {}

    @GET
    @RolesAllowed(Roles.VIEWER)
    @Operation(
            summary = "Read the rules in force",
            description =
                    "types: strongest first; of two identifiers that disagree the one whose type stands"
                            + " higher says whose an event is. most: how many values one customer may have,"
                            + " within a time where one is given. sharedAbove: a value seen with more user ids"
                            + " than this joins nobody. firstHand: also believed from a source of trust claimed."
                            + " never: values that identify nobody. change: how far the last change has come.")
    public Uni<RulesView> get() {
        return rules.refresh()
                .chain(changes::lastChange)
                .map(change -> view(rules, change.orElse(null)));
    }

    @PUT
    @Consumes(MediaType.APPLICATION_JSON)
    @RolesAllowed(Roles.ADMIN)
    @Operation(
            summary = "Change the rules",
            description =
                    "In force for new events within a second; then everybody is decided about anew, some"
                            + " customers at a time. version is the one the rules were made from. Preview them"
                            + " first: what is joined or taken apart, so are history, consents and contacts.")
    @RequestBody(content = @Content(examples = @ExampleObject(name = "rules", value = EXAMPLE)))
    @APIResponse(responseCode = "200", description = "The rules, now in force.")
    @APIResponse(responseCode = "409", description = "Somebody changed the rules meanwhile.")
    public Uni<RulesView> put(@Nullable RulesRequest request) {
        ResolutionRules asked = RulesRequest.checked(request);
        return rules.refresh()
                .chain(() -> {
                    refuseAnotherVersion(asked);
                    return changes.change(asked, BY)
                            .map(id -> id.orElseThrow(RulesResource::changedMeanwhile))
                            .chain(id -> changes.progress(id, Kind.CHANGE))
                            .map(change -> view(rules, change.orElse(null)));
                });
    }

    @POST
    @Path("previews")
    @Consumes(MediaType.APPLICATION_JSON)
    @RolesAllowed(Roles.ADMIN)
    @Operation(
            summary = "Find out what rules would change",
            description =
                    "Decides about everybody by these rules and stores nothing but what it found: how many"
                            + " profiles would be merged, divided, left for somebody to look at, or lose"
                            + " identifiers that nobody would hold then (released), and the largest of each. Takes a while; the answer says where to ask how far it is.")
    @RequestBody(content = @Content(examples = @ExampleObject(name = "rules", value = EXAMPLE)))
    @APIResponse(responseCode = "202", description = "Begun.")
    public Uni<RestResponse<Progress>> preview(@Nullable RulesRequest request) {
        ResolutionRules asked = RulesRequest.checked(request);
        return changes.preview(asked)
                .chain(id -> changes.progress(id, Kind.PREVIEW))
                .map(Optional::orElseThrow)
                .map(progress ->
                        RestResponse.ResponseBuilder.<Progress>create(RestResponse.Status.ACCEPTED)
                                .entity(progress)
                                .location(
                                        URI.create("/api/identity-rules/previews/" + progress.id()))
                                .build());
    }

    @GET
    @Path("previews/{id}")
    @RolesAllowed(Roles.VIEWER)
    @Operation(summary = "How far a preview is, and what it found")
    public Uni<Progress> preview(@PathParam("id") UUID id) {
        return changes.progress(id, Kind.PREVIEW)
                .map(found ->
                        found.orElseThrow(() -> Problem.notFound("there is no preview " + id)));
    }

    private void refuseAnotherVersion(ResolutionRules asked) {
        int inForce = rules.inForce().rules().version();
        if (asked.version() != inForce + 1) {
            throw Problem.conflict(
                    "version: the rules in force are version %d, these were made from %d"
                            .formatted(inForce, asked.version() - 1));
        }
    }

    private static Problem changedMeanwhile() {
        return Problem.conflict("version: somebody changed the rules meanwhile");
    }

    private static RulesView view(Rules rules, @Nullable Progress change) {
        ResolutionRules inForce = rules.inForce().rules();
        return new RulesView(
                inForce.version(),
                inForce.types(),
                inForce.never(),
                inForce.largestProfile(),
                change);
    }
}
