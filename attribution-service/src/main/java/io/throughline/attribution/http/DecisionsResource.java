package io.throughline.attribution.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.smallrye.mutiny.Uni;
import io.throughline.attribution.explanation.DecisionRecord;
import io.throughline.attribution.neighbour.ChannelService;
import io.throughline.attribution.neighbour.ChannelService.Outlook;
import io.throughline.attribution.neighbour.ChannelService.Question;
import io.throughline.attribution.store.Decisions;
import io.throughline.attribution.store.Decisions.Position;
import io.throughline.chassis.http.Cursor;
import io.throughline.chassis.http.Page;
import io.throughline.chassis.security.Roles;
import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.CustomerId;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;
import org.jspecify.annotations.Nullable;

/** Why a customer did or did not get a message. */
@Path("/api/customers/{id}/decisions")
@Produces(MediaType.APPLICATION_JSON)
@RolesAllowed(Roles.VIEWER)
@Tag(name = "decisions")
public class DecisionsResource {

    private static final String EXAMPLE =
            """
            {"items":[{"id":"0193d8a4-51c0-7b1e-9f00-3c1d5a7e9b21","at":"2026-11-23T10:45:00Z","kind":"suppressed",
              "journey":"cart-abandonment","journeyVersion":3,"instance":"0193d8a3-0000-7000-8000-000000000001",
              "step":"steps[1].send","message":"5b0f6c1e-7a54-3d0e-8c8e-1f2d3c4b5a69","channel":"sms",
              "rule":"cap:global:P1D","reason":"global_cap",
              "verdicts":[{"rule":"consent","passed":true},
                          {"rule":"cap:global:P1D","passed":false,"count":3,"limit":3,"window":"PT24H","retryAt":"2026-11-23T18:02:11Z"}],
              "policyVersion":7,"options":[],"until":"2026-11-23T18:02:11Z",
              "change":"1 contact fewer in all in 1 day, or allowed from 2026-11-23T18:02:11Z",
              "explanation":"The SMS was not sent because the cap over all channels is reached (3 of 3 in all in 1 day); it could pass from 2026-11-23T18:02:11Z."}],
             "next":"MjAyNi0xMS0yM1QxMDo0NTowMFov"}
            """;

    private static final String NOW_EXAMPLE =
            """
            {"items":[],
             "now":{"channel":"sms","template":"cart-last","category":"marketing","journey":"cart-abandonment",
              "at":"2026-11-23T10:45:00Z","allowed":false,"reason":"no_consent",
              "verdicts":[{"rule":"route","passed":true},{"rule":"content","passed":true},{"rule":"reachable","passed":true},
                          {"rule":"known-customer","passed":true},{"rule":"consent","passed":false},{"rule":"address","passed":true},
                          {"rule":"silence","passed":true},{"rule":"quiet-hours","passed":true},
                          {"rule":"cap:global:P1D","passed":false,"count":3,"limit":3,"window":"PT24H","retryAt":"2026-11-23T18:02:11Z"}],
              "policyVersion":7,
              "change":"consent for SMS, and 1 contact fewer in all in 1 day or allowed from 2026-11-23T18:02:11Z"}}
            """;

    private final Decisions decisions;
    private final ChannelService channels;

    DecisionsResource(Decisions decisions, ChannelService channels) {
        this.decisions = decisions;
        this.channels = channels;
    }

    /**
     * @param next give it as {@code cursor} to read on; absent at the end
     * @param now absent unless it was asked about
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Decided(List<DecisionRecord> items, @Nullable String next, @Nullable Now now) {}

    /** What was asked about now, and the answer. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Now(
            Channel channel,
            String template,
            Category category,
            @Nullable String topic,
            @Nullable String journey,
            @JsonUnwrapped Outlook outlook) {}

    @GET
    @Operation(
            summary =
                    "A customer's decision records, newest first, and whether a message would pass now",
            description =
                    "Takes the id of a customer that has merged into another as well. A customer about whom nothing was decided has an empty list. With channel and template it also says whether that template on that channel would pass now, and if not, when; nothing is sent or counted.")
    @APIResponse(
            responseCode = "200",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON,
                            examples = {
                                @ExampleObject(name = "suppressed", value = EXAMPLE),
                                @ExampleObject(name = "asked about now", value = NOW_EXAMPLE)
                            }))
    @APIResponse(
            responseCode = "400",
            description =
                    "The id, cursor or limit cannot be read, or what is asked about now: there is no such channel, category or template, or one of channel and template is missing")
    @APIResponse(responseCode = "404", description = "Asked about now: nobody has the id")
    @APIResponse(responseCode = "410", description = "Asked about now: the customer was erased")
    @APIResponse(
            responseCode = "503",
            description = "Asked about now: the channel service or the contact gate is away")
    public Uni<Decided> decisions(
            @RestPath String id,
            @Parameter(description = "The value of next from the page before") @RestQuery
                    @Nullable String cursor,
            @Parameter(example = "50", description = "From 1 to 200") @RestQuery
                    @Nullable String limit,
            @Parameter(example = "sms", description = "Asks about now, with template") @RestQuery
                    @Nullable String channel,
            @Parameter(example = "cart-last", description = "Asks about now, with channel")
                    @RestQuery
                    @Nullable String template,
            @Parameter(
                            example = "marketing",
                            description =
                                    "Of the message asked about: marketing (if not said), service or transactional")
                    @RestQuery
                    @Nullable String category,
            @Parameter(description = "Consent topic of the message asked about; none if not said")
                    @RestQuery
                    @Nullable String topic,
            @Parameter(
                            example = "cart-abandonment",
                            description =
                                    "Key of the journey that the message asked about is of; none if not said")
                    @RestQuery
                    @Nullable String journey) {
        int size = Asked.limit(limit);
        CustomerId customer = Asked.customer(id);
        Position after = position(cursor);
        Optional<Question> question =
                Asked.now(customer, channel, template, category, topic, journey);
        return question.map(this::now)
                .orElseGet(() -> Uni.createFrom().item(Optional.empty()))
                .chain(now ->
                        decisions
                                .of(customer, after, size + 1)
                                .map(found -> Page.of(found, size, d -> d.at() + "/" + d.id()))
                                .map(page ->
                                        new Decided(page.items(), page.next(), now.orElse(null))));
    }

    private Uni<Optional<Now>> now(Question asked) {
        return channels.outlook(asked)
                .map(outlook ->
                        Optional.of(
                                new Now(
                                        asked.channel(),
                                        asked.template(),
                                        asked.category(),
                                        asked.topic(),
                                        asked.journey(),
                                        outlook)));
    }

    private static @Nullable Position position(@Nullable String cursor) {
        return Cursor.timed(cursor, (time, rest) -> new Position(time, UUID.fromString(rest)));
    }
}
