package io.throughline.attribution.suppression;

import io.throughline.attribution.suppression.Suppression.Kind;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.customer.ConsentChanged;
import io.throughline.contracts.customer.SilenceLifted;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What ended an opt-out or a silence: from here on a message is no miss.
 *
 * @param id of the event that tells of it
 * @param channel of an opt-in
 * @param topic of an opt-in; absent where the whole channel is meant
 * @param cause of a silence
 */
public record Lift(
        UUID id,
        CustomerId customer,
        Kind kind,
        @Nullable String channel,
        @Nullable String topic,
        @Nullable String cause,
        Instant at) {

    public static Lift of(UUID event, SilenceLifted lifted) {
        return new Lift(
                event, lifted.customer(), Kind.CONVERSION, null, null, lifted.cause(), lifted.at());
    }

    /** Empty for an opt-out. */
    public static Optional<Lift> of(UUID event, ConsentChanged said) {
        return said.state() == ConsentState.OPTED_IN
                ? Optional.of(
                        new Lift(
                                event,
                                said.customer(),
                                Kind.OPT_OUT,
                                said.channel().word(),
                                said.topic(),
                                null,
                                said.occurredAt()))
                : Optional.empty();
    }
}
