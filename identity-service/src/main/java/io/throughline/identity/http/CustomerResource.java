package io.throughline.identity.http;

import com.fasterxml.jackson.annotation.JsonRawValue;
import io.smallrye.mutiny.Uni;
import io.throughline.chassis.http.Cursor;
import io.throughline.chassis.http.Page;
import io.throughline.chassis.http.Problem;
import io.throughline.chassis.security.Roles;
import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Identifier;
import io.throughline.governance.ConsentWrite;
import io.throughline.identity.profile.Profile;
import io.throughline.identity.registry.OptInRequests;
import io.throughline.identity.store.CustomerReader;
import io.throughline.identity.store.OptInRequestStore.OptInRequest;
import io.throughline.identity.store.TimelineStore;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/**
 * Customers as they are known. An id that was merged away answers with the customer it became, one
 * that was erased with 410.
 */
@Path("/api/customers")
@RolesAllowed(Roles.VIEWER)
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Customers")
class CustomerResource {

    private static final int MAX_LIMIT = 500;

    private final CustomerReader customers;
    private final TimelineStore timeline;
    private final OptInRequests optIns;
    private final Naming naming;
    private final CustomerLookup lookup;

    CustomerResource(
            CustomerReader customers,
            TimelineStore timeline,
            OptInRequests optIns,
            Naming naming,
            CustomerLookup lookup) {
        this.customers = customers;
        this.timeline = timeline;
        this.optIns = optIns;
        this.naming = naming;
        this.lookup = lookup;
    }

    /**
     * @param merged ids that became this customer
     * @param revenue by ISO 4217 code
     */
    record CustomerView(
            CustomerId id,
            List<Identifier> identifiers,
            Map<String, Object> traits,
            Map<Channel, String> addresses,
            @Nullable String timeZone,
            @Nullable String locale,
            int orders,
            Map<String, BigDecimal> revenue,
            Instant firstSeen,
            Instant lastSeen,
            Instant createdAt,
            Instant changedAt,
            long version,
            List<CustomerId> merged) {

        static CustomerView of(Profile profile, List<CustomerId> merged) {
            return new CustomerView(
                    profile.id(),
                    List.copyOf(profile.identifiers()),
                    profile.visibleTraits(),
                    profile.addresses(),
                    profile.timeZone(),
                    profile.locale(),
                    profile.knowledge().purchases().orders(),
                    profile.knowledge().purchases().revenue(),
                    profile.knowledge().firstSeen(),
                    profile.knowledge().lastSeen(),
                    profile.createdAt(),
                    profile.changedAt(),
                    profile.version(),
                    merged);
        }
    }

    /**
     * @param kind {@code event}, {@code message}, {@code decision}, {@code consent}, {@code
     *     opt-in-requested}, {@code segment}, {@code merge}, {@code unlink} or {@code link-refused}
     */
    record TimelineView(Instant at, String kind, @JsonRawValue String entry) {}

    /**
     * @param address where it is for one address
     */
    record ConsentView(
            Channel channel,
            @Nullable String topic,
            @Nullable String address,
            ConsentState state,
            Instant at) {

        static ConsentView of(ConsentWrite consent) {
            return new ConsentView(
                    consent.channel(),
                    consent.topic(),
                    consent.address(),
                    consent.state(),
                    consent.at());
        }
    }

    /**
     * @param current what counts now
     * @param addresses what counts for the addresses she holds, whoever said it; an opt-out of hers
     *     or of one of them stops
     * @param pending opt-ins that were asked for and that nobody has confirmed yet
     * @param ledger all that was said, newest first, at most 200 lines
     */
    record ConsentsView(
            CustomerId customer,
            List<ConsentView> current,
            List<ConsentView> addresses,
            List<OptInResource.OptInView> pending,
            List<CustomerReader.LedgerLine> ledger) {}

    @GET
    @Operation(
            summary = "Find the customer that holds an identifier",
            description = "A page of one customer, or of none.")
    public Uni<Page<CustomerView>> find(@QueryParam("identifier") @Nullable String text) {
        return customers
                .holder(identifier(text))
                .chain(holder ->
                        holder == null
                                ? Uni.createFrom().item(new Page<>(List.of(), null))
                                : view(holder).map(view -> new Page<>(List.of(view), null)));
    }

