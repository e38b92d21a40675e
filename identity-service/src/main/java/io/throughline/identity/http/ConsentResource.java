package io.throughline.identity.http;

import io.smallrye.mutiny.Uni;
import io.throughline.chassis.http.Problem;
import io.throughline.chassis.security.Roles;
import io.throughline.chassis.stream.SurroundingsFault;
import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import io.throughline.identity.registry.ConsentBook;
import io.throughline.identity.registry.ConsentBook.Statement;
import io.throughline.identity.store.Consent;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Consents from preference centres, imports, support desks. */
@Path("/api/consents")
@Consumes(MediaType.APPLICATION_JSON)
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Consents")
class ConsentResource {

    private static final int MAX_WORD = 100;
    private static final int MAX_EVIDENCE = 2_000;

    private final ConsentBook book;
    private final Naming naming;

    ConsentResource(ConsentBook book, Naming naming) {
        this.book = book;
        this.naming = naming;
    }

    /** The body of a request. */
    record ConsentRequest(
            @Nullable String identifier,
            @Nullable String channel,
            @Nullable String topic,
            @Nullable String state,
            @Nullable String source,
            @Nullable String evidence) {}

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
                    Objects.requireNonNull(consent.customer(), "a consent taken has a customer"),
                    consent.channel(),
                    consent.topic(),
                    consent.state(),
                    consent.address(),
                    consent.source(),
                    consent.at());
        }
    }

    @PUT
    @RolesAllowed(Roles.MARKETER)
    @Operation(
            summary = "Take a consent or its withdrawal",
            description =
                    "In the ledger and in force in all channels when this answers 200. The customer is"
                            + " made where the identifier is new.")
    @RequestBody(
            content =
                    @Content(
                            examples =
                                    @ExampleObject(
                                            name = "opt-out",
                                            value =
                                                    """
                                                    {"identifier":"phone:+34600111222","channel":"sms",
                                                     "state":"opted_out","source":"preference-centre"}\
                                                    """)))
    public Uni<ConsentTaken> put(@Nullable ConsentRequest request) {
        return book.take(statement(request))
                .map(ConsentTaken::of)
                .onFailure(SurroundingsFault.class)
                .transform(e -> Problem.unavailable("the consent cannot be put in force now"));
    }

    private Statement statement(@Nullable ConsentRequest request) {
        if (request == null) {
            throw Problem.badRequest("body", "expected a JSON object");
        }
        List<Problem.FieldError> errors = new ArrayList<>();
        check(errors, "identifier", request.identifier(), naming::identifier);
        check(errors, "channel", request.channel(), Channel::of);
        check(errors, "state", request.state(), ConsentState::of);
        check(errors, "source", request.source(), source -> atMost(source, MAX_WORD));
        checkOptional(errors, "topic", request.topic(), MAX_WORD);
        checkOptional(errors, "evidence", request.evidence(), MAX_EVIDENCE);
        if (!errors.isEmpty()) {
            throw Problem.of(errors);
        }
        return new Statement(
                naming.identifier(present(request.identifier())),
                Channel.of(present(request.channel())),
                request.topic(),
                ConsentState.of(present(request.state())),
                present(request.source()),
                request.evidence());
    }

    private interface Check {
        Object apply(String value);
    }

    private static void check(
            List<Problem.FieldError> errors, String field, @Nullable String value, Check check) {
        if (value == null || value.isBlank()) {
            errors.add(new Problem.FieldError(field, field + " is missing"));
            return;
        }
        try {
            check.apply(value);
        } catch (IllegalArgumentException e) {
            errors.add(new Problem.FieldError(field, String.valueOf(e.getMessage())));
        }
    }

    private static void checkOptional(
            List<Problem.FieldError> errors, String field, @Nullable String value, int max) {
        if (value != null) {
            check(errors, field, value, text -> atMost(text, max));
        }
    }

    private static String atMost(String text, int max) {
        if (text.length() > max || text.indexOf(0) >= 0) {
            throw new IllegalArgumentException(
                    "expected at most " + max + " characters and none of them U+0000");
        }
        return text;
    }

    private static String present(@Nullable String checked) {
        return Objects.requireNonNull(checked, "it was checked before");
    }
}
