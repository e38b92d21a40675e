package io.throughline.channel.http;

import io.smallrye.mutiny.Uni;
import io.throughline.channel.store.ContactHistory;
import io.throughline.channel.store.ContactHistory.Attempt;
import io.throughline.chassis.http.Problem;
import io.throughline.chassis.http.Times;
import io.throughline.chassis.security.Roles;
import io.throughline.contracts.CustomerId;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Tells the journey service what was ready to go to customers, for the preview of a policy. */
@Path("/internal/contact-history")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
public class ContactHistoryResource {

    private static final int MOST_CUSTOMERS = 200;

    private final ContactHistory history;

    ContactHistoryResource(ContactHistory history) {
        this.history = history;
    }

    /**
     * @param from the first instant that is meant
     * @param to the first that is not any more
     */
    public record Body(
            @Nullable List<@Nullable CustomerId> customers,
            @Nullable Instant from,
            @Nullable Instant to) {}

    public record Answer(List<Attempt> attempts) {}

    @POST
    @RolesAllowed(Roles.SERVICE)
    public Uni<Answer> attempts(@Nullable Body body) {
        List<@Nullable CustomerId> asked = body == null ? null : body.customers();
        if (asked == null
                || asked.isEmpty()
                || asked.size() > MOST_CUSTOMERS
                || asked.stream().anyMatch(Objects::isNull)) {
            throw Problem.badRequest(
                    "customers", "expected 1 to " + MOST_CUSTOMERS + " customer ids");
        }
        Instant from = body == null ? null : body.from();
        Instant to = body == null ? null : body.to();
        if (from == null) {
            throw Problem.badRequest("from", "expected a time, as in 2026-05-01T00:00:00Z");
        }
        if (to == null) {
            throw Problem.badRequest("to", "expected a time, as in 2026-05-01T00:00:00Z");
        }
        return history.attempts(
                        asked.stream().map(Objects::requireNonNull).toList(),
                        Times.checked("from", from),
                        Times.checked("to", to))
                .map(Answer::new);
    }
}
