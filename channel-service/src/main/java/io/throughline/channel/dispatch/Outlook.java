package io.throughline.channel.dispatch;

import io.smallrye.mutiny.Uni;
import io.throughline.contracts.message.SuppressionReason;
import io.throughline.governance.ContactGate;
import io.throughline.governance.GateAnswer;
import io.throughline.governance.GateRequest;
import io.throughline.governance.policy.PublishedPolicies;
import io.throughline.governance.rules.Rules;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;

/** What the gate would say of a message if it were asked now; nothing is counted. */
@ApplicationScoped
public class Outlook {

    private final ContactGate gate;
    private final Hydration hydration;
    private final PublishedPolicies policies;
    private final InstantSource clock;

    Outlook(
            ContactGate gate,
            Hydration hydration,
            PublishedPolicies policies,
            InstantSource clock) {
        this.gate = gate;
        this.hydration = hydration;
        this.policies = policies;
        this.clock = clock;
    }

    /**
     * Fails where the gate cannot be asked. A customer it does not know is hydrated first; if it
     * knows nothing of her even then, nobody does.
     */
    public Uni<GateAnswer> of(GateRequest request) {
        return peek(request)
                .chain(answer ->
                        isOfUnknown(answer)
                                ? hydrated(request).chain(() -> peek(request))
                                : Uni.createFrom().item(answer));
    }

    public static boolean isOfUnknown(GateAnswer answer) {
        return answer instanceof GateAnswer.Denied denied
                && denied.reason() == SuppressionReason.UNKNOWN_CUSTOMER;
    }

    private Uni<GateAnswer> peek(GateRequest request) {
        return gate.peek(List.of(request), policies.contactPolicy()).map(List::getFirst);
    }

    private Uni<Void> hydrated(GateRequest request) {
        return hydration.of(
                Set.of(request.customer()),
                Rules.toldSince(policies.contactPolicy(), clock.instant()),
                Set.of());
    }
}
