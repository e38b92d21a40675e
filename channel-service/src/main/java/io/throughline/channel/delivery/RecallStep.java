package io.throughline.channel.delivery;

import io.throughline.channel.delivery.Parts.Part;
import io.throughline.channel.route.RecallAnswer;
import io.throughline.channel.route.Recallability;
import io.throughline.channel.route.Receipt.Status;
import io.throughline.contracts.message.RecallOutcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What to do next about a message that is to be taken back. */
public sealed interface RecallStep {

    /** How often a carrier is asked for one message. */
    int MOST_TRIES = 4;

    Duration FIRST_PAUSE = Duration.ofSeconds(1);

    /** How long to look away from one that is just being handed over. */
    Duration SETTLING = Duration.ofMillis(300);

    /** Its hand-over is not over: look again. */
    record Wait(Duration after) implements RecallStep {}

    /**
     * Ask the carrier.
     *
     * @param providerIds of the parts that it may still hold
     */
    record Ask(Recallability.OnRequest how, List<String> providerIds) implements RecallStep {}

    /** Ask once more, some time later. */
    record Again(Duration after, boolean unanswered, String why) implements RecallStep {}

    /** It never left, or never will: there is nothing to take back. */
    record Nothing(String why) implements RecallStep {}

    /** It is back. */
    record Done(String means) implements RecallStep {}

    record Lost(RecallOutcome outcome, String why) implements RecallStep {}

    /**
     * Where the message stands.
     *
     * @param heeds whether what came keeps such messages back at all
     * @param lifted whether that is over, as a silence is when its order was refunded
     * @param expired whether the carrier has given it up by now, since its time is over
     * @param parts as the carrier knows them, by its id
     * @param givenBack ids of the parts that are back already
     * @param known whether each part has a carrier's id
     */
    record Standing(
            MessageState state,
            boolean heeds,
            boolean lifted,
            boolean expired,
            Map<String, Part> parts,
            Set<String> givenBack,
            boolean known) {

        private boolean isOver() {
            return parts.entrySet().stream()
                    .allMatch(part ->
                            part.getValue().status() == Status.FAILED
                                    || givenBack.contains(part.getKey()));
        }
    }

    /**
     * @param route absent where it is not known which way it went, or no such way is configured
     */
    static RecallStep of(Standing standing, @Nullable Recallability route) {
        return switch (standing.state()) {
            case HANDING_OVER -> new Wait(SETTLING);
            case QUEUED, SUPPRESSED -> new Nothing("stopped before it was handed over");
            case FAILED ->
                    standing.isOver()
                            ? new Nothing("the carrier did not deliver it")
                            : ofHeld(standing, route);
            case RECALLED -> new Nothing("it was taken back before");
            case DELIVERED -> new Lost(RecallOutcome.TOO_LATE, "it was delivered");
            case SENT, UNKNOWN -> ofHeld(standing, route);
        };
    }

    private static RecallStep ofHeld(Standing standing, @Nullable Recallability route) {
        if (!standing.heeds()) {
            return new Nothing("it is not held back by what came");
        }
        if (standing.lifted()) {
            return new Nothing("the silence was lifted");
        }
        return switch (route) {
            case null -> new Lost(RecallOutcome.UNKNOWN, "it is not known which way it went");
            case Recallability.Never(String why) -> new Lost(RecallOutcome.IMPOSSIBLE, why);
            case Recallability.OnRequest how -> onRequest(standing, how);
        };
    }

    private static RecallStep onRequest(Standing standing, Recallability.OnRequest how) {
        if (standing.expired()) {
            return new Lost(RecallOutcome.TOO_LATE, "its time was over");
        }
        List<String> held = new ArrayList<>();
        for (Map.Entry<String, Part> part : standing.parts().entrySet()) {
            if (part.getValue().status() == Status.DELIVERED) {
                return new Lost(RecallOutcome.TOO_LATE, "a part of it was delivered");
            }
            if (part.getValue().status() != Status.FAILED
                    && !standing.givenBack().contains(part.getKey())) {
                held.add(part.getKey());
            }
        }
        if (!standing.known() || standing.parts().isEmpty()) {
            return new Lost(RecallOutcome.UNKNOWN, "the carrier's id of it is not known");
        }
        return held.isEmpty() ? new Done(how.means()) : new Ask(how, held);
    }

    /**
     * After a carrier's answer.
     *
     * @param tries how often it was asked, this time included
     * @param doubt whether it went without an answer before: it may have been given back then, and
     *     a carrier that has it no more says the same as one that has delivered it
     */
    static RecallStep after(RecallAnswer answer, String means, int tries, boolean doubt) {
        return switch (answer) {
            case RecallAnswer.GivenBack _ -> new Done(means);
            case RecallAnswer.Partly(var _, RecallAnswer rest) -> after(rest, means, tries, doubt);
            case RecallAnswer.TooLate(String why) ->
                    new Lost(doubt ? RecallOutcome.UNKNOWN : RecallOutcome.TOO_LATE, why);
            case RecallAnswer.Refused(String why) -> new Lost(RecallOutcome.REFUSED, why);
            case RecallAnswer.NotNow(String why) -> again(why, tries, doubt);
            case RecallAnswer.Unanswered(String why) -> again(why, tries, true);
        };
    }

    private static RecallStep again(String why, int tries, boolean doubt) {
        return tries < MOST_TRIES
                ? new Again(FIRST_PAUSE.multipliedBy(1L << (tries - 1)), doubt, why)
                : new Lost(doubt ? RecallOutcome.UNKNOWN : RecallOutcome.REFUSED, why);
    }
}
