package io.throughline.journey.conversation;

import io.smallrye.mutiny.Uni;
import io.throughline.chassis.stream.SurroundingsFault;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.message.SuppressionReason;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.governance.ContactGate;
import io.throughline.governance.GateAnswer;
import io.throughline.governance.GateRequest;
import io.throughline.journey.neighbour.ChannelService;
import io.throughline.journey.profile.ConsentRecord;
import io.throughline.journey.profile.KnownCustomer;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Asks the gate, in one round trip for all questions. A customer whom it does not know is hydrated
 * first, from both ledgers as before a message is sent, so that a decision sees what the hand-over
 * will see. Whom the gate does not know even then, since the ledgers do not, is judged by our own
 * copy of the consents. That is no loosening: only {@code reserve}, at the channel, lets a message
 * go.
 *
 * <p>While the gate or a ledger cannot be asked this fails with a {@link SurroundingsFault}:
 * nothing is decided blind.
 */
@ApplicationScoped
class GateDesk {

    private final ContactGate gate;
    private final ChannelService ledgers;
    private final InstantSource clock;

    GateDesk(ContactGate gate, ChannelService ledgers, InstantSource clock) {
        this.gate = gate;
        this.ledgers = ledgers;
        this.clock = clock;
    }

    /** Answers in the order of the requests. */
    Uni<List<GateAnswer>> peek(
            List<GateRequest> requests,
            ContactPolicy policy,
            Function<CustomerId, KnownCustomer> customers) {
        return gate.peek(requests, policy)
                .chain(answers -> hydrated(requests, answers, policy))
                .onFailure()
                .transform(failure -> new SurroundingsFault("the gate cannot be asked", failure))
                .map(answers -> judged(requests, answers, policy, customers));
    }

    private Uni<List<GateAnswer>> hydrated(
            List<GateRequest> requests, List<GateAnswer> answers, ContactPolicy policy) {
        List<CustomerId> unknown = new ArrayList<>();
        for (int i = 0; i < answers.size(); i++) {
            if (isUnknown(answers.get(i)) && !unknown.contains(requests.get(i).customer())) {
                unknown.add(requests.get(i).customer());
            }
        }
        return unknown.isEmpty()
                ? Uni.createFrom().item(answers)
                : ledgers.hydrate(unknown).chain(() -> gate.peek(requests, policy));
    }

    private List<GateAnswer> judged(
            List<GateRequest> requests,
            List<GateAnswer> answers,
            ContactPolicy policy,
            Function<CustomerId, KnownCustomer> customers) {
        Instant now = clock.instant();
        List<GateAnswer> judged = new ArrayList<>(answers);
        for (int i = 0; i < judged.size(); i++) {
            if (isUnknown(judged.get(i))) {
                GateRequest request = requests.get(i);
                judged.set(
                        i,
                        ConsentRecord.of(customers.apply(request.customer()))
                                .answer(request, policy, now));
            }
        }
        return judged;
    }

    private static boolean isUnknown(GateAnswer answer) {
        return answer instanceof GateAnswer.Denied denied
                && denied.reason() == SuppressionReason.UNKNOWN_CUSTOMER;
    }
}
