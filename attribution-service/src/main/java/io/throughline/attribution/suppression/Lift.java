package io.throughline.attribution.suppression;

import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.customer.ConsentChanged;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What ended an opt-out: from here on a message is no miss.
 *
 * @param id of the event that tells of it
 * @param topic absent where the whole channel is meant
 */
public record Lift(
        UUID id, CustomerId customer, String channel, @Nullable String topic, Instant at) {

    /** Empty for an opt-out. */
    public static Optional<Lift> of(UUID event, ConsentChanged said) {
        return said.state() == ConsentState.OPTED_IN
                ? Optional.of(
                        new Lift(
                                event,
                                said.customer(),
                                said.channel().word(),
                                said.topic(),
                                said.occurredAt()))
                : Optional.empty();
    }
}
