package io.throughline.journey.preview;

import io.throughline.contracts.MessageId;
import io.throughline.contracts.customer.BehaviourRecorded;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.contracts.policy.ContactPolicy.ConversionSilence;
import io.throughline.governance.ConsentWrite;
import io.throughline.governance.ContactRef;
import io.throughline.governance.CustomerHistory;
import io.throughline.governance.Engagement;
import io.throughline.governance.GateAnswer;
import io.throughline.governance.GateRequest;
import io.throughline.governance.SilenceWrite;
import io.throughline.governance.memory.InMemoryGate;
import io.throughline.governance.rules.SignsOfLife;
import io.throughline.governance.rules.SilenceRule;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** One customer's past as it would have been under one policy: the gate's twin decides. */
final class World {

    private static final Duration LEASE = Duration.ofSeconds(30);

    /** The rules do not need it: a stop of an address is on record as one of its customer. */
    private static final String NO_ADDRESS = "";

    private final ContactPolicy policy;
    private final CustomerPast past;
    private final InMemoryGate gate = new InMemoryGate(LEASE);
    private final Set<MessageId> stopped = new HashSet<>();

    /**
     * @param consents that hold from the beginning
     * @param contacts from before the period, which are as they are
     */
    World(
            ContactPolicy policy,
            CustomerPast past,
            List<ConsentWrite> consents,
            List<CustomerHistory.Contact> contacts) {
        this.policy = policy;
        this.past = past;
        gate.hydrate(
                new CustomerHistory.Permissions(
                        past.customer(), consents, List.of(), past.whereabouts(), List.of()));
        gate.hydrate(new CustomerHistory.Contacts(past.customer(), contacts));
    }

    /** The silences of the policy that an event begins and lifts, and that she is there. */
    void hear(BehaviourRecorded event) {
        if (engages(event)) {
            Instant at = SignsOfLife.at(event.occurredAt(), event.receivedAt());
            gate.engaged(new Engagement(past.customer(), at));
        }
        for (ConversionSilence silence : policy.silences()) {
            SilenceRule rule = SilenceRule.of(silence);
            if (silence.on().equals(event.name())) {
                silence(
                        rule.begun(
                                past.customer(),
                                event.properties(),
                                event.occurredAt(),
                                event.receivedAt()),
                        event.receivedAt());
            }
            if (rule.liftedBy().contains(event.name())) {
                rule.lifted(
                                past.customer(),
                                event.properties(),
                                event.occurredAt(),
                                event.receivedAt())
                        .ifPresent(lifting -> silence(lifting, event.receivedAt()));
            }
        }
    }

    /** What she was not sent she cannot have opened. */
    void engaged(Attempt attempt, Instant at) {
        if (!stopped.contains(attempt.message())) {
            gate.engaged(new Engagement(past.customer(), at));
        }
    }

    void silence(SilenceWrite silence, Instant now) {
        Duration unused = gate.silence(silence, now);
    }

    void consent(ConsentWrite consent) {
        Duration unused = gate.consent(consent, consent.at());
    }

    private boolean engages(BehaviourRecorded event) {
        return policy.fatigue() != null
                && (SignsOfLife.shows(event.kind(), event.name(), event.context())
                        || policy.silences().stream().anyMatch(s -> s.on().equals(event.name())));
    }

    /** What the gate would say, without counting anything. */
    GateAnswer ask(Attempt attempt) {
        return gate.peek(request(attempt), policy, attempt.at());
    }

    /** What the gate says; what it lets through counts from then on. */
    GateAnswer attempt(Attempt attempt) {
        GateAnswer answer = gate.reserve(request(attempt), policy, attempt.at());
        if (answer instanceof GateAnswer.Allowed) {
            var unused = gate.settle(new ContactRef(past.customer(), attempt.message()));
        } else {
            stopped.add(attempt.message());
        }
        return answer;
    }

    void takeBack(Attempt attempt) {
        boolean unused = gate.takeBack(new ContactRef(past.customer(), attempt.message()));
    }

    private GateRequest request(Attempt attempt) {
        return new GateRequest(
                past.customer(),
                attempt.message(),
                attempt.channel(),
                attempt.category(),
                attempt.topic(),
                attempt.journey(),
                NO_ADDRESS);
    }
}
