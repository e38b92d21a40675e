package io.throughline.identity.consent;

import io.throughline.contracts.ConsentState;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

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
        boolean out = isOut() || other.isOut();
        return new Standing(
                out ? ConsentState.OPTED_OUT : ConsentState.OPTED_IN,
                at.isAfter(other.at) ? at : other.at);
    }

    /** The same opt-out, which held until then. */
    Standing until(Instant time) {
        return isOut() && at.isBefore(time) ? new Standing(state, time) : this;
    }

    boolean isOut() {
        return state == ConsentState.OPTED_OUT;
    }

    /**
     * The opt-outs that others do not hold, or not against a word as late; dated so that they
     * outweigh what the others have.
     */
    static Map<About, Standing> optOutsBeyond(
            Map<About, Standing> others, Map<About, Standing> standings) {
        Map<About, Standing> beyond = new HashMap<>();
        standings.forEach((about, standing) -> {
            Standing other = others.get(about);
            if (standing.isOut() && !holds(other, standing)) {
                beyond.put(about, other == null ? standing : standing.with(other));
            }
        });
        return beyond;
    }

    private static boolean holds(@Nullable Standing other, Standing optOut) {
        return other != null && other.isOut() && !other.at.isBefore(optOut.at);
    }
}
