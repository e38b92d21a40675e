package io.throughline.identity.store;

import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Identifier;
import io.throughline.identity.consent.Provenance;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One line of the consent ledger.
 *
 * @param customer absent where nobody is known yet who has the address
 * @param topic absent where the whole channel is meant
 * @param identifier under which it was said and which it follows; absent where only the address is
 *     known
 * @param address absent where the consent was not given for an address
 * @param provenance where it was said and what proves it
 * @param at when it was said, whole milliseconds
 */
public record Consent(
        @Nullable CustomerId customer,
        @Nullable Identifier identifier,
        Channel channel,
        @Nullable String topic,
        ConsentState state,
        @Nullable String address,
        Provenance provenance,
        Instant at) {

    /** The same, said by whom it turned out to be. */
    public Consent saidBy(@Nullable CustomerId who) {
        return new Consent(who, identifier, channel, topic, state, address, provenance, at);
    }

    /** The same of the customer alone. */
    public Consent ofNoAddress() {
        return new Consent(customer, identifier, channel, topic, state, null, provenance, at);
    }

    /** The same, dated after what was said before it, by a millisecond where it was not. */
    public Consent after(@Nullable Instant said) {
        return said == null || at.isAfter(said) ? this : saidAt(said.plusMillis(1));
    }

    /** The same, said at another time. */
    public Consent saidAt(Instant time) {
        return new Consent(customer, identifier, channel, topic, state, address, provenance, time);
    }
}
