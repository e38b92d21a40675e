package io.throughline.channel.stream;

import io.smallrye.mutiny.Uni;
import io.throughline.channel.dispatch.Permissions;
import io.throughline.channel.store.SendLedger;
import io.throughline.chassis.stream.SurroundingsFault;
import io.throughline.contracts.CustomerId;
import io.throughline.governance.ContactGate;
import io.throughline.governance.CustomerHistory;
import io.throughline.governance.policy.PublishedPolicies;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;

/**
 * A gate that lost its memory between a merge and now was told the survivor's opt-outs and contacts
 * without the other's.
 */
@ApplicationScoped
class MergedCustomers {

    private final SendLedger ledger;
    private final ContactGate gate;
    private final Permissions permissions;
    private final PublishedPolicies policies;
    private final InstantSource clock;

    MergedCustomers(
            SendLedger ledger,
            ContactGate gate,
            Permissions permissions,
            PublishedPolicies policies,
            InstantSource clock) {
        this.ledger = ledger;
        this.gate = gate;
        this.permissions = permissions;
        this.policies = policies;
        this.clock = clock;
    }

    /** In the order in which the dispatcher tells them, and for its reasons. */
    Uni<Void> tellGate(SqlConnection tx, Set<CustomerId> survivors) {
        Instant since = clock.instant().minus(policies.contactPolicy().horizon());
        return gate.hydrate(survivors, () -> known(tx, survivors, since))
                .onFailure()
                .transform(
                        failure -> new SurroundingsFault("the gate or identity is away", failure));
    }

    private Uni<List<CustomerHistory>> known(
            SqlConnection tx, Set<CustomerId> survivors, Instant since) {
        return ledger.optOuts(tx, survivors)
                .chain(optOuts ->
                        optOuts.isEmpty()
                                ? Uni.createFrom().voidItem()
                                : gate.consent(optOuts).chain(() -> permissions.hydrate(survivors)))
                .chain(() -> ledger.contacts(tx, survivors, since, Set.of()));
    }
}
