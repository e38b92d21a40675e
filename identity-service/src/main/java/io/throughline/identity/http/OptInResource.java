package io.throughline.identity.http;

import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.mutiny.Uni;
import io.throughline.chassis.http.Problem;
import io.throughline.chassis.security.Roles;
import io.throughline.chassis.stream.SurroundingsFault;
import io.throughline.contracts.Channel;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Identifier;
import io.throughline.identity.consent.About;
import io.throughline.identity.consent.Evidence;
import io.throughline.identity.consent.LegalBasis;
import io.throughline.identity.consent.Provenance;
import io.throughline.identity.identifier.Identifiers;
import io.throughline.identity.registry.OptInRequests;
import io.throughline.identity.store.OptInRequestStore.OptInRequest;
import io.throughline.identity.store.WordingStore;
import io.vertx.core.http.HttpServerRequest;
import jakarta.annotation.security.RolesAllowed;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/** Opt-ins that count once whoever has the address has confirmed them. */
@Path("/api/opt-in-requests")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Consents")
class OptInResource {

    private static final Duration LATER = Duration.ofHours(1);

    private final OptInRequests requests;
    private final WordingStore wordings;
    private final Reading reading;

    /** What a request is read with. */
    @ApplicationScoped
    static class Reading {

        private final Naming naming;
        private final SecurityIdentity caller;
        private final PublicAddress here;
        private final InstantSource clock;

        Reading(Naming naming, SecurityIdentity caller, PublicAddress here, InstantSource clock) {
            this.naming = naming;
            this.caller = caller;
            this.here = here;
            this.clock = clock;
        }

        Said said() {
            return new Said(naming);
        }

        String caller() {
            return caller.getPrincipal().getName();
        }

        String base(HttpServerRequest request) {
            return here.of(request).url();
        }

        Instant now() {
            return clock.instant();
        }
    }

    OptInResource(OptInRequests requests, WordingStore wordings, Reading reading) {
        this.requests = requests;
        this.wordings = wordings;
        this.reading = reading;
    }

    /** As a consent, with no state: it has none yet. */
    record OptInBody(
            @Nullable String identifier,
            @Nullable String channel,
            @Nullable String topic,
            @Nullable String source,
            @Nullable Object evidence,
            @Nullable String wording,
            @Nullable String legalBasis) {}

    /**
     * @param state pending, confirmed or expired
     * @param provenance what it was asked for with
     */
    record OptInView(
            UUID id,
            CustomerId customer,
            Identifier identifier,
            Channel channel,
            @Nullable String topic,
            String state,
            Provenance provenance,
            Instant requestedAt,
            Instant expiresAt,
            @Nullable Instant confirmedAt) {

        static OptInView pending(OptInRequest request) {
            return of(request, request.requestedAt());
        }

        static OptInView of(OptInRequest request, Instant now) {
            String state =
                    request.confirmedAt() != null
                            ? "confirmed"
                            : request.isPending(now) ? "pending" : "expired";
            return new OptInView(
                    request.id(),
                    request.customer(),
                    request.identifier(),
                    request.about().channel(),
                    request.about().topic(),
                    state,
                    request.provenance(),
                    request.requestedAt(),
                    request.expiresAt(),
                    request.confirmedAt());
        }
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @RolesAllowed(Roles.MARKETER)
    @Operation(
            summary = "Ask for an opt-in that its address confirms",
            description =
                    "Double opt-in: the event 'Opt-In Requested' goes to the customer's journeys with the"
                            + " link in event.properties.confirmation_url; a journey of category transactional"
                            + " sends it. The link works for seven days. An address is asked at most five"
                            + " times a day.")
    @RequestBody(
            content =
                    @Content(
                            examples =
                                    @ExampleObject(
                                            name = "a newsletter form",
                                            value =
                                                    """
                                                    {"identifier":"email:ana@example.com","channel":"email","topic":"offers",
                                                     "source":"footer-form","evidence":{"ip":"203.0.113.7",
                                                     "page":"https://shop.example/"}}\
                                                    """)))
    @APIResponse(responseCode = "202", description = "It waits to be confirmed.")
    public Uni<RestResponse<OptInView>> ask(
            @Nullable OptInBody body, @Context HttpServerRequest request) {
        if (body == null) {
            throw Problem.badRequest("body", "expected a JSON object");
        }
        Said said = reading.said();
        Identifier identifier = said.identifier(body.identifier());
        Channel channel = said.needed("channel", body.channel(), Channel::of);
        if (identifier != null && channel != null) {
            said.expect(
                    "identifier",
                    Identifiers.isAddressOf(identifier, channel),
                    "expected an address of the channel, which can confirm");
        }
        String topic = said.optional("topic", body.topic(), Said::word);
        String source = said.needed("source", body.source(), Said::word);
        String wording = said.optional("wording", body.wording(), Said::word);
        LegalBasis basis = said.legalBasis(body.legalBasis());
        Evidence evidence = said.evidence(body.evidence());
        said.orRefuse();
        Provenance from =
                new Provenance(
                        Said.present(source),
                        evidence,
                        wording,
                        basis == null ? LegalBasis.CONSENT : basis,
                        reading.caller());
        return ConsentResource.registered(wordings, wording)
                .chain(() ->
                        requests.ask(
                                Said.present(identifier),
                                new About(Said.present(channel), topic),
                                from,
                                reading.base(request)))
                .map(asked ->
                        asked.orElseThrow(() ->
                                Problem.tooManyRequests(
                                        "this address was asked five times within a day", LATER)))
                .map(this::accepted)
                .onFailure(SurroundingsFault.class)
                .transform(e -> Problem.unavailable("this cannot be asked for now"));
    }

    @GET
    @Path("{id}")
    @RolesAllowed(Roles.VIEWER)
    @Operation(summary = "What became of an asked-for opt-in")
    public Uni<OptInView> get(@PathParam("id") UUID id) {
        return requests.find(id)
                .map(found ->
                        found.orElseThrow(
                                () -> Problem.notFound("there is no opt-in request " + id)))
                .map(request -> OptInView.of(request, reading.now()));
    }

    private RestResponse<OptInView> accepted(OptInRequest request) {
        return RestResponse.ResponseBuilder.<OptInView>create(RestResponse.Status.ACCEPTED)
                .entity(OptInView.of(request, reading.now()))
                .location(URI.create("/api/opt-in-requests/" + request.id()))
                .build();
    }
}
