package io.throughline.identity.consent;

import io.throughline.contracts.ConsentState;
import java.time.Instant;

/**
 * What counts.
 *
 * @param at since when; an older word does not change it
 */
public record Standing(ConsentState state, Instant at) {

    /** After another word: the later of two holds, and opting out wins a tie. */
    Standing then(Standing said) {
        boolean later =
                said.at.isAfter(at) || (said.at.equals(at) && said.state == ConsentState.OPTED_OUT);
        return later ? said : this;
    }

    /** After the two turned out to be one customer's: the more restrictive holds (promise P6). */
    Standing with(Standing other) {
        boolean out = state == ConsentState.OPTED_OUT || other.state == ConsentState.OPTED_OUT;
        return new Standing(
                out ? ConsentState.OPTED_OUT : ConsentState.OPTED_IN,
                at.isAfter(other.at) ? at : other.at);
    }
}
