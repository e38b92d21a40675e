package io.throughline.journey.profile;

import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.message.SuppressionReason;
import io.throughline.contracts.message.Verdict;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.contracts.policy.ContactPolicy.ConsentRule;
import io.throughline.governance.GateAnswer;
import io.throughline.governance.GateRequest;
import io.throughline.journey.profile.KnownCustomer.Consent;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a customer said, read as the gate reads it: an opt-out of the channel ends marketing and
 * service messages there, one of the topic those of the topic; marketing needs an opt-in to either
 * where the policy says so; transactional ones heed only an opt-out that the policy extends to
 * them.
 */
public record ConsentRecord(KnownCustomer customer) {

    private static final String RULE = "consent";

    public static ConsentRecord of(KnownCustomer customer) {
        return new ConsentRecord(customer);
    }

    /** The answer of a gate that knew nothing but the consents. */
    public GateAnswer answer(GateRequest request, ContactPolicy policy, Instant now) {
        SuppressionReason refused = refusal(request, policy);
        List<Verdict> verdicts =
                List.of(new Verdict(RULE, refused == null, null, null, null, null));
        return refused == null
                ? new GateAnswer.Allowed(customer.id(), now, verdicts, policy.version())
                : new GateAnswer.Denied(refused, null, verdicts, policy.version());
    }

    private @Nullable SuppressionReason refusal(GateRequest request, ContactPolicy policy) {
        Channel channel = request.channel();
        ConsentState ofChannel = stateOf(channel, null);
        ConsentState ofTopic = request.topic() == null ? null : stateOf(channel, request.topic());
        boolean heedsOptOut =
                request.category() != Category.TRANSACTIONAL
                        || policy.optOutCoversTransactional().contains(channel);
        if (heedsOptOut
                && (ofChannel == ConsentState.OPTED_OUT || ofTopic == ConsentState.OPTED_OUT)) {
            return SuppressionReason.OPTED_OUT;
        }
        boolean needsOptIn =
                request.category() == Category.MARKETING
                        && policy.consentRule(channel) == ConsentRule.OPT_IN;
        boolean hasOptIn = ofChannel == ConsentState.OPTED_IN || ofTopic == ConsentState.OPTED_IN;
        return needsOptIn && !hasOptIn ? SuppressionReason.NO_CONSENT : null;
    }

    private @Nullable ConsentState stateOf(Channel channel, @Nullable String topic) {
        for (Consent consent : customer.consents()) {
            if (consent.isAbout(channel, topic)) {
                return consent.state();
            }
        }
        return null;
    }
}
