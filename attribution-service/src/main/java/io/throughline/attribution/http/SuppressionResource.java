package io.throughline.attribution.http;

import io.smallrye.mutiny.Uni;
import io.throughline.attribution.store.Misses;
import io.throughline.attribution.store.OptOutTimes;
import io.throughline.chassis.http.Cursor;
import io.throughline.chassis.http.Page;
import io.throughline.chassis.http.Problem;
import io.throughline.chassis.security.Roles;
import io.throughline.contracts.Channel;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestQuery;
import org.jspecify.annotations.Nullable;

/** What slipped past conversions and opt-outs, and how soon those were in force. */
@Path("/api/reports")
@Produces({MediaType.APPLICATION_JSON, Tabular.CSV})
@RolesAllowed(Roles.VIEWER)
@Tag(name = "reports")
public class SuppressionResource {

    private static final int SOURCES = 20;
    private static final int PAST_RECALL = 50;

    private static final String MISSES =
            """
            {"from":"2026-11-01T00:00:00Z","to":"2026-12-01T00:00:00Z","misses":1,"messages":1,"recalled":1,
             "delay":{"p50":"PT15M4.02S","p99":"PT15M4.02S","worst":"PT15M4.02S"},
             "doors":[{"door":"source","misses":1,"p50":"PT15M","p99":"PT15M","worst":"PT15M"},
                      {"door":"network","misses":0,"p50":"PT4S","p99":"PT4S","worst":"PT4S"},
                      {"door":"ingestion","misses":0,"p50":"PT0.02S","p99":"PT0.02S","worst":"PT0.02S"},
                      {"door":"engine","misses":0,"p50":"PT0S","p99":"PT0S","worst":"PT0S"}],
             "sources":[{"kind":"conversion","source":"pos","misses":1,
                         "delay":{"p50":"PT15M4.02S","p99":"PT15M4.02S","worst":"PT15M4.02S"}}],
             "items":[{"message":"5b0f6c1e-7a54-3d0e-8c8e-1f2d3c4b5a69","customer":"0193d8a3-0000-7000-8000-000000000001",
                       "channel":"sms","journey":"cart-abandonment","kind":"conversion","event":"Order Completed","source":"pos",
                       "happenedAt":"2026-11-23T10:00:00Z","receivedAt":"2026-11-23T10:15:04Z","inForceAt":"2026-11-23T10:15:04.02Z",
                       "handedOverAt":"2026-11-23T10:05:00Z","door":"source","delay":"PT15M4.02S",
                       "parts":{"source":"PT15M","network":"PT4S","ingestion":"PT0.02S","engine":"PT0S"},"recall":"recalled"}]}
            """;

    private static final String LATENCY =
            """
            {"from":"2026-11-01T00:00:00Z","to":"2026-12-01T00:00:00Z","objective":"PT0.05S","met":true,"optOuts":3,
             "requestToInForce":{"p50":"PT0.004S","p99":"PT0.011S","worst":"PT0.011S"},
             "acknowledgedToInForce":{"p50":"PT0S","p99":"PT0S","worst":"PT0S"},
             "lines":[{"channel":"sms","means":"keyword","optOuts":3,"met":true,
                       "requestToInForce":{"p50":"PT0.004S","p99":"PT0.011S","worst":"PT0.011S"},
                       "acknowledgedToInForce":{"p50":"PT0S","p99":"PT0S","worst":"PT0S"}}],
             "pastRecall":[]}
            """;

    private final Misses misses;
    private final OptOutTimes times;
    private final InstantSource clock;
    private final Duration objective;

    SuppressionResource(
            Misses misses,
            OptOutTimes times,
            InstantSource clock,
            @ConfigProperty(
                            name = "throughline.attribution.opt-out-objective",
                            defaultValue = "PT0.05S")
                    Duration objective) {
        this.misses = misses;
        this.times = times;
        this.clock = clock;
        this.objective = objective;
    }

