package io.throughline.identity.resolution;

import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Identifier;
import io.throughline.contracts.customer.CustomersMerged;
import io.throughline.identity.profile.Profile;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/**
 * What a unit of work changes, to be stored and published together.
 *
 * @param created new customers; their profiles are among {@code profiles}
 * @param attached identifiers that had no holder, with the customer they end up with
 * @param merges in the order in which they happened
 * @param profiles of customers that still are one and changed, as they are to be stored
 * @param published those among {@code profiles} whose change readers of the stream would see
 * @param rezoned customers whose time zone is another now
 * @param refused links that were not made, for the timeline
 */
public record Changes(
        Set<CustomerId> created,
        List<Attached> attached,
        List<CustomersMerged> merges,
        List<Profile> profiles,
        List<Profile> published,
        List<Profile> rezoned,
        List<RefusedLink> refused) {

    /**
     * @param cause the {@code messageId} of the event that linked it
     */
    public record Attached(Identifier identifier, CustomerId customer, String cause, Instant at) {}

    /**
     * @param customer whose event it was
     */
    public record RefusedLink(CustomerId customer, Refused link, String cause, Instant at) {}

    public boolean isEmpty() {
        return created.isEmpty()
                && attached.isEmpty()
                && merges.isEmpty()
                && profiles.isEmpty()
                && refused.isEmpty();
    }
}
