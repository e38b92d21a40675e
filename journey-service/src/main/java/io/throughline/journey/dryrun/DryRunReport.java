package io.throughline.journey.dryrun;

import io.throughline.contracts.Channel;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.decision.DecisionEvent;
import io.throughline.contracts.message.SuppressionReason;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a journey would have done. The same seed and input give the same report, byte for byte.
 *
 * @param journey the draft's key; only its figures are counted
 * @param customers stories played
 * @param events events played
 * @param entered instances that were treated
 * @param heldOut instances that ran as ghosts; what they would have sent is in {@code ghostSends}
 * @param left treated instances by the reason they left for
 * @param sends messages handed over, by channel
 * @param suppressions messages that were not sent, by the rule that refused
 * @param deferrals messages put off, by reason
 * @param displaced messages that gave way to another journey's, by that journey and what became of
 *     them
 * @param excluded customers who qualified and were not let in, by the journey of the exclusion
 *     group that they were in
 * @param steps in document order
 * @param conflicts every pair of journeys and rule that got in each other's way
 * @param examples the first conflicts in time, at most {@link #MAX_EXAMPLES}
 * @param assumptions what the simulation takes for granted, for the reader
 */
public record DryRunReport(
        String journey,
        long seed,
        int policyVersion,
        long customers,
        long events,
        long entered,
        long heldOut,
        Map<String, Long> left,
        Map<Channel, Long> sends,
        long ghostSends,
        Map<String, Long> suppressions,
        Map<SuppressionReason, Long> deferrals,
        List<DisplacedCount> displaced,
        Map<String, Long> excluded,
        List<StepReach> steps,
        List<ConflictCount> conflicts,
        List<Conflict> examples,
        List<String> assumptions) {

    public static final int MAX_EXAMPLES = 20;

    /**
     * @param step its path in the document
     * @param reached treated instances that came to it
     * @param sends messages it handed over, by channel; empty for what is not a send step
     */
    public record StepReach(String step, long reached, Map<Channel, Long> sends) {}

    /**
     * @param by the journey that the messages gave way to
     */
    public record DisplacedCount(String by, DecisionEvent.Fate fate, long count) {}

    /**
     * @param blocked the journey whose message was refused
     * @param blocking the journey whose earlier message was among those that counted against it
     */
    public record ConflictCount(String blocked, String blocking, String rule, long count) {}

    /** One message that another journey's message stood in the way of. */
    public record Conflict(
            CustomerId customer,
            String blocked,
            String blocking,
            String rule,
            @Nullable Channel channel,
            Instant at) {}

    /** Canonical JSON, one field order. */
    public String toJson() {
        return DryRunJson.write(this);
    }
}
