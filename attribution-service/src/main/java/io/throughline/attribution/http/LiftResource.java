package io.throughline.attribution.http;

import io.smallrye.mutiny.Uni;
import io.throughline.attribution.lift.LiftReport;
import io.throughline.attribution.store.Arms;
import io.throughline.attribution.store.Goals;
import io.throughline.attribution.stream.RulesInForce;
import io.throughline.chassis.http.Problem;
import io.throughline.chassis.security.Roles;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.InstantSource;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestQuery;
import org.jspecify.annotations.Nullable;

/** What a journey caused, by its holdout. */
@Path("/api/reports/lift")
@Produces({MediaType.APPLICATION_JSON, Tabular.CSV})
@RolesAllowed(Roles.VIEWER)
@Tag(name = "reports")
public class LiftResource {

    private static final String NO_CURRENCY = "XXX";

    private static final String LIFT =
            """
            {"journey":"cart-abandonment","from":"2026-11-01T00:00:00Z","to":"2026-12-01T00:00:00Z","metric":"conversion",
             "treated":{"assigned":21307,"converted":267,"conversionRate":0.0125311},
             "heldOut":{"assigned":21306,"converted":122,"conversionRate":0.0057261},
             "difference":0.0068050,"interval":{"low":0.0050002,"high":0.0086098},
             "relativeLift":1.1884,"relativeInterval":{"low":0.7680,"high":1.7088},"pValue":1.5e-13,
             "method":"two-proportion, normal approximation","crossed":0,
             "sampleRatio":{"checked":true,"pValue":0.996,"blocks":false},
             "statement":"1.25 % of 21307 treated customers converted and 0.57 % of 21306 held out; the difference is +0.6805 points, with 95 % confidence between +0.5000 and +0.8610. The journey brought more than would have come without it."}
            """;

    private final Arms arms;
    private final Goals goals;
    private final RulesInForce rules;
    private final InstantSource clock;

    LiftResource(Arms arms, Goals goals, RulesInForce rules, InstantSource clock) {
        this.arms = arms;
        this.goals = goals;
        this.rules = rules;
        this.clock = clock;
    }

    private record Question(
            String journey, Asked.Range range, Asked.Metric metric, double holdout) {}

    @GET
    @Operation(
            summary = "Treated against held-out customers",
            description =
                    """
                    Counts customers as assigned, whether or not a message reached them, and their conversions since \
                    (the journey's goals in their time, or completed orders where it has none). A customer who was in \
                    both arms, because two profiles became one, counts in the first. The interval is for one look: \
                    stopping when it pleases makes it too narrow.\
                    """)
    @APIResponse(
            responseCode = "200",
            content = {
                @Content(
                        mediaType = MediaType.APPLICATION_JSON,
                        examples = @ExampleObject(name = "conversion", value = LIFT)),
                @Content(mediaType = Tabular.CSV)
            })
    @APIResponse(responseCode = "400", description = "A parameter cannot be read; it is named")
    @APIResponse(responseCode = "422", description = "Nobody was held out, or nobody was treated")
    public Uni<LiftBody> lift(
            @Parameter(example = "cart-abandonment", required = true) @RestQuery
                    @Nullable String journey,
            @Parameter(example = "2026-11-01", description = "Assigned from then") @RestQuery
                    @Nullable String from,
            @Parameter(example = "2026-12-01", description = "Assigned until before then")
                    @RestQuery
                    @Nullable String to,
            @Parameter(example = "conversion", description = "conversion or revenue") @RestQuery
                    @Nullable String metric,
            @Parameter(example = "EUR", description = "Of revenue; needed where there are several")
                    @RestQuery
                    @Nullable String currency,
            @Parameter(
                            example = "0.1",
                            description =
                                    "The share that was to be held out, for the sample ratio check, where the assignments do not say")
                    @RestQuery
                    @Nullable String holdout) {
        Question question =
                new Question(
                        Asked.journey(journey),
                        Asked.range(from, to, clock.instant()),
                        Asked.metric(metric),
                        Asked.holdout(holdout));
        return goals.of(question.journey(), rules.has(question.journey()))
                .chain(goal -> answer(question, goal, currency));
    }

    private Uni<LiftBody> answer(Question question, Goals.Goal goal, @Nullable String currency) {
        return switch (question.metric()) {
            case CONVERSION ->
                    arms(question, goal, null)
                            .map(both -> body(question, null, conversion(question, both)));
            case REVENUE ->
                    currency(question, goal, currency)
                            .chain(chosen ->
                                    arms(question, goal, chosen)
                                            .map(both ->
                                                    body(
                                                            question,
                                                            chosen,
                                                            revenue(question, both, chosen))));
        };
    }

    private Uni<Arms.Both> arms(Question question, Goals.Goal goal, @Nullable String currency) {
        return arms.compare(
                question.journey(), question.range().from(), question.range().to(), goal, currency);
    }

    private Uni<String> currency(Question question, Goals.Goal goal, @Nullable String asked) {
        return asked != null
                ? Uni.createFrom().item(asked)
                : arms.currencies(goal, question.range().from()).map(LiftResource::only);
    }

    private static String only(List<String> currencies) {
        if (currencies.size() > 1) {
            throw Problem.unprocessable(
                    "currency",
                    "conversions are in several currencies, which are not added up: name one of "
                            + String.join(", ", currencies));
        }
        return currencies.isEmpty() ? NO_CURRENCY : currencies.getFirst();
    }

    private static LiftReport conversion(Question question, Arms.Both both) {
        return LiftReport.ofConversion(
                treated(question, both).rate(),
                heldOut(question, both).rate(),
                both.crossed(),
                expected(question, both));
    }

    private static LiftReport revenue(Question question, Arms.Both both, String currency) {
        Arms.Arm treated = treated(question, both);
        Arms.Arm heldOut = heldOut(question, both);
        return LiftReport.ofRevenue(
                treated.rate(),
                heldOut.rate(),
                treated.revenue(),
                heldOut.revenue(),
                currency,
                both.crossed(),
                expected(question, both));
    }

    private static Arms.Arm heldOut(Question question, Arms.Both both) {
        Arms.Arm arm = both.heldOut();
        if (arm == null) {
            throw Problem.unprocessable(
                    "journey",
                    "nobody was held out of journey "
                            + question.journey()
                            + " in this time, so what it caused cannot be told: give it a holdout");
        }
        return arm;
    }

    private static Arms.Arm treated(Question question, Arms.Both both) {
        Arms.Arm arm = both.treated();
        if (arm == null) {
            heldOut(question, both);
            throw Problem.unprocessable(
                    "journey",
                    "nobody was treated in journey "
                            + question.journey()
                            + " in this time, so there is nothing to compare with");
        }
        return arm;
    }

    /** What the caller says wins over what the assignments say. */
    private static double expected(Question question, Arms.Both both) {
        if (Double.isNaN(question.holdout())) {
            return both.expectedHeldOut();
        }
        Arms.Arm treated = treated(question, both);
        Arms.Arm heldOut = heldOut(question, both);
        return question.holdout() * (treated.rate().assigned() + heldOut.rate().assigned());
    }

    private static LiftBody body(Question question, @Nullable String currency, LiftReport report) {
        return LiftBody.of(
                question.journey(), question.range(), question.metric(), currency, report);
    }
}
