package io.throughline.journey.dryrun;

import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.message.MessageEvent;
import io.throughline.contracts.message.MessageRequested;
import io.throughline.contracts.message.MessageRequested.Fallback;
import io.throughline.contracts.message.SuppressionReason;
import io.throughline.contracts.message.Verdict;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.contracts.policy.LimitName;
import io.throughline.governance.ContactRef;
import io.throughline.governance.CustomerHistory;
import io.throughline.governance.Engagement;
import io.throughline.governance.GateAnswer;
import io.throughline.governance.GateRequest;
import io.throughline.governance.SilenceWrite;
import io.throughline.governance.memory.InMemoryGate;
import io.throughline.journey.engine.CustomerView;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The gate and a channel service with a carrier that takes everything at once, for one customer.
 * Remembers which journey each contact was for, so that it can say who stood in whose way.
 */
final class HandOver {

    private record Contact(
            String journey,
            Channel channel,
            Category category,
            @Nullable String topic,
            Instant at) {

        /** Whether a rule that refused a message had this contact counted. */
        boolean counted(String rule, GateRequest refused, ContactPolicy policy) {
            LimitName name = LimitName.of(rule);
            return name != null
                    && (category == refused.category() || policy.categoryRule(category).counts())
                    && Objects.equals(
                            name.alike().valueOf(channel, category, topic, journey),
                            name.alike()
                                    .valueOf(
                                            refused.channel(),
                                            refused.category(),
                                            refused.topic(),
                                            refused.journey()));
        }
    }

    private static final Duration LEASE = Duration.ofSeconds(5);

    /** Where another channel can do better, as the channel service sees it. */
    private static final Set<SuppressionReason> OF_THIS_CHANNEL_ONLY =
            Set.of(
                    SuppressionReason.NO_CONSENT,
                    SuppressionReason.OPTED_OUT,
                    SuppressionReason.ADDRESS_OPTED_OUT);

    private final ContactPolicy policy;
    private final Tally tally;
    private final InMemoryGate gate = new InMemoryGate(LEASE);
    private final List<Contact> contacts = new ArrayList<>();

    HandOver(CustomerStory story, ContactPolicy policy, Tally tally) {
        this.policy = policy;
        this.tally = tally;
        CustomerView customer = story.customer();
        gate.hydrate(
                new CustomerHistory.Permissions(
                        customer.id(), story.consents(), List.of(), customer.where(), List.of()));
        gate.hydrate(new CustomerHistory.Contacts(customer.id(), List.of()));
    }

    void engaged(Engagement engagement) {
        gate.engaged(engagement);
    }

    void silence(SilenceWrite silence, Instant now) {
        gate.silence(silence, now);
    }

    List<GateAnswer> peek(String journey, List<GateRequest> requests, Instant now) {
        List<GateAnswer> answers =
                requests.stream().map(request -> gate.peek(request, policy, now)).toList();
        List<GateAnswer> own = new ArrayList<>();
        for (int i = 0; i < answers.size(); i++) {
            if (journey.equals(requests.get(i).journey())) {
                own.add(answers.get(i));
            }
        }
        if (own.stream().noneMatch(GateAnswer.Allowed.class::isInstance)) {
            blamed(journey, requests.getFirst(), answers.getFirst(), now);
        }
        return answers;
    }

    /** What becomes of a message. */
    MessageEvent.OfMessage of(MessageRequested message, Instant now) {
        List<Fallback> ways = new ArrayList<>();
        ways.add(new Fallback(message.channel(), message.to(), message.template()));
        ways.addAll(message.fallbacks());
        int last = ways.size() - 1;
        for (int i = 0; i < last; i++) {
            GateAnswer answer = reserve(message, ways.get(i), now);
            if (!(answer instanceof GateAnswer.Denied denied
                    && OF_THIS_CHANNEL_ONLY.contains(denied.reason()))) {
                return report(message, ways.get(i), answer, now);
            }
        }
        return report(message, ways.get(last), reserve(message, ways.get(last), now), now);
    }

    /** Taken out of the queue before anything was done with it. */
    static MessageEvent.Suppressed withdrawn(MessageRequested message, Instant now) {
        return new MessageEvent.Suppressed(
                message.message(),
                message.customer(),
                message.channel(),
                message.origin(),
                SuppressionReason.WITHDRAWN,
                List.of(),
                0,
                null,
                now);
    }

    private GateAnswer reserve(MessageRequested message, Fallback way, Instant now) {
        String journey = message.origin() == null ? "" : message.origin().journey();
        GateRequest request =
                new GateRequest(
                        message.customer(),
                        message.message(),
                        way.channel(),
                        message.category(),
                        message.topic(),
                        journey,
                        way.to());
        GateAnswer answer = gate.reserve(request, policy, now);
        if (answer instanceof GateAnswer.Allowed) {
            gate.settle(new ContactRef(message.customer(), message.message()));
            contacts.add(
                    new Contact(journey, way.channel(), message.category(), message.topic(), now));
        } else {
            blamed(journey, request, answer, now);
        }
        return answer;
    }

    private static MessageEvent.OfMessage report(
            MessageRequested message, Fallback way, GateAnswer answer, Instant now) {
        return switch (answer) {
            case GateAnswer.Allowed allowed ->
                    new MessageEvent.Sent(
                            message.message(),
                            message.customer(),
                            way.channel(),
                            message.origin(),
                            way.template(),
                            "dry-run",
                            null,
                            1,
                            allowed.verdicts(),
                            allowed.policyVersion(),
                            now);
            case GateAnswer.Denied denied ->
                    new MessageEvent.Suppressed(
                            message.message(),
                            message.customer(),
                            way.channel(),
                            message.origin(),
                            denied.reason(),
                            denied.verdicts(),
                            denied.policyVersion(),
                            denied.retryAt(),
                            now);
        };
    }

    /** Counts a conflict for every other journey whose contact counted against this message. */
    private void blamed(String blocked, GateRequest request, GateAnswer answer, Instant now) {
        if (answer instanceof GateAnswer.Denied denied) {
            Verdict.refusing(denied.verdicts())
                    .ifPresent(refusing -> blamed(blocked, request, refusing, now));
        }
    }

    private void blamed(String blocked, GateRequest request, Verdict refusing, Instant now) {
        Duration window = refusing.window();
        if (window == null) {
            return;
        }
        contacts.stream()
                .filter(contact -> now.isBefore(contact.at().plus(window)))
                .filter(contact -> contact.counted(refusing.rule(), request, policy))
                .map(Contact::journey)
                .filter(journey -> !journey.equals(blocked))
                .distinct()
                .forEach(journey ->
                        tally.conflict(
                                new DryRunReport.Conflict(
                                        request.customer(),
                                        blocked,
                                        journey,
                                        refusing.rule(),
                                        request.channel(),
                                        now)));
    }
}
