package io.throughline.identity.http;

import io.smallrye.mutiny.Uni;
import io.throughline.chassis.http.Page;
import io.throughline.chassis.security.Roles;
import io.throughline.identity.store.MembershipStore;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** The segments of one customer. */
@Path("/api/customers")
@RolesAllowed(Roles.VIEWER)
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Customers")
class CustomerSegmentsResource {

    private final CustomerLookup lookup;
    private final MembershipStore memberships;

    CustomerSegmentsResource(CustomerLookup lookup, MembershipStore memberships) {
        this.lookup = lookup;
        this.memberships = memberships;
    }

    /**
     * @param version of the definition by which she came in
     */
    record InSegmentView(String segment, int version, Instant since) {}

    @GET
    @Path("{id}/segments")
    @Operation(summary = "List the segments the customer is in, and since when")
    public Uni<Page<InSegmentView>> segments(@PathParam("id") String text) {
        return lookup.current(text)
                .chain(memberships::of)
                .map(found ->
                        new Page<>(
                                found.stream()
                                        .map(m ->
                                                new InSegmentView(
                                                        m.segment(), m.version(), m.since()))
                                        .toList(),
                                null));
    }
}
