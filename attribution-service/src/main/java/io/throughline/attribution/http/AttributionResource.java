package io.throughline.attribution.http;

import io.smallrye.mutiny.Uni;
import io.throughline.attribution.credit.CreditModel;
import io.throughline.attribution.credit.CreditTally;
import io.throughline.attribution.store.CreditPaths;
import io.throughline.attribution.store.Goals;
import io.throughline.attribution.stream.RulesInForce;
import io.throughline.chassis.security.Roles;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestQuery;
import org.jspecify.annotations.Nullable;

/** Who gets the credit for conversions, by convention. */
@Path("/api/reports")
@Produces({MediaType.APPLICATION_JSON, Tabular.CSV})
@RolesAllowed(Roles.VIEWER)
@Tag(name = "reports")
public class AttributionResource {

    private static final String ATTRIBUTION =
            """
            {"from":"2026-11-01T00:00:00Z","to":"2026-12-01T00:00:00Z","lookback":"PT168H","touches":"sent",
             "totals":{"conversions":3,"value":[{"amount":"120.00","currency":"EUR"}],"direct":1,"reversed":0},
             "models":[{"model":"linear",
               "byChannel":[{"key":"email","attributed":true,"conversions":2,"credit":1.500000,"value":[{"amount":"60.00","currency":"EUR"}]},
                            {"key":"direct","attributed":false,"conversions":1,"credit":1.000000,"value":[{"amount":"40.00","currency":"EUR"}]},
                            {"key":"sms","attributed":true,"conversions":1,"credit":0.500000,"value":[{"amount":"20.00","currency":"EUR"}]}],
               "byJourney":[{"key":"cart-abandonment","attributed":true,"conversions":2,"credit":2.000000,"value":[{"amount":"80.00","currency":"EUR"}]},
                            {"key":"direct","attributed":false,"conversions":1,"credit":1.000000,"value":[{"amount":"40.00","currency":"EUR"}]}],
               "byCampaign":[{"key":"cart-second","attributed":true,"conversions":2,"credit":2.000000,"value":[{"amount":"80.00","currency":"EUR"}]},
                             {"key":"direct","attributed":false,"conversions":1,"credit":1.000000,"value":[{"amount":"40.00","currency":"EUR"}]}]}]}
            """;

    private static final String ASSISTED =
            """
            {"from":"2026-11-01T00:00:00Z","to":"2026-12-01T00:00:00Z","lookback":"PT168H","touches":"sent","conversions":3,
             "channels":[{"channel":"email","touched":2,"last":1,"assisted":1,"touchedRate":0.6667,"assistedRate":0.3333},
                         {"channel":"sms","touched":1,"last":1,"assisted":0,"touchedRate":0.3333,"assistedRate":0.0}]}
            """;

    private final CreditPaths paths;
    private final Goals goals;
    private final RulesInForce rules;
    private final InstantSource clock;

    AttributionResource(CreditPaths paths, Goals goals, RulesInForce rules, InstantSource clock) {
        this.paths = paths;
        this.goals = goals;
        this.rules = rules;
        this.clock = clock;
    }

    /** What both reports ask. */
    private record Question(
            Asked.Range range,
            Duration lookback,
            CreditPaths.Touches touches,
            @Nullable String journey,
            @Nullable String event) {

        String word() {
            return touches.name().toLowerCase(Locale.ROOT);
        }
    }

