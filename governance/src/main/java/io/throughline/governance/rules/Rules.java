package io.throughline.governance.rules;

import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.message.SuppressionReason;
import io.throughline.contracts.message.Verdict;
import io.throughline.contracts.message.Verdict.Tightened;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.contracts.policy.ContactPolicy.Alike;
import io.throughline.contracts.policy.ContactPolicy.Among;
import io.throughline.contracts.policy.ContactPolicy.Cap;
import io.throughline.contracts.policy.ContactPolicy.CategoryRule;
import io.throughline.contracts.policy.ContactPolicy.ConsentRule;
import io.throughline.contracts.policy.ContactPolicy.Gap;
import io.throughline.contracts.policy.ContactPolicy.Passable;
import io.throughline.governance.GateAnswer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A contact policy as it applies to one channel, one category, one topic or none, one journey or
 * none.
 *
 * @param category of such messages
 * @param heedsOptOut whether an opt-out ends such messages: always for marketing and service, for
 *     transactional ones only where the policy says that the channel's stop reaches that far
 * @param needsOptIn whether the absence of an opt-in ends them
 * @param heedsSilence whether a silence covers them
 * @param quiet the policy's and the law's; empty where none apply
 * @param limits in the order in which they are looked at: gaps, then caps, of a journey, a topic, a
 *     category, a channel, global ones
 * @param tightening how the limits tighten for who has had enough
 * @param uncounted categories whose contacts do not count against such messages
 * @param horizon how far back contacts must be known; of the whole policy, so that it is the same
 *     for all messages
 */
public record Rules(
        int policyVersion,
        Category category,
        boolean heedsOptOut,
        boolean needsOptIn,
        boolean heedsSilence,
        QuietRules quiet,
        List<Limit> limits,
        Tightening tightening,
        Set<Category> uncounted,
        Duration horizon) {

    /**
     * How much longer than the horizon a contact is kept, so that a clock that steps back a little
     * does not find what it needs already gone.
     */
    public static final Duration GRACE = Duration.ofHours(1);

    /**
     * @param topic absent for a message without one
     * @param journey absent for a message of none
     */
    public static Rules of(
            ContactPolicy policy,
            Channel channel,
            Category category,
            @Nullable String topic,
            @Nullable String journey) {
        boolean transactional = category == Category.TRANSACTIONAL;
        CategoryRule rule = policy.categoryRule(category);
        List<Limit> limits = limits(policy, channel, category, topic, journey);
        return new Rules(
                policy.version(),
                category,
                !transactional || policy.optOutCoversTransactional().contains(channel),
                category == Category.MARKETING && policy.consentRule(channel) == ConsentRule.OPT_IN,
                !rule.passes(Passable.SILENCES) && journey != null,
                QuietRules.of(policy, channel, category),
                limits,
                Tightening.of(policy, category, limits),
                uncounted(policy, category),
                policy.horizon());
    }

    private static Set<Category> uncounted(ContactPolicy policy, Category category) {
        return Arrays.stream(Category.values())
                .filter(other -> other != category && !policy.categoryRule(other).counts())
                .collect(Collectors.toUnmodifiableSet());
    }

    /** The order in which caps are looked at. */
    private static final List<Alike> NARROW_FIRST =
            List.of(Alike.JOURNEY, Alike.TOPIC, Alike.CATEGORY, Alike.CHANNEL, Alike.ANY);

    private static List<Limit> limits(
            ContactPolicy policy,
            Channel channel,
            Category category,
            @Nullable String topic,
            @Nullable String journey) {
        List<Limit> limits = new ArrayList<>();
        CategoryRule rule = policy.categoryRule(category);
        if (!rule.passes(Passable.GAPS)) {
            addGaps(limits, policy, channel, category, topic, journey);
        }
        if (!rule.passes(Passable.CAPS)) {
            addCaps(limits, policy, channel, category, topic, journey);
        }
        return List.copyOf(limits);
    }

    private static void addGaps(
            List<Limit> limits,
            ContactPolicy policy,
            Channel channel,
            Category category,
            @Nullable String topic,
            @Nullable String journey) {
        Duration minimum = policy.minimumGap();
        if (minimum != null && minimum.isPositive()) {
            limits.add(
                    new Limit("minimum-gap", Alike.ANY, 1, minimum, SuppressionReason.MINIMUM_GAP));
        }
        for (Gap gap : policy.gaps()) {
            if (gap.among().covers(channel, category, topic, journey)) {
                limits.add(
                        new Limit(
                                gap.rule(channel, category),
                                gap.among().alike(),
                                1,
                                gap.per(),
                                SuppressionReason.MINIMUM_GAP));
            }
        }
    }

    private static void addCaps(
            List<Limit> limits,
            ContactPolicy policy,
            Channel channel,
            Category category,
            @Nullable String topic,
            @Nullable String journey) {
        for (Alike alike : NARROW_FIRST) {
            for (Cap cap : policy.caps()) {
                Among among = cap.among();
                if (among.alike() == alike && among.covers(channel, category, topic, journey)) {
                    limits.add(
                            new Limit(
                                    cap.rule(channel, category),
                                    alike,
                                    cap.max(),
                                    cap.per(),
                                    reason(alike)));
                }
            }
        }
    }

    /** Those over a category or a topic go over all channels. */
    private static SuppressionReason reason(Alike alike) {
        return switch (alike) {
            case JOURNEY -> SuppressionReason.JOURNEY_CAP;
            case CHANNEL -> SuppressionReason.CHANNEL_CAP;
            case TOPIC, CATEGORY, ANY -> SuppressionReason.GLOBAL_CAP;
        };
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
                addCounts(verdicts, r.counts(), retryAt, r.tired());
                yield denied(r.reason(), retryAt, verdicts);
            }
            case Outcome.Passed p -> {
                addCounts(verdicts, p.counts(), null, p.tired());
                yield new GateAnswer.Allowed(
                        customer, leaseUntil, List.copyOf(verdicts), policyVersion);
            }
            case Outcome.Unknown u -> throw new IllegalStateException("answered above: " + u);
            case Outcome.Quiet q -> throw new IllegalStateException("answered above: " + q);
        };
    }

    private void addCounts(
            List<Verdict> verdicts,
            List<Integer> counts,
            @Nullable Instant retryAt,
            Tightening.@Nullable Found tired) {
        for (int i = 0; i < counts.size(); i++) {
            Limit limit = limits.get(i);
            int max = max(i, tired);
            boolean passed = counts.get(i) < max;
            verdicts.add(
                    new Verdict(
                            limit.rule(),
                            passed,
                            counts.get(i),
                            max,
                            limit.window(),
                            passed ? null : retryAt,
                            max < limit.max() && tired != null
                                    ? tightened(limit.max(), tired)
                                    : null));
        }
    }

    /**
     * What a limit allows.
     *
     * @param limit its place
     * @param tired what is found of the customer; absent where she is not
     */
    public int max(int limit, Tightening.@Nullable Found tired) {
        return tired == null
                ? limits.get(limit).max()
                : tightening.stages().get(tired.stage()).max().get(limit);
    }

    private Tightened tightened(int from, Tightening.Found tired) {
        Tightening.Stage stage = tightening.stages().get(tired.stage());
        boolean ignores = stage.afterOptOut() == null;
        return new Tightened(
                from,
                stage.share(),
                ignores ? tired.ignored() : null,
                ignores && tired.at().isAfter(Instant.EPOCH) ? tired.at() : null,
                ignores ? null : tired.at());
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
