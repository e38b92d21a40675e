package io.throughline.channel.dispatch;

import io.smallrye.mutiny.Uni;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.governance.ContactGate;
import java.time.Instant;
import java.util.Set;

/** Gives the gate what both ledgers know of customers. */
public final class Hydration {

    private final Ledger ledger;
    private final ContactGate gate;
    private final Permissions permissions;

    public Hydration(Ledger ledger, ContactGate gate, Permissions permissions) {
        this.ledger = ledger;
        this.gate = gate;
        this.permissions = permissions;
    }

    /**
     * Our own opt-outs come first: the gate keeps an opt-in of an address only where it ends a
     * stop, so a stop that came after it would outlive it. Contacts come last: with them the gate
     * begins to answer for the customer. Another process may write to our ledger and be counted at
     * the gate meanwhile, so what is read here holds only for a gate that forgets nothing before it
     * is told.
     *
     * @param since contacts from before are left out
     * @param unasked claims that the gate has certainly not counted
     */
    public Uni<Void> of(Set<CustomerId> customers, Instant since, Set<MessageId> unasked) {
        return gate.hydrate(
                customers,
                () ->
                        ledger.optOuts(customers)
                                .chain(optOuts ->
                                        optOuts.isEmpty()
                                                ? Uni.createFrom().voidItem()
                                                : gate.consent(optOuts))
                                .chain(() -> permissions.hydrate(customers))
                                .chain(() -> ledger.contacts(customers, since, unasked)));
    }
}
