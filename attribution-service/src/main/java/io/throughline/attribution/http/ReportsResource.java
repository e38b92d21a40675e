package io.throughline.attribution.http;

import io.smallrye.mutiny.Uni;
import io.throughline.attribution.store.Deliveries;
import io.throughline.attribution.store.Funnels;
import io.throughline.chassis.security.Roles;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.InstantSource;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestQuery;
import org.jspecify.annotations.Nullable;

/** Counts of what happened, as JSON or CSV. */
@Path("/api/reports")
@Produces({MediaType.APPLICATION_JSON, Tabular.CSV})
@RolesAllowed(Roles.VIEWER)
@Tag(name = "reports")
public class ReportsResource {

    private static final String FUNNEL =
            """
            {"from":"2026-11-01T00:00:00Z","to":"2026-12-01T00:00:00Z","journeys":[{"journey":"cart-abandonment",
             "entered":900,"heldOut":100,"sent":1310,"delivered":1288,"failed":9,"unknown":1,"opened":402,"clicked":133,
             "converted":118,"ghostSends":143,"left":{"completed":601,"goal":118},"suppressed":{"global_cap":77},"withheld":{"no_address":12}}]}
            """;

    private static final String DELIVERABILITY =
            """
            {"from":"2026-11-01T00:00:00Z","to":"2026-12-01T00:00:00Z","days":[
             {"day":"2026-11-23","channel":"sms","tried":640,"sent":639,"delivered":630,"failed":8,"unknown":1}]}
            """;

    private static final String OPT_OUTS =
            """
            {"from":"2026-11-01T00:00:00Z","to":"2026-12-01T00:00:00Z","days":[
             {"day":"2026-11-23","channel":"sms","sent":639,"delivered":630,"optOuts":3,"complaints":0}]}
            """;

    private final Funnels funnels;
    private final Deliveries deliveries;
    private final InstantSource clock;

    ReportsResource(Funnels funnels, Deliveries deliveries, InstantSource clock) {
        this.funnels = funnels;
        this.deliveries = deliveries;
        this.clock = clock;
    }

    @GET
    @Path("/funnel")
    @Operation(summary = "How far customers got in each journey, and why they stopped")
    @APIResponse(
            responseCode = "200",
            content = {
                @Content(
                        mediaType = MediaType.APPLICATION_JSON,
                        examples = @ExampleObject(name = "funnel", value = FUNNEL)),
                @Content(mediaType = Tabular.CSV)
            })
    @APIResponse(responseCode = "400", description = "A parameter cannot be read; it is named")
    public Uni<FunnelReport> funnel(
            @Parameter(example = "2026-11-01") @RestQuery @Nullable String from,
            @Parameter(example = "2026-12-01") @RestQuery @Nullable String to,
            @Parameter(description = "Absent for all") @RestQuery @Nullable String journey) {
        Asked.Range range = Asked.range(from, to, clock.instant());
        return funnels.between(range.from(), range.to(), journey)
                .map(found -> new FunnelReport(range.from(), range.to(), found));
    }

    @GET
    @Path("/deliverability")
    @Operation(summary = "What carriers made of messages, by day and channel")
    @APIResponse(
            responseCode = "200",
            content = {
                @Content(
                        mediaType = MediaType.APPLICATION_JSON,
                        examples = @ExampleObject(name = "deliverability", value = DELIVERABILITY)),
                @Content(mediaType = Tabular.CSV)
            })
    @APIResponse(responseCode = "400", description = "A parameter cannot be read; it is named")
    public Uni<DeliverabilityReport> deliverability(
            @Parameter(example = "2026-11-01") @RestQuery @Nullable String from,
            @Parameter(example = "2026-12-01") @RestQuery @Nullable String to,
            @Parameter(description = "Absent for all") @RestQuery @Nullable String journey) {
        Asked.Range range = Asked.range(from, to, clock.instant());
        return deliveries
                .delivered(range.from(), range.to(), journey)
                .map(days -> new DeliverabilityReport(range.from(), range.to(), days));
    }

    @GET
    @Path("/opt-outs")
    @Operation(summary = "What customers said against messages, by day and channel")
    @APIResponse(
            responseCode = "200",
            content = {
                @Content(
                        mediaType = MediaType.APPLICATION_JSON,
                        examples = @ExampleObject(name = "opt-outs", value = OPT_OUTS)),
                @Content(mediaType = Tabular.CSV)
            })
    @APIResponse(responseCode = "400", description = "A parameter cannot be read; it is named")
    public Uni<OptOutReport> optOuts(
            @Parameter(example = "2026-11-01") @RestQuery @Nullable String from,
            @Parameter(example = "2026-12-01") @RestQuery @Nullable String to,
            @Parameter(
                            description =
                                    "Absent for all; else only what was said against a message that is"
                                            + " known to be of it")
                    @RestQuery
                    @Nullable String journey) {
        Asked.Range range = Asked.range(from, to, clock.instant());
        return deliveries
                .objected(range.from(), range.to(), journey)
                .map(days -> new OptOutReport(range.from(), range.to(), days));
    }
}
