package io.throughline.identity.http;

import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.mutiny.Uni;
import io.throughline.chassis.http.Problem;
import io.throughline.chassis.security.Roles;
import io.throughline.chassis.stream.SurroundingsFault;
import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Identifier;
import io.throughline.identity.consent.Evidence;
import io.throughline.identity.consent.LegalBasis;
import io.throughline.identity.consent.Provenance;
import io.throughline.identity.registry.ConsentBook;
import io.throughline.identity.registry.ConsentBook.OptOut;
import io.throughline.identity.registry.ConsentBook.Statement;
import io.throughline.identity.store.Consent;
import io.throughline.identity.store.WordingStore;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Consents from sign-up forms and preference centres, and opt-outs that people take down. */
@Path("/api")
@Consumes(MediaType.APPLICATION_JSON)
@Produces(MediaType.APPLICATION_JSON)
@RolesAllowed(Roles.MARKETER)
@Tag(name = "Consents")
class ConsentResource {

    private final ConsentBook book;
    private final WordingStore wordings;
    private final Naming naming;
    private final SecurityIdentity caller;

    ConsentResource(
            ConsentBook book, WordingStore wordings, Naming naming, SecurityIdentity caller) {
        this.book = book;
        this.wordings = wordings;
        this.naming = naming;
        this.caller = caller;
    }

    /**
     * The body of a request.
     *
     * @param evidence a text, or an object of {@code text}, {@code ip}, {@code page}, {@code
     *     message}, {@code keyword}, {@code userAgent}, {@code agent}
     * @param wording version of a registered wording
     */
    record ConsentRequest(
            @Nullable String identifier,
            @Nullable String channel,
            @Nullable String topic,
            @Nullable String state,
            @Nullable String source,
            @Nullable Object evidence,
            @Nullable String wording,
            @Nullable String legalBasis) {}

    /**
     * @param channels absent: all
     * @param topics absent: the channels as a whole
     */
    record OptOutRequest(
            @Nullable String identifier,
            @Nullable List<@Nullable String> channels,
            @Nullable List<@Nullable String> topics,
            @Nullable String source,
            @Nullable Object evidence) {}

    /**
     * What was taken down.
     *
     * @param address where the consent is for one address
     */
    record ConsentTaken(
            CustomerId customer,
            Channel channel,
            @Nullable String topic,
            ConsentState state,
            @Nullable String address,
            String source,
            Instant at) {

        static ConsentTaken of(Consent consent) {
            return new ConsentTaken(
                    Said.present(consent.customer()),
                    consent.channel(),
                    consent.topic(),
                    consent.state(),
                    consent.address(),
                    consent.provenance().source(),
                    consent.at());
        }
    }

    /** All of it is in force. */
    record OptOutTaken(CustomerId customer, List<ConsentTaken> consents) {

        static OptOutTaken of(List<Consent> consents) {
            return new OptOutTaken(
                    Said.present(consents.getFirst().customer()),
                    consents.stream().map(ConsentTaken::of).toList());
        }
    }

    @PUT
    @Path("consents")
    @Operation(
            summary = "Take a consent or its withdrawal",
            description =
                    "In the ledger and in force in all channels when this answers 200. The customer is"
                            + " made where the identifier is new. wording names a text registered at"
                            + " /api/consent-wordings; evidence is a text, or an object of text, ip, page,"
                            + " message, keyword, userAgent, agent.")
    @RequestBody(
            content =
                    @Content(
                            examples = {
                                @ExampleObject(
                                        name = "opt-out",
                                        value =
                                                """
                                                {"identifier":"phone:+34600111222","channel":"sms",
                                                 "state":"opted_out","source":"preference-centre"}\
                                                """),
                                @ExampleObject(
                                        name = "opt-in with proof",
                                        value =
                                                """
                                                {"identifier":"email:ana@example.com","channel":"email","topic":"offers",
                                                 "state":"opted_in","source":"checkout","wording":"offers-2026-03",
                                                 "legalBasis":"consent",
                                                 "evidence":{"ip":"203.0.113.7","page":"https://shop.example/checkout"}}\
                                                """)
                            }))
    public Uni<ConsentTaken> put(@Nullable ConsentRequest request) {
        if (request == null) {
            throw Problem.badRequest("body", "expected a JSON object");
        }
        Statement statement = statement(request);
        return registered(wordings, statement.provenance().wording())
                .chain(() -> book.take(statement))
                .map(ConsentTaken::of)
                .onFailure(SurroundingsFault.class)
                .transform(ConsentResource::away);
    }

