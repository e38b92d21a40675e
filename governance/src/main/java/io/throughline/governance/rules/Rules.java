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
import io.throughline.governance.GateRequest;
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
                                    Limit.reasonOf(alike)));
                }
            }
        }
    }

    /**
     * Since when contacts have to be told to the gate for it to know a customer. Earlier than it
     * asks for, since its clock may be behind that of whoever tells.
     */
    public static Instant toldSince(ContactPolicy policy, Instant now) {
        return now.minus(policy.horizon()).minus(GRACE);
    }

    /** How long a contact is kept. */
    public Duration keep() {
        return horizon.plus(GRACE);
    }

    /** What every rule says of a message, the stop of its address apart. */
    public Outcome.Found look(CustomerFacts facts, GateRequest request, Instant now) {
        Tiredness tiredness = new Tiredness(facts, request, this, now.toEpochMilli());
        return new Outcome.Found(
                heedsOptOut ? withoutConsent(facts, request) : null,
                heedsSilence ? silentUntil(facts, request, now) : null,
                quiet.isEmpty() ? null : quiet.at(facts.where(), now),
                filled(tiredness, facts, request, now.toEpochMilli()),
                tiredness.found(),
                facts.where(),
                Outcome.Extent.ALL);
    }

    private @Nullable SuppressionReason withoutConsent(CustomerFacts facts, GateRequest request) {
        if (facts.optedOut(request.channel(), request.topic())) {
            return SuppressionReason.OPTED_OUT;
        }
        return needsOptIn && !facts.optedIn(request.channel(), request.topic())
                ? SuppressionReason.NO_CONSENT
                : null;
    }

    private static @Nullable Instant silentUntil(
            CustomerFacts facts, GateRequest request, Instant now) {
        Instant until = facts.silentUntil(request);
        return until.isAfter(now) ? until : null;
    }

    private List<Outcome.Filled> filled(
            Tiredness tiredness, CustomerFacts facts, GateRequest request, long now) {
        List<Outcome.Filled> filled = new ArrayList<>(limits.size());
        Tightening.Found tired = tiredness.found();
        for (int i = 0; i < limits.size(); i++) {
            Limit limit = limits.get(i);
            List<Long> counted = facts.counted(limit, uncounted, request, now);
            int max = max(i, tired);
            boolean full = counted.size() >= max;
            // Of what is under way a ledger tells when it will be over.
            boolean awaited = full && counted.stream().filter(at -> at <= now).count() < max;
            filled.add(
                    new Outcome.Filled(
                            counted.size(),
                            full,
                            full ? tiredness.opensAt(i, limit, counted) : null,
                            awaited));
        }
        return filled;
    }

    /**
     * What a limit allows.
     *
     * @param limit its place
     * @param tired what is found of the customer; absent where she is not
     */
    int max(int limit, Tightening.@Nullable Found tired) {
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

    /**
     * Puts what was found into words.
     *
     * @param addressStopped whether the address it would go to is opted out; looked at right after
     *     the customer's own consent
     * @param customer whom it is counted for
     */
    public GateAnswer answer(
            Outcome outcome, boolean addressStopped, CustomerId customer, Instant leaseUntil) {
        return switch (outcome) {
            case Outcome.Unknown unknown ->
                    new GateAnswer.Denied(
                            SuppressionReason.UNKNOWN_CUSTOMER,
                            null,
                            List.of(new Verdict("known-customer", false, null, null, null, null)),
                            policyVersion);
            case Outcome.Found found -> {
                Sheet sheet = new Sheet(found);
                sheet.fill(addressStopped);
                SuppressionReason reason = sheet.reason;
                yield reason == null
                        ? new GateAnswer.Allowed(
                                customer, leaseUntil, List.copyOf(sheet.verdicts), policyVersion)
                        : new GateAnswer.Denied(
                                reason,
                                sheet.retryAt(),
                                List.copyOf(sheet.verdicts),
                                policyVersion,
                                false,
                                sheet.awaited);
            }
        };
    }

    /** Verdicts as they are written down, one rule after the other. */
    private final class Sheet {

        private final Outcome.Found found;
        private final List<Verdict> verdicts = new ArrayList<>(8);

        /** Of the first rule that refuses. */
        private @Nullable SuppressionReason reason;

        private boolean awaited;

        Sheet(Outcome.Found found) {
            this.found = found;
        }

        void fill(boolean addressStopped) {
            passed("known-customer");
            if (heedsOptOut) {
                if (found.consent() == null) {
                    passed("consent");
                } else {
                    refused("consent", found.consent(), null);
                }
                if (addressStopped) {
                    refused("address", SuppressionReason.ADDRESS_OPTED_OUT, null);
                } else {
                    passed("address");
                }
            }
            if (heedsSilence && !endedBy(found.consent() != null)) {
                if (found.silentUntil() == null) {
                    passed("silence");
                } else {
                    refused("silence", SuppressionReason.SILENCED, found.silentUntil());
                }
            }
            Outcome.Quiet told = found.quiet();
            if (told != null) {
                add(
                        new Verdict(
                                told.rule(),
                                false,
                                null,
                                null,
                                null,
                                told.until(),
                                null,
                                told.where().text(),
                                null),
                        SuppressionReason.QUIET_HOURS);
            } else if (!quiet.isEmpty() && !endedBy(refusedBeforeQuietHours())) {
                passed(QuietRule.OWN);
            }
            for (int i = 0; i < found.limits().size(); i++) {
                add(i, found.limits().get(i));
            }
            if (found.extent() == Outcome.Extent.UP_TO_THE_FIRST) {
                verdicts.set(verdicts.size() - 1, verdicts.getLast().andNoFurther());
            }
        }

        private boolean refusedBeforeQuietHours() {
            return found.consent() != null || found.silentUntil() != null;
        }

        /** Whether nothing is known beyond a rule that refused. */
        private boolean endedBy(boolean refusal) {
            return refusal && found.extent() == Outcome.Extent.UP_TO_THE_FIRST;
        }

        private void add(int place, Outcome.Filled filled) {
            awaited |= reason == null && filled.full() && filled.awaited();
            Limit limit = limits.get(place);
            Tightening.Found tired = found.tired();
            int max = max(place, tired);
            add(
                    new Verdict(
                            limit.rule(),
                            !filled.full(),
                            filled.count(),
                            max,
                            limit.window(),
                            filled.opensAt(),
                            max < limit.max() && tired != null
                                    ? tightened(limit.max(), tired)
                                    : null),
                    limit.reason());
        }

        private void passed(String rule) {
            verdicts.add(new Verdict(rule, true, null, null, null, null));
        }

        private void refused(String rule, SuppressionReason because, @Nullable Instant retryAt) {
            add(new Verdict(rule, false, null, null, null, retryAt), because);
        }

        private void add(Verdict verdict, SuppressionReason because) {
            verdicts.add(verdict);
            reason = reason == null && !verdict.passed() ? because : reason;
        }

        /**
         * When all that refuses will have ceased to, which is not before the last of it; absent
         * where something never will. By then it may be quiet again.
         */
        private @Nullable Instant retryAt() {
            Instant last = Instant.MIN;
            for (Verdict verdict : verdicts) {
                if (!verdict.passed()) {
                    Instant retryAt = verdict.retryAt();
                    if (retryAt == null) {
                        return null;
                    }
                    last = retryAt.isAfter(last) ? retryAt : last;
                }
            }
            if (found.extent() == Outcome.Extent.UP_TO_THE_FIRST || quiet.isEmpty()) {
                return last;
            }
            Outcome.Quiet then = quiet.at(found.where(), last);
            return then == null ? last : then.until();
        }
    }
}
