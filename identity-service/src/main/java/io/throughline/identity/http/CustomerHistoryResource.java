package io.throughline.identity.http;

import com.fasterxml.jackson.annotation.JsonRawValue;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import io.smallrye.mutiny.Uni;
import io.throughline.chassis.http.Cursor;
import io.throughline.chassis.http.Page;
import io.throughline.chassis.http.Problem;
import io.throughline.chassis.security.Roles;
import io.throughline.contracts.json.ContractJson;
import io.throughline.identity.profile.Purchases;
import io.throughline.identity.store.TimelineStore;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** What a customer did and what became of her, under every id she had. */
@Path("/api/customers")
@RolesAllowed(Roles.VIEWER)
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Customers")
class CustomerHistoryResource {

    private static final int MAX_LIMIT = 500;
    private static final TypeReference<Order> ORDER = new TypeReference<>() {};

    private final TimelineStore timeline;
    private final CustomerLookup lookup;

    CustomerHistoryResource(TimelineStore timeline, CustomerLookup lookup) {
        this.timeline = timeline;
        this.lookup = lookup;
    }

    /**
     * @param kind {@code event}, {@code message}, {@code decision}, {@code consent}, {@code
     *     opt-in-requested}, {@code segment}, {@code merge}, {@code unlink} or {@code link-refused}
     */
    record TimelineView(Instant at, String kind, @JsonRawValue String entry) {}

    /**
     * An order.
     *
     * @param order the shop's id of it; absent where the event gave none
     * @param revenue without tax and shipping, which is what counts as revenue; a decimal
     * @param total as the event gave it
     * @param currency as the event gave it
     * @param products as the event gave them
     */
    record PurchaseView(
            Instant at,
            @Nullable String order,
            @Nullable String revenue,
            @Nullable String total,
            @Nullable String currency,
            @Nullable Object products,
            String messageId,
            String source) {}

    /** An entry of the history that is an order. */
    private record Order(String messageId, String source, Map<String, Object> properties) {

        PurchaseView at(Instant at) {
            return new PurchaseView(
                    at,
                    text("order_id") == null ? text("orderId") : text("order_id"),
                    Purchases.amount(properties).map(Object::toString).orElse(null),
                    text("total"),
                    text("currency"),
                    properties.get("products") instanceof List<?> products ? products : null,
                    messageId,
                    source);
        }

        private @Nullable String text(String name) {
            return switch (properties.get(name)) {
                case String said -> said;
                case Number said -> said.toString();
                case null, default -> null;
            };
        }
    }

    @GET
    @Path("{id}/timeline")
    @Operation(summary = "Read the history, newest first")
    public Uni<Page<TimelineView>> timeline(
            @PathParam("id") String id,
            @QueryParam("cursor") @Nullable String cursor,
            @QueryParam("limit") @DefaultValue("50") int limit) {
        checkLimit(limit);
        TimelineStore.Position before = position(cursor);
        return lookup.current(id)
                .chain(lookup::everyIdOf)
                .chain(ids -> timeline.read(ids, before, limit + 1))
                .map(found ->
                        page(found, limit, e -> new TimelineView(e.at(), e.kind(), e.entry())));
    }

    @GET
    @Path("{id}/purchases")
    @Operation(
            summary = "List the orders, newest first",
            description =
                    "Order Completed, as the sources sent it. Amounts are decimals; revenue is without tax"
                            + " and shipping, or what comes closest.")
    public Uni<Page<PurchaseView>> purchases(
            @PathParam("id") String id,
            @QueryParam("cursor") @Nullable String cursor,
            @QueryParam("limit") @DefaultValue("50") int limit) {
        checkLimit(limit);
        TimelineStore.Position before = position(cursor);
        return lookup.current(id)
                .chain(lookup::everyIdOf)
                .chain(ids -> timeline.orders(ids, before, limit + 1))
                .map(found -> page(found, limit, CustomerHistoryResource::purchase));
    }

    private static PurchaseView purchase(TimelineStore.Read entry) {
        try {
            return ContractJson.mapper().readValue(entry.entry(), ORDER).at(entry.at());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the timeline holds what is no event", e);
        }
    }

    private static <T> Page<T> page(
            List<TimelineStore.Read> found, int limit, Function<TimelineStore.Read, T> view) {
        Page<TimelineStore.Read> page = Page.of(found, limit, last -> last.at() + "/" + last.id());
        return new Page<>(page.items().stream().map(view).toList(), page.next());
    }

    private static void checkLimit(int limit) {
        if (limit < 1 || limit > MAX_LIMIT) {
            throw Problem.badRequest("limit", "expected 1 to " + MAX_LIMIT + ", was " + limit);
        }
    }

    private static TimelineStore.@Nullable Position position(@Nullable String cursor) {
        return Cursor.timed(
                cursor, (time, rest) -> new TimelineStore.Position(time, Long.parseLong(rest)));
    }
}
