package io.throughline.governance;

import io.throughline.contracts.CustomerId;
import io.throughline.contracts.message.SuppressionReason;
import io.throughline.contracts.message.Verdict;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the gate says of one message at one instant. */
public sealed interface GateAnswer {

    /**
     * What every rule says, in order, with the numbers it saw; the first to refuse is the reason.
     */
    List<Verdict> verdicts();

    /** The contact policy that was applied. */
    int policyVersion();

    /**
     * Whether the message counted already, on whatever channel, before this was asked: it holds its
     * place, and where that is on the same channel the numbers of the verdicts leave it out. Told
     * only where the question says that it was asked before; else false.
     */
    boolean counted();

    /** The same answer about a message that counted already. */
    default GateAnswer ofCounted() {
        return switch (this) {
            case Allowed(CustomerId customer, Instant until, var verdicts, int version, var _) ->
                    new Allowed(customer, until, verdicts, version, true);
            case Denied(
                            var reason,
                            var retryAt,
                            var verdicts,
                            int version,
                            var _,
                            boolean awaited) ->
                    new Denied(reason, retryAt, verdicts, version, true, awaited);
        };
    }

    /**
     * The message may be handed over, and is counted from now on.
     *
     * @param customer whom it is counted for: the survivor where the customer was merged
     * @param leaseUntil the message's last byte leaves before this, or is reserved for again; for a
     *     peek, the instant of the answer
     */
    record Allowed(
            CustomerId customer,
            Instant leaseUntil,
            List<Verdict> verdicts,
            int policyVersion,
            boolean counted)
            implements GateAnswer {

        public Allowed(
                CustomerId customer,
                Instant leaseUntil,
                List<Verdict> verdicts,
                int policyVersion) {
            this(customer, leaseUntil, verdicts, policyVersion, false);
        }
    }

    /**
     * The message may not be handed over; nothing was counted.
     *
     * @param reason {@code UNKNOWN_CUSTOMER} means that the customer's state must be hydrated first
     * @param retryAt the earliest time at which it could pass every rule, where waiting helps
     * @param verdicts as far as they were looked at; where the gate's record of the customer is
     *     large, up to the one that refuses
     * @param awaited whether the reason counted what a ledger told of as under way, and which may
     *     yet turn out not to have left: it is worth asking again once that is over
     */
    record Denied(
            SuppressionReason reason,
            @Nullable Instant retryAt,
            List<Verdict> verdicts,
            int policyVersion,
            boolean counted,
            boolean awaited)
            implements GateAnswer {

        public Denied(
                SuppressionReason reason,
                @Nullable Instant retryAt,
                List<Verdict> verdicts,
                int policyVersion) {
            this(reason, retryAt, verdicts, policyVersion, false, false);
        }

        /** When the rule that is the reason ceases to refuse; others may go on. */
        public @Nullable Instant reasonEndsAt() {
            return Verdict.reasonEndsAt(verdicts, retryAt);
        }
    }
}