    @POST
    @Path("opt-outs")
    @Operation(
            summary = "Take down that a customer wants no more messages",
            description =
                    "For support desks, letters, shops: by any of her identifiers, on all channels unless"
                            + " some are named, for each address she holds. In force when this answers 200.")
    @RequestBody(
            content =
                    @Content(
                            examples =
                                    @ExampleObject(
                                            name = "said on the phone",
                                            value =
                                                    """
                                                    {"identifier":"loyalty:L-4711","source":"call-centre",
                                                     "evidence":{"text":"wants no advertising any more","agent":"desk-7"}}\
                                                    """)))
    public Uni<OptOutTaken> optOut(@Nullable OptOutRequest request) {
        if (request == null) {
            throw Problem.badRequest("body", "expected a JSON object");
        }
        return book.take(optOutOf(request))
                .map(taken -> {
                    if (taken.isEmpty()) {
                        throw Problem.notFound("nobody is known by " + request.identifier());
                    }
                    return OptOutTaken.of(taken);
                })
                .onFailure(SurroundingsFault.class)
                .transform(ConsentResource::away);
    }

    private Statement statement(ConsentRequest request) {
        Said said = new Said(naming);
        Identifier identifier = said.identifier(request.identifier());
        Channel channel = said.needed("channel", request.channel(), Channel::of);
        ConsentState state = said.needed("state", request.state(), ConsentState::of);
        String source = said.needed("source", request.source(), Said::word);
        String topic = said.optional("topic", request.topic(), Said::word);
        String wording = said.optional("wording", request.wording(), Said::word);
        LegalBasis basis = said.legalBasis(request.legalBasis());
        Evidence evidence = said.evidence(request.evidence());
        said.orRefuse();
        return new Statement(
                Said.present(identifier),
                Said.present(channel),
                topic,
                Said.present(state),
                new Provenance(Said.present(source), evidence, wording, basis, recordedBy()));
    }

    private OptOut optOutOf(OptOutRequest request) {
        Said said = new Said(naming);
        Identifier identifier = said.identifier(request.identifier());
        Set<Channel> channels = said.channels(request.channels());
        Set<String> topics = said.topics(request.topics());
        String source = said.needed("source", request.source(), Said::word);
        Evidence evidence = said.evidence(request.evidence());
        said.orRefuse();
        return new OptOut(
                Said.present(identifier),
                channels,
                topics,
                Provenance.of(Said.present(source), evidence, recordedBy()));
    }

    /** Refuses a wording that nobody registered: it would prove nothing. */
    static Uni<Void> registered(WordingStore wordings, @Nullable String wording) {
        return wording == null
                ? Uni.createFrom().voidItem()
                : wordings.find(wording)
                        .invoke(found -> {
                            if (found.isEmpty()) {
                                throw Problem.unprocessable(
                                        "wording",
                                        "there is no wording '%s'; PUT its text to /api/consent-wordings/%s first"
                                                .formatted(wording, wording));
                            }
                        })
                        .replaceWithVoid();
    }

    private String recordedBy() {
        return caller.getPrincipal().getName();
    }

    private static Throwable away(Throwable failure) {
        return Problem.unavailable("the consent cannot be put in force now");
    }
}
