package io.throughline.identity.consent;

import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.message.SuppressionReason;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the gate has to answer by the ledger, to messages that need an opt-in and have nothing else
 * in their way.
 */
public final class GateCheck {

    private GateCheck() {}

    /**
     * A question that the gate is asked.
     *
     * @param expected the reason it has to refuse for; absent where it has to allow
     */
    public record Question(About about, @Nullable SuppressionReason expected) {}

    /** Every channel as a whole, and every topic that something was said of. */
    public static List<Question> of(Map<About, ConsentState> said) {
        Set<About> abouts = new LinkedHashSet<>();
        for (Channel channel : Channel.values()) {
            abouts.add(new About(channel, null));
        }
        abouts.addAll(said.keySet());
        List<Question> questions = new ArrayList<>();
        abouts.forEach(about -> questions.add(new Question(about, expected(about, said))));
        return questions;
    }

    private static @Nullable SuppressionReason expected(
            About about, Map<About, ConsentState> said) {
        ConsentState whole = said.get(new About(about.channel(), null));
        ConsentState own = said.get(about);
        if (whole == ConsentState.OPTED_OUT || own == ConsentState.OPTED_OUT) {
            return SuppressionReason.OPTED_OUT;
        }
        return whole == ConsentState.OPTED_IN || own == ConsentState.OPTED_IN
                ? null
                : SuppressionReason.NO_CONSENT;
    }
}