    @GET
    @Path("/suppression-misses")
    @Operation(
            summary =
                    "Messages that slipped past a conversion or an opt-out, and where the time went",
            description =
                    "A message is a miss where it was handed over after the conversion or opt-out had happened that would have kept it back, in the time from handing it over. The figures are of all misses in the time, the items are a page of them.")
    @APIResponse(
            responseCode = "200",
            content = {
                @Content(
                        mediaType = MediaType.APPLICATION_JSON,
                        examples = @ExampleObject(name = "misses", value = MISSES)),
                @Content(mediaType = Tabular.CSV)
            })
    @APIResponse(responseCode = "400", description = "A parameter cannot be read; it is named")
    public Uni<SuppressionMissReport> misses(
            @Parameter(example = "2026-11-01") @RestQuery @Nullable String from,
            @Parameter(example = "2026-12-01") @RestQuery @Nullable String to,
            @Parameter(description = "Absent for all") @RestQuery @Nullable String journey,
            @Parameter(description = "Absent for all", example = "sms") @RestQuery
                    @Nullable String channel,
            @Parameter(description = "The value of next from the page before") @RestQuery
                    @Nullable String cursor,
            @Parameter(example = "50", description = "From 1 to 200") @RestQuery
                    @Nullable String limit) {
        Asked.Range range = Asked.range(from, to, clock.instant());
        Misses.Asked asked =
                new Misses.Asked(range.from(), range.to(), journey, channelWord(channel));
        Misses.Position after = position(cursor);
        int size = Asked.limit(limit);
        return misses.summary(asked)
                .chain(summary ->
                        misses.slowest(asked, SOURCES)
                                .chain(sources ->
                                        misses.list(asked, after, size + 1)
                                                .map(found ->
                                                        report(
                                                                range, summary, sources, found,
                                                                size))));
    }

    private static SuppressionMissReport report(
            Asked.Range range,
            Misses.Summary summary,
            List<Misses.Source> sources,
            List<Misses.Miss> found,
            int size) {
        Page<Misses.Miss> page =
                Page.of(found, size, m -> m.handedOverAt() + "/" + m.message() + "/" + m.kind());
        return new SuppressionMissReport(
                range.from(),
                range.to(),
                summary.misses(),
                summary.messages(),
                summary.recalled(),
                summary.delay(),
                summary.doors(),
                sources,
                page.items(),
                page.next());
    }

    @GET
    @Path("/opt-out-latency")
    @Operation(
            summary =
                    "How soon opt-outs were in force, by channel and means, against the objective",
            description =
                    "Of opt-outs that were asked for here: by the API, the preference centre, a keyword, or a message's own link. Imported ones are not among them.")
    @APIResponse(
            responseCode = "200",
            content = {
                @Content(
                        mediaType = MediaType.APPLICATION_JSON,
                        examples = @ExampleObject(name = "latency", value = LATENCY)),
                @Content(mediaType = Tabular.CSV)
            })
    @APIResponse(responseCode = "400", description = "A parameter cannot be read; it is named")
    public Uni<OptOutLatencyReport> latency(
            @Parameter(example = "2026-11-01") @RestQuery @Nullable String from,
            @Parameter(example = "2026-12-01") @RestQuery @Nullable String to) {
        Asked.Range range = Asked.range(from, to, clock.instant());
        return times.between(range.from(), range.to())
                .chain(found ->
                        misses.pastRecall(range.from(), range.to(), PAST_RECALL)
                                .map(past ->
                                        OptOutLatencyReport.of(range, objective, found, past)));
    }

    private static @Nullable String channelWord(@Nullable String word) {
        if (word == null) {
            return null;
        }
        try {
            return Channel.of(word).word();
        } catch (IllegalArgumentException e) {
            throw Problem.badRequest("channel", "expected a channel such as sms or email");
        }
    }

    private static Misses.@Nullable Position position(@Nullable String cursor) {
        return Cursor.timed(
                cursor,
                (time, rest) -> {
                    String[] parts = rest.split("/", -1);
                    if (parts.length != 2) {
                        throw new IllegalArgumentException(rest);
                    }
                    return new Misses.Position(time, UUID.fromString(parts[0]), parts[1]);
                });
    }
}
