package io.throughline.governance.rules;

import io.throughline.contracts.message.SuppressionReason;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What was found for one message before it is put into words. */
public sealed interface Outcome {

    /** One of the two ledgers has not been heard. */
    record Unknown() implements Outcome {}

    /**
     * @param counts what each limit counted that was looked at, the refusing one last
     * @param tired what the limits were tightened for; absent where they were not
     */
    record Refused(
            SuppressionReason reason,
            @Nullable Instant retryAt,
            List<Integer> counts,
            Tightening.@Nullable Found tired)
            implements Outcome {}

    /**
     * @param rule whose silence ends last, as it stands in verdicts
     * @param until first instant that is quiet by no rule; absent where there is none
     */
    record Quiet(String rule, @Nullable Instant until) implements Outcome {}

    /**
     * @param counts what each limit counted
     * @param tired what the limits were tightened for; absent where they were not
     */
    record Passed(List<Integer> counts, Tightening.@Nullable Found tired) implements Outcome {}
}
