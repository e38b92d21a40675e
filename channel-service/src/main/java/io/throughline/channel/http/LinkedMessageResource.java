package io.throughline.channel.http;

import io.smallrye.mutiny.Uni;
import io.throughline.channel.link.LinkTokens;
import io.throughline.channel.link.Links.Target;
import io.throughline.channel.store.LinkTargets;
import io.throughline.channel.store.MessageRecords;
import io.throughline.channel.store.MessageRecords.Standing;
import io.throughline.chassis.http.Problem;
import io.throughline.chassis.security.Roles;
import io.throughline.contracts.Channel;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.time.InstantSource;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/**
 * Tells the identity service whose message a link stood in. The secret that links are made with
 * stays in this service.
 */
@Path("/internal/links")
@RolesAllowed(Roles.SERVICE)
@Consumes(MediaType.APPLICATION_JSON)
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Internal")
class LinkedMessageResource {

    private static final String PREFERENCES = "preferences";

    private final LinkTokens tokens;
    private final LinkTargets targets;
    private final MessageRecords records;
    private final InstantSource clock;

    LinkedMessageResource(
            LinkTokens tokens, LinkTargets targets, MessageRecords records, InstantSource clock) {
        this.tokens = tokens;
        this.targets = targets;
        this.records = records;
        this.clock = clock;
    }

    /**
     * @param purpose {@code preferences}; absent for a click
     */
    record LinkQuestion(@Nullable String token, @Nullable String purpose) {}

    /**
     * @param sentAt when the message was handed over, or asked for where that is not known
     */
    record LinkedMessage(
            MessageId message,
            CustomerId customer,
            Channel channel,
            String address,
            Instant sentAt) {

        static LinkedMessage of(Standing standing) {
            Instant sentAt = standing.sentAt();
            return new LinkedMessage(
                    standing.id(),
                    standing.customer(),
                    standing.channel(),
                    standing.to(),
                    sentAt == null ? standing.requestedAt() : sentAt);
        }
    }

    @POST
    @Operation(
            summary = "Tell whose message a token stands in",
            description = "404 where the token is not genuine or older than a link works.")
    public Uni<LinkedMessage> find(@Nullable LinkQuestion question) {
        String token = question == null ? null : question.token();
        String purpose = question == null ? null : question.purpose();
        if (token == null || token.isBlank()) {
            throw Problem.badRequest("token", "expected the token of a link");
        }
        return (purpose == null ? clicked(token) : Uni.createFrom().item(asked(token, purpose)))
                .chain(records::find)
                .map(LinkedMessageResource::known);
    }

    private MessageId asked(String token, String purpose) {
        if (!purpose.equals(PREFERENCES)) {
            throw Problem.badRequest("purpose", "expected " + PREFERENCES + " or nothing");
        }
        return tokens.read(LinkTokens.Purpose.PREFERENCES, token, clock.instant())
                .orElseThrow(LinkedMessageResource::notOurs);
    }

    private Uni<MessageId> clicked(String token) {
        return targets.find(token, clock.instant()).map(target -> genuine(token, target).message());
    }

    /** By the secret, in a time that tells nothing of how much was right. */
    private Target genuine(String token, @Nullable Target target) {
        if (target == null || !tokens.isClickToken(token, target.message(), target.url())) {
            throw notOurs();
        }
        return target;
    }

    private static LinkedMessage known(@Nullable Standing standing) {
        if (standing == null) {
            throw notOurs();
        }
        return LinkedMessage.of(standing);
    }

    private static Problem notOurs() {
        return Problem.notFound("this link is not one of ours, or it is too old");
    }
}
