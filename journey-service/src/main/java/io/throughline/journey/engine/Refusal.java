package io.throughline.journey.engine;

import io.throughline.contracts.Channel;
import io.throughline.contracts.message.MessageEvent;
import io.throughline.contracts.message.SuppressionReason;
import io.throughline.contracts.message.Verdict;
import io.throughline.governance.GateAnswer;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Why a message cannot go on a channel.
 *
 * @param retryAt when the reason ends, where waiting helps; others may refuse then
 * @param verdicts what every rule of the gate said; empty where it was not asked
 * @param policyVersion the contact policy in force; 0 where the gate was not asked
 */
record Refusal(
        Channel channel,
        SuppressionReason reason,
        @Nullable Instant retryAt,
        List<Verdict> verdicts,
        int policyVersion) {

    static Refusal of(MessageEvent.Suppressed suppressed) {
        return new Refusal(
                suppressed.channel(),
                suppressed.reason(),
                Verdict.reasonEndsAt(suppressed.verdicts(), suppressed.retryAt()),
                suppressed.verdicts(),
                suppressed.policyVersion());
    }

    static Refusal of(Channel channel, GateAnswer.Denied denied) {
        return new Refusal(
                channel,
                denied.reason(),
                denied.reasonEndsAt(),
                denied.verdicts(),
                denied.policyVersion());
    }

    /** The journey itself sees it, and no channel of the step is better than another. */
    static Refusal byItself(Program.Node.Send node, SuppressionReason reason) {
        return new Refusal(node.send().by().channels().getFirst(), reason, null, List.of(), 0);
    }

    @Nullable List<Verdict> verdictsIfAny() {
        return verdicts.isEmpty() ? null : verdicts;
    }

    @Nullable Integer policyIfAny() {
        return verdicts.isEmpty() ? null : policyVersion;
    }
}
