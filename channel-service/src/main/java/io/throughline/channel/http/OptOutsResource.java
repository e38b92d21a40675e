package io.throughline.channel.http;

import io.smallrye.mutiny.Uni;
import io.throughline.channel.dispatch.People;
import io.throughline.channel.store.SendLedger;
import io.throughline.chassis.http.Problem;
import io.throughline.chassis.security.Roles;
import io.throughline.contracts.Channel;
import io.throughline.contracts.CustomerId;
import io.throughline.governance.ConsentWrite;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tells identity which opt-outs were given to us, so that it can say what stands of customers
 * before it has read of all of them.
 */
@Path("/internal/opt-outs")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
public class OptOutsResource {

    private static final int MOST_CUSTOMERS = 1_000;

    private final SendLedger ledger;

    OptOutsResource(SendLedger ledger) {
        this.ledger = ledger;
    }

    public record Body(@Nullable List<CustomerId> customers) {}

    /**
     * @param customer one of those asked about
     * @param address which it was given by
     */
    public record OptOut(CustomerId customer, Channel channel, String address, Instant at) {}

    public record Answer(List<OptOut> optOuts) {}

    @POST
    @RolesAllowed(Roles.SERVICE)
    public Uni<Answer> ask(@Nullable Body body) {
        List<CustomerId> asked = body == null ? null : body.customers();
        if (asked == null || asked.isEmpty() || asked.size() > MOST_CUSTOMERS) {
            throw Problem.badRequest(
                    "customers", "expected 1 to " + MOST_CUSTOMERS + " customer ids");
        }
        return ledger.optOuts(People.of(new LinkedHashSet<>(asked)))
                .map(said ->
                        new Answer(said.stream().flatMap(one -> ofHer(one).stream()).toList()));
    }

    /** Those that stand for whoever has the address are the address's, not the customer's. */
    private static List<OptOut> ofHer(ConsentWrite said) {
        return said.customer() == null || said.address() == null
                ? List.of()
                : List.of(new OptOut(said.customer(), said.channel(), said.address(), said.at()));
    }
}
