package io.throughline.channel.stream;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.throughline.channel.dispatch.Hydration;
import io.throughline.channel.dispatch.People;
import io.throughline.channel.store.SendLedger;
import io.throughline.chassis.stream.SurroundingsFault;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.governance.ConsentWrite;
import io.throughline.governance.CustomerHistory;
import io.throughline.governance.policy.PublishedPolicies;
import io.throughline.governance.rules.Rules;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import org.jboss.logging.Logger;

/**
 * A gate that lost its memory between a merge and now was told the survivor's opt-outs and contacts
 * without the other's.
 */
@ApplicationScoped
class MergedCustomers {

    private static final Logger LOG = Logger.getLogger(MergedCustomers.class);

    private final SendLedger ledger;
    private final Hydration hydration;
    private final PublishedPolicies policies;
    private final InstantSource clock;

    MergedCustomers(
            SendLedger ledger,
            Hydration hydration,
            PublishedPolicies policies,
            InstantSource clock) {
        this.ledger = ledger;
        this.hydration = hydration;
        this.policies = policies;
        this.clock = clock;
    }

    Uni<Void> tellGate(SqlConnection tx, Set<CustomerId> survivors) {
        Instant since = Rules.toldSince(policies.contactPolicy(), clock.instant());
        return hydration
                .of(survivors, new AsSeenBy(tx, since), since)
                .onFailure()
                .transform(
                        failure -> new SurroundingsFault("the gate or identity is away", failure));
    }

    /**
     * What two were taken for one by counted for both until now. Only once what is whose is
     * committed: where this fails it goes on counting for both, which errs on the quiet side.
     */
    Uni<Void> parted(List<Parted> parted) {
        Instant since = Rules.toldSince(policies.contactPolicy(), clock.instant());
        return Multi.createFrom()
                .iterable(parted)
                .onItem()
                .transformToUniAndConcatenate(
                        one -> hydration.parted(one.from(), one.to(), one.moved(), since))
                .collect()
                .last()
                .replaceWithVoid()
                .onFailure()
                .recoverWithItem(failure -> {
                    LOG.warnf(
                            "contacts of %d customers go on counting for others too: %s",
                            parted.size(), failure);
                    return null;
                });
    }

    /**
     * Two who were taken for one.
     *
     * @param moved messages that turned out to be to {@code to}
     */
    record Parted(CustomerId from, CustomerId to, Set<MessageId> moved) {}

    private final class AsSeenBy implements Hydration.Ours {

        private final SqlConnection tx;
        private final Instant since;

        AsSeenBy(SqlConnection tx, Instant since) {
            this.tx = tx;
            this.since = since;
        }

        @Override
        public Uni<List<ConsentWrite>> optOuts(People people) {
            return ledger.optOuts(tx, people);
        }

        @Override
        public Uni<List<CustomerHistory>> contacts(People people) {
            return ledger.contacts(tx, people, since, Set.of());
        }
    }
}
