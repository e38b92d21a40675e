package io.throughline.contracts.message;

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
 * @param limit what the rule allows
 * @param retryAt the earliest time at which this rule would let it pass, where waiting helps
 */
public record Verdict(
        String rule,
        boolean passed,
        @Nullable Integer count,
        @Nullable Integer limit,
        @Nullable Duration window,
        @Nullable Instant retryAt) {}