    @GET
    @Path("{id}")
    @Operation(summary = "Read the unified profile")
    public Uni<CustomerView> read(@PathParam("id") String id) {
        return current(id).chain(this::view);
    }

    @GET
    @Path("{id}/identifiers")
    @Operation(summary = "List the identifiers and what linked each")
    public Uni<Page<CustomerReader.Link>> identifiers(@PathParam("id") String id) {
        return current(id).chain(customers::identifiers).map(links -> new Page<>(links, null));
    }

    @GET
    @Path("{id}/consents")
    @Operation(summary = "Read what counts now and the ledger it follows from")
    public Uni<ConsentsView> consents(@PathParam("id") String id) {
        return current(id)
                .chain(customer ->
                        everyIdOf(customer)
                                .chain(ids ->
                                        Uni.combine()
                                                .all()
                                                .unis(
                                                        customers.consents(customer, ids),
                                                        optIns.pending(ids))
                                                .with((found, pending) ->
                                                        consentsView(customer, found, pending))));
    }

    @GET
    @Path("{id}/timeline")
    @Operation(summary = "Read the history, newest first")
    public Uni<Page<TimelineView>> timeline(
            @PathParam("id") String id,
            @QueryParam("cursor") @Nullable String cursor,
            @QueryParam("limit") @DefaultValue("50") int limit) {
        if (limit < 1 || limit > MAX_LIMIT) {
            throw Problem.badRequest("limit", "expected 1 to " + MAX_LIMIT + ", was " + limit);
        }
        TimelineStore.Position before = position(Cursor.decode(cursor));
        return current(id)
                .chain(this::everyIdOf)
                .chain(ids -> timeline.read(ids, before, limit + 1))
                .map(found -> page(found, limit));
    }

    private static Page<TimelineView> page(List<TimelineStore.Read> found, int limit) {
        Page<TimelineStore.Read> page = Page.of(found, limit, last -> last.at() + "/" + last.id());
        return new Page<>(
                page.items().stream()
                        .map(e -> new TimelineView(e.at(), e.kind(), e.entry()))
                        .toList(),
                page.next());
    }

    private Uni<CustomerView> view(CustomerId customer) {
        return customers
                .profile(customer)
                .chain(profile ->
                        customers
                                .aliases(customer)
                                .map(merged -> CustomerView.of(profile, merged)));
    }

    private Uni<List<CustomerId>> everyIdOf(CustomerId customer) {
        return customers
                .aliases(customer)
                .map(aliases -> {
                    List<CustomerId> ids = new ArrayList<>(aliases);
                    ids.add(customer);
                    return ids;
                });
    }

    private Uni<CustomerId> current(String id) {
        return lookup.current(id);
    }

    private static ConsentsView consentsView(
            CustomerId customer, CustomerReader.Consents consents, List<OptInRequest> pending) {
        return new ConsentsView(
                customer,
                consents.current().stream().map(ConsentView::of).toList(),
                consents.addresses().stream().map(ConsentView::of).toList(),
                pending.stream().map(OptInResource.OptInView::pending).toList(),
                consents.ledger());
    }

    private Identifier identifier(@Nullable String text) {
        if (text == null || text.isBlank()) {
            throw Problem.badRequest(
                    "identifier", "expected type:value, as in email:ana@example.com");
        }
        try {
            return naming.identifier(text);
        } catch (IllegalArgumentException e) {
            throw Problem.badRequest("identifier", String.valueOf(e.getMessage()));
        }
    }

    private static TimelineStore.@Nullable Position position(@Nullable String decoded) {
        if (decoded == null) {
            return null;
        }
        int slash = decoded.indexOf('/');
        try {
            return new TimelineStore.Position(
                    Instant.parse(decoded.substring(0, Math.max(slash, 0))),
                    Long.parseLong(decoded.substring(slash + 1)));
        } catch (DateTimeException | NumberFormatException e) {
            throw Problem.badRequest(
                    "cursor", "expected the value of next from the page before, unchanged");
        }
    }
}
