package io.throughline.identity.resolution;

import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Identifier;
import io.throughline.identity.profile.Profile;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a unit of work changes, to be stored and published together.
 *
 * @param created new customers; their profiles are among {@code profiles}
 * @param sightings new, or with a new customer, another first occasion, or more known
 * @param identifiers that are new or stand elsewhere now
 * @param unlinked in the order in which they happened, before the merges
 * @param merges in the order in which they happened
 * @param profiles of customers that still are one and changed, as they are to be stored
 * @param published those among {@code profiles} whose change readers of the stream would see
 * @param rezoned customers of whom something else tells now where they are
 * @param refused links that were not made, for the timeline
 * @param components by customer, the oldest customer that she is connected with
 * @param quarantined by customer, all sightings by which her profile would grow beyond its bound;
 *     none where it was so or may have been and is no more
 */
public record Changes(
        Set<CustomerId> created,
        List<Stored> sightings,
        List<Placed> identifiers,
        List<Unlinked> unlinked,
        List<Merged> merges,
        List<Profile> profiles,
        List<Profile> published,
        List<Profile> rezoned,
        List<RefusedLink> refused,
        Map<CustomerId, CustomerId> components,
        Map<CustomerId, SortedSet<Sighting>> quarantined) {

    /**
     * @param fresh whether it was not known before
     */
    public record Stored(Known known, boolean fresh) {}

    /**
     * @param cause the {@code messageId} of the event that linked or first named it
     * @param fresh whether nobody had named it before
     * @param arrived whether the customer holds it and did not before
     * @param releasedBy who held it before, where nobody does any more
     */
    public record Placed(
            Identifier identifier,
            Standing standing,
            Occasion cause,
            boolean fresh,
            boolean arrived,
            @Nullable CustomerId releasedBy) {}

    /**
     * Sightings that turned out to be somebody else's.
     *
     * @param identifiers those that the one held and the other holds now
     * @param sightings ids of the evidence
     */
    public record Unlinked(
            CustomerId from,
            CustomerId to,
            List<Identifier> identifiers,
            List<UUID> sightings,
            Occasion cause) {}

    /**
     * Two customers that turned out to be one, with what each held, so that it can be undone.
     *
     * @param cause of the newest link that the two have in common
     */
    public record Merged(
            CustomerId survivor,
            CustomerId merged,
            List<Identifier> survivorHeld,
            List<Identifier> mergedHeld,
            Occasion cause) {}

    /**
     * @param customer whose sighting it was
     */
    public record RefusedLink(CustomerId customer, Refusal refusal, Occasion cause) {}

    public boolean isEmpty() {
        return created.isEmpty()
                && sightings.isEmpty()
                && identifiers.isEmpty()
                && unlinked.isEmpty()
                && merges.isEmpty()
                && profiles.isEmpty()
                && refused.isEmpty()
                && quarantined.isEmpty();
    }
}