    @GET
    @Path("/attribution")
    @Operation(
            summary = "Conversions and their value, split over the touches before them",
            description =
                    """
                    Five conventions: first, last, linear, time-decay (half-life 7 days), position-based (40/20/40); all \
                    of them where model is absent. Touches are messages and web sessions that a campaign brought. Every \
                    table adds up to the totals, to the last minor unit; what no touch led to is the line direct. With \
                    journey, only conversions that are its goal count, by customers who entered it. What messages \
                    caused is what the lift report says.\
                    """)
    @APIResponse(
            responseCode = "200",
            content = {
                @Content(
                        mediaType = MediaType.APPLICATION_JSON,
                        examples = @ExampleObject(name = "linear", value = ATTRIBUTION)),
                @Content(mediaType = Tabular.CSV)
            })
    @APIResponse(responseCode = "400", description = "A parameter cannot be read; it is named")
    public Uni<AttributionReport> attribution(
            @Parameter(example = "linear") @RestQuery @Nullable String model,
            @Parameter(example = "2026-11-01") @RestQuery @Nullable String from,
            @Parameter(example = "2026-12-01") @RestQuery @Nullable String to,
            @Parameter(example = "cart-abandonment") @RestQuery @Nullable String journey,
            @Parameter(
                            example = "Order Completed",
                            description = "The only event that counts; absent for any conversion")
                    @RestQuery
                    @Nullable String event,
            @Parameter(example = "P7D") @RestQuery @Nullable String lookback,
            @Parameter(example = "sent", description = "sent or engaged") @RestQuery
                    @Nullable String touches) {
        List<CreditModel> models = Asked.models(model);
        Question question = question(from, to, journey, event, lookback, touches);
        return tally(models, question)
                .map(tally ->
                        AttributionReport.of(
                                question.range(),
                                question.lookback(),
                                question.word(),
                                journey,
                                event,
                                tally));
    }

    @GET
    @Path("/assisted")
    @Operation(summary = "In how many conversions each channel took part, whoever gets the credit")
    @APIResponse(
            responseCode = "200",
            content = {
                @Content(
                        mediaType = MediaType.APPLICATION_JSON,
                        examples = @ExampleObject(name = "assisted", value = ASSISTED)),
                @Content(mediaType = Tabular.CSV)
            })
    @APIResponse(responseCode = "400", description = "A parameter cannot be read; it is named")
    public Uni<AssistedReport> assisted(
            @Parameter(example = "2026-11-01") @RestQuery @Nullable String from,
            @Parameter(example = "2026-12-01") @RestQuery @Nullable String to,
            @Parameter(example = "cart-abandonment") @RestQuery @Nullable String journey,
            @Parameter(example = "Order Completed") @RestQuery @Nullable String event,
            @Parameter(example = "P7D") @RestQuery @Nullable String lookback,
            @Parameter(example = "sent", description = "sent or engaged") @RestQuery
                    @Nullable String touches) {
        Question question = question(from, to, journey, event, lookback, touches);
        return tally(List.of(), question)
                .map(tally ->
                        AssistedReport.of(
                                question.range(),
                                question.lookback(),
                                question.word(),
                                journey,
                                tally));
    }

    private Question question(
            @Nullable String from,
            @Nullable String to,
            @Nullable String journey,
            @Nullable String event,
            @Nullable String lookback,
            @Nullable String touches) {
        return new Question(
                Asked.range(from, to, clock.instant()),
                Asked.lookback(lookback),
                Asked.touches(touches),
                journey == null ? null : Asked.journey(journey),
                event);
    }

    private Uni<CreditTally> tally(List<CreditModel> models, Question question) {
        String journey = question.journey();
        Uni<CreditPaths.Question> asked =
                journey == null
                        ? Uni.createFrom().item(ofShop(question))
                        : goals.of(journey, rules.has(journey))
                                .map(goal -> ofJourney(question, goal, journey));
        return asked.chain(q -> paths.addTo(new CreditTally(models), q));
    }

    private static CreditPaths.Question ofShop(Question question) {
        return CreditPaths.ofShop(
                question.range().from(),
                question.range().to(),
                question.lookback(),
                question.touches(),
                question.event());
    }

    private static CreditPaths.Question ofJourney(
            Question question, Goals.Goal goal, String journey) {
        return new CreditPaths.Question(
                question.range().from(),
                question.range().to(),
                question.lookback(),
                question.touches(),
                goal.journey(),
                question.event() == null ? goal.name() : question.event(),
                journey);
    }
}
