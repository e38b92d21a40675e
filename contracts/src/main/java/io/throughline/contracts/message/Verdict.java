package io.throughline.contracts.message;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What one rule of the gate said of one message, with the numbers it saw at that instant.
 *
 * @param rule as in {@code consent}, {@code silence}, {@code quiet-hours}, {@code minimum-gap},
 *     {@code gap:channel:sms}, {@code cap:global:P1D}, {@code cap:channel:sms:P1D}, {@code
 *     cap:category:marketing:P7D}, {@code cap:topic:offers:P1D}, {@code cap:journey:P7D}
 * @param count contacts that counted, this message not among them
 * @param limit what the rule allows
 * @param retryAt the earliest time at which this rule would let it pass, where waiting helps
 * @param where what quiet hours that refused took for the customer's {@link
 *     io.throughline.contracts.Whereabouts}
 * @param last true where no rule after this one was looked at, one having refused; else absent
 */
public record Verdict(
        String rule,
        boolean passed,
        @Nullable Integer count,
        @Nullable Integer limit,
        @Nullable Duration window,
        @Nullable Instant retryAt,
        @Nullable String where,
        @Nullable Boolean last) {

    public Verdict(
            String rule,
            boolean passed,
            @Nullable Integer count,
            @Nullable Integer limit,
            @Nullable Duration window,
            @Nullable Instant retryAt) {
        this(rule, passed, count, limit, window, retryAt, null, null);
    }

    /** The same, where no rule after it was looked at. */
    public Verdict andNoFurther() {
        return new Verdict(rule, passed, count, limit, window, retryAt, where, true);
    }

    /** The rule that refused a message: the first that did, as the gate goes by. */
    public static Optional<Verdict> refusing(List<Verdict> verdicts) {
        return verdicts.stream().filter(verdict -> !verdict.passed()).findFirst();
    }

    /**
     * When the rule that refused a message ceases to; others may go on.
     *
     * @param otherwise where no verdict refused
     */
    public static @Nullable Instant reasonEndsAt(
            List<Verdict> verdicts, @Nullable Instant otherwise) {
        for (Verdict verdict : verdicts) {
            if (!verdict.passed()) {
                return verdict.retryAt();
            }
        }
        return otherwise;
    }
}
