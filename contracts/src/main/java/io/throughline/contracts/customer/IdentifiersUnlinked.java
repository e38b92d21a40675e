package io.throughline.contracts.customer;

import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Identifier;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Some of what was taken for one customer is another's: an event came late, a device turned out to
 * be shared, somebody took identifiers apart. What was recorded under the sightings, and messages
 * to the identifiers, belong to the other customer from here on.
 *
 * @param customer whose it was taken for
 * @param to whose it is
 * @param identifiers that the other customer holds now
 * @param sightings of {@link BehaviourRecorded}
 * @param consents what counts of the first customer's consents now, in the place of all before; of
 *     one who was merged away at the same instant, what counts of the survivor's
 * @param toConsents the same of the other's
 * @param cause the {@code messageId} of the newest of the sightings' first events; without
 *     sightings of the event that linked the newest of the identifiers to the other customer
 */
public record IdentifiersUnlinked(
        CustomerId customer,
        CustomerId to,
        List<Identifier> identifiers,
        List<UUID> sightings,
        List<Consent> consents,
        List<Consent> toConsents,
        String cause,
        Instant unlinkedAt)
        implements CustomerEvent {

    @Override
    public List<CustomerId> tellsOf() {
        return List.of(customer, to);
    }

    /**
     * @param topic absent where the whole channel is meant
     * @param at since when
     */
    public record Consent(
            Channel channel, @Nullable String topic, ConsentState state, Instant at) {}
}
