package io.throughline.attribution.touch;

import io.throughline.contracts.CustomerId;
import java.time.Instant;
import java.util.UUID;

/**
 * A visit that a campaign brought.
 *
 * @param id of the event that began it
 * @param lastAt when the customer was last seen in it
 */
public record Session(
        UUID id, CustomerId customer, Campaign campaign, Instant startedAt, Instant lastAt) {

    Session seen(Instant at) {
        return at.isAfter(lastAt) ? new Session(id, customer, campaign, startedAt, at) : this;
    }

    Session began(Instant at) {
        return at.isBefore(startedAt) ? new Session(id, customer, campaign, at, lastAt) : this;
    }
}
