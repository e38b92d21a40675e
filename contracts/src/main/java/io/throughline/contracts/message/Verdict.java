package io.throughline.contracts.message;

import com.fasterxml.jackson.annotation.JsonFormat;
import java.math.BigDecimal;
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
 * @param limit what the rule allows, tightened or not
 * @param retryAt the earliest time at which this rule would let it pass, where waiting helps
 * @param tightened why the rule allows less than the policy says; absent where it does not
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
        @Nullable Tightened tightened,
        @Nullable String where,
        @Nullable Boolean last) {

    /** Of a rule that allows what the policy says. */
    public Verdict(
            String rule,
            boolean passed,
            @Nullable Integer count,
            @Nullable Integer limit,
            @Nullable Duration window,
            @Nullable Instant retryAt) {
        this(rule, passed, count, limit, window, retryAt, null, null, null);
    }

    /**
     * A cap that is tightened because the customer has had enough: either of what is ignored, or of
     * an opt-out of something else.
     *
     * @param from what the policy allows
     * @param share of it that is left, before it is rounded down
     * @param ignored so many contacts since she last engaged; absent where an opt-out is why
     * @param engagedAt when she last engaged; absent where she never did, or an opt-out is why
     * @param optedOutAt when she last opted out of something; absent where contacts are why
     */
    public record Tightened(
            int from,
            @JsonFormat(shape = JsonFormat.Shape.STRING) BigDecimal share,
            @Nullable Integer ignored,
            @Nullable Instant engagedAt,
            @Nullable Instant optedOutAt) {}

    /** Of a cap that may be tightened. */
    public Verdict(
            String rule,
            boolean passed,
            @Nullable Integer count,
            @Nullable Integer limit,
            @Nullable Duration window,
            @Nullable Instant retryAt,
            @Nullable Tightened tightened) {
        this(rule, passed, count, limit, window, retryAt, tightened, null, null);
    }

    /** The same, where no rule after it was looked at. */
    public Verdict andNoFurther() {
        return new Verdict(rule, passed, count, limit, window, retryAt, tightened, where, true);
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
