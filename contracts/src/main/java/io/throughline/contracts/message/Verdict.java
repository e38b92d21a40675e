package io.throughline.contracts.message;

import com.fasterxml.jackson.annotation.JsonFormat;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
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
 */
public record Verdict(
        String rule,
        boolean passed,
        @Nullable Integer count,
        @Nullable Integer limit,
        @Nullable Duration window,
        @Nullable Instant retryAt,
        @Nullable Tightened tightened) {

    /** Of a rule that allows what the policy says. */
    public Verdict(
            String rule,
            boolean passed,
            @Nullable Integer count,
            @Nullable Integer limit,
            @Nullable Duration window,
            @Nullable Instant retryAt) {
        this(rule, passed, count, limit, window, retryAt, null);
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
}
