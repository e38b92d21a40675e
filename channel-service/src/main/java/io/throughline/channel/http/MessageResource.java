package io.throughline.channel.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.smallrye.mutiny.Uni;
import io.throughline.channel.delivery.MessageState;
import io.throughline.channel.store.MessageRecords;
import io.throughline.channel.store.MessageRecords.Happening;
import io.throughline.channel.store.MessageRecords.Part;
import io.throughline.channel.store.MessageRecords.Position;
import io.throughline.channel.store.MessageRecords.Standing;
import io.throughline.channel.store.Recalls;
import io.throughline.chassis.http.Cursor;
import io.throughline.chassis.http.Page;
import io.throughline.chassis.http.Problem;
import io.throughline.chassis.security.Roles;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jspecify.annotations.Nullable;

/** The lives of messages. */
@Path("/api/messages")
@Produces(MediaType.APPLICATION_JSON)
@RolesAllowed(Roles.VIEWER)
public class MessageResource {

    private final MessageRecords records;
    private final Recalls recalls;

    MessageResource(MessageRecords records, Recalls recalls) {
        this.records = records;
        this.recalls = recalls;
    }

    /**
     * One message's life.
     *
     * @param standing where it stands, with what every rule of the gate said when it was last asked
     * @param change the smallest change that would have let it pass when that last refused it;
     *     absent where nothing did
     * @param parts as the carrier knows them
     * @param recall what came of taking it back; absent where nothing came that asked for that
     * @param history every state with its time, and why: what every rule said then, under which
     *     policy, and what would have turned it
     */
    public record Life(
            @JsonUnwrapped Standing standing,
            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String change,
            List<Part> parts,
            List<Happening> history,
            @JsonInclude(JsonInclude.Include.NON_NULL) Recalls.@Nullable Recall recall) {}

    @GET
    @Path("{id}")
    @Operation(summary = "One message's life: its states with times, its route, why it did not go")
    public Uni<Life> get(@PathParam("id") String id) {
        MessageId message = messageId(id);
        return records.find(message)
                .map(found -> {
                    if (found == null) {
                        throw Problem.notFound("there is no message " + message);
                    }
                    return found;
                })
                .chain(this::life);
    }

    private Uni<Life> life(Standing standing) {
        MessageId message = standing.id();
        return Uni.combine()
                .all()
                .unis(
                        records.parts(message),
                        records.history(message),
                        recalls.of(message).map(Optional::ofNullable))
                .asTuple()
                .map(found ->
                        new Life(
                                standing,
                                wasRefused(standing) ? lastChange(found.getItem2()) : null,
                                found.getItem1(),
                                found.getItem2(),
                                found.getItem3().orElse(null)));
    }

    /** What went needs nothing to turn it, whatever was said of it on another channel before. */
    private static boolean wasRefused(Standing standing) {
        return standing.state().equals(MessageState.SUPPRESSED.word())
                || standing.state().equals(MessageState.QUEUED.word());
    }

    private static @Nullable String lastChange(List<Happening> history) {
        return history.reversed().stream()
                .map(Happening::change)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    @GET
    @Operation(summary = "Messages, those asked for last first")
    public Uni<Page<Standing>> list(
            @QueryParam("customer") @Nullable String customer,
            @QueryParam("state") @Nullable String state,
            @QueryParam("cursor") @Nullable String cursor,
            @QueryParam("limit") @DefaultValue("50") int limit) {
        int most = Limits.checked(limit);
        return records.list(
                        customer == null ? null : customerId(customer),
                        state == null ? null : stateWord(state),
                        position(cursor),
                        most + 1)
                .map(found -> Page.of(found, most, m -> m.requestedAt() + "/" + m.id()));
    }

    private static MessageId messageId(String text) {
        try {
            return MessageId.of(text);
        } catch (IllegalArgumentException e) {
            throw Problem.badRequest("id", "expected a UUID");
        }
    }

    private static CustomerId customerId(String text) {
        try {
            return CustomerId.of(text);
        } catch (IllegalArgumentException e) {
            throw Problem.badRequest("customer", "expected a UUID");
        }
    }

    private static String stateWord(String text) {
        return MessageState.parse(text)
                .map(MessageState::word)
                .orElseThrow(() ->
                        Problem.badRequest(
                                "state",
                                "expected one of "
                                        + Arrays.stream(MessageState.values())
                                                .map(MessageState::word)
                                                .collect(Collectors.joining(", "))));
    }

    private static @Nullable Position position(@Nullable String cursor) {
        return Cursor.timed(cursor, (time, rest) -> new Position(time, MessageId.of(rest)));
    }
}
