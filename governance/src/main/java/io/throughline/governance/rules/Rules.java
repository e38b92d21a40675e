package io.throughline.governance.rules;

import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.message.SuppressionReason;
import io.throughline.contracts.message.Verdict;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.contracts.policy.ContactPolicy.Cap;
import io.throughline.contracts.policy.ContactPolicy.ConsentRule;
import io.throughline.contracts.policy.ContactPolicy.Scope;
import io.throughline.governance.GateAnswer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A contact policy as it applies to one channel, one category, in a journey or not.
 *
 * @param heedsOptOut whether an opt-out ends such messages: always for marketing and service, for
 *     transactional ones only where the policy says that the channel's stop reaches that far
 * @param needsOptIn whether the absence of an opt-in ends them
 * @param heedsSilence whether a silence covers them
 * @param quiet the policy's and the law's; empty where none apply
 * @param limits in the order in which they are looked at: gap, journey, channel, global
 * @param horizon how far back contacts must be known; of the whole policy, so that it is the same
 *     for all messages
 */
public record Rules(
        int policyVersion,
        boolean heedsOptOut,
        boolean needsOptIn,
        boolean heedsSilence,
        QuietRules quiet,
        List<Limit> limits,
        Duration horizon) {

    /**
     * How much longer than the horizon a contact is kept, so that a clock that steps back a little
     * does not find what it needs already gone.
     */
    public static final Duration GRACE = Duration.ofHours(1);

    public static Rules of(
            ContactPolicy policy, Channel channel, Category category, boolean inJourney) {
        boolean transactional = category == Category.TRANSACTIONAL;
        return new Rules(
                policy.version(),
                !transactional || policy.optOutCoversTransactional().contains(channel),
                category == Category.MARKETING && policy.consentRule(channel) == ConsentRule.OPT_IN,
                !transactional && inJourney,
                QuietRules.of(policy, channel, category),
                transactional ? List.of() : limits(policy, channel, inJourney),
                policy.horizon());
    }

    private static List<Limit> limits(ContactPolicy policy, Channel channel, boolean inJourney) {
        List<Limit> limits = new ArrayList<>();
        Duration gap = policy.minimumGap();
        if (gap != null && gap.isPositive()) {
            limits.add(
                    new Limit("minimum-gap", Scope.GLOBAL, 1, gap, SuppressionReason.MINIMUM_GAP));
        }
        if (inJourney) {
            add(limits, policy, channel, Scope.JOURNEY, SuppressionReason.JOURNEY_CAP);
        }
        add(limits, policy, channel, Scope.CHANNEL, SuppressionReason.CHANNEL_CAP);
        add(limits, policy, channel, Scope.GLOBAL, SuppressionReason.GLOBAL_CAP);
        return List.copyOf(limits);
    }

    private static void add(
            List<Limit> limits,
            ContactPolicy policy,
            Channel channel,
            Scope scope,
            SuppressionReason reason) {
        for (Cap cap : policy.caps()) {
            if (cap.scope() == scope && (cap.channel() == null || cap.channel() == channel)) {
                limits.add(new Limit(cap.rule(channel), scope, cap.max(), cap.per(), reason));
            }
        }
    }

    /** How long a contact is kept. */
    public Duration keep() {
        return horizon.plus(GRACE);
    }

    /**
     * Puts what was found into words.
     *
     * @param addressStopped whether the address it would go to is opted out; looked at right after
     *     the customer's own consent
     * @param customer whom it is counted for
     */
    public GateAnswer answer(
            Outcome outcome, boolean addressStopped, CustomerId customer, Instant leaseUntil) {
        List<Verdict> verdicts = new ArrayList<>(8);
        if (outcome instanceof Outcome.Unknown) {
            verdicts.add(refused("known-customer", null));
            return denied(SuppressionReason.UNKNOWN_CUSTOMER, null, verdicts);
        }
        verdicts.add(passed("known-customer"));
        Outcome.Refused refusal = outcome instanceof Outcome.Refused r ? r : null;
        SuppressionReason reason = refusal == null ? null : refusal.reason();
        Instant retryAt = refusal == null ? null : refusal.retryAt();
        if (heedsOptOut) {
            if (reason == SuppressionReason.OPTED_OUT || reason == SuppressionReason.NO_CONSENT) {
                verdicts.add(refused("consent", null));
                return denied(reason, null, verdicts);
            }
            verdicts.add(passed("consent"));
            if (addressStopped) {
                verdicts.add(refused("address", null));
                return denied(SuppressionReason.ADDRESS_OPTED_OUT, null, verdicts);
            }
            verdicts.add(passed("address"));
        }
        if (heedsSilence) {
            if (reason == SuppressionReason.SILENCED) {
                verdicts.add(refused("silence", retryAt));
                return denied(reason, retryAt, verdicts);
            }
            verdicts.add(passed("silence"));
        }
        if (outcome instanceof Outcome.Quiet told) {
            verdicts.add(refused(told.rule(), told.until()));
            return denied(SuppressionReason.QUIET_HOURS, told.until(), verdicts);
        }
        if (!quiet.isEmpty()) {
            verdicts.add(passed(QuietRule.OWN));
        }
        return switch (outcome) {
            case Outcome.Refused r -> {
                addCounts(verdicts, r.counts(), retryAt);
                yield denied(r.reason(), retryAt, verdicts);
            }
            case Outcome.Passed p -> {
                addCounts(verdicts, p.counts(), null);
                yield new GateAnswer.Allowed(
                        customer, leaseUntil, List.copyOf(verdicts), policyVersion);
            }
            case Outcome.Unknown u -> throw new IllegalStateException("answered above: " + u);
            case Outcome.Quiet q -> throw new IllegalStateException("answered above: " + q);
        };
    }

    private void addCounts(
            List<Verdict> verdicts, List<Integer> counts, @Nullable Instant retryAt) {
        for (int i = 0; i < counts.size(); i++) {
            Limit limit = limits.get(i);
            boolean passed = counts.get(i) < limit.max();
            verdicts.add(
                    new Verdict(
                            limit.rule(),
                            passed,
                            counts.get(i),
                            limit.max(),
                            limit.window(),
                            passed ? null : retryAt));
        }
    }

    private GateAnswer denied(
            SuppressionReason reason, @Nullable Instant retryAt, List<Verdict> verdicts) {
        return new GateAnswer.Denied(reason, retryAt, List.copyOf(verdicts), policyVersion);
    }

    private static Verdict passed(String rule) {
        return new Verdict(rule, true, null, null, null, null);
    }

    private static Verdict refused(String rule, @Nullable Instant retryAt) {
        return new Verdict(rule, false, null, null, null, retryAt);
    }
}
