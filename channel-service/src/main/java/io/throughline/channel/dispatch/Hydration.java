package io.throughline.channel.dispatch;

import io.smallrye.mutiny.Uni;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.governance.ConsentWrite;
import io.throughline.governance.ContactGate;
import io.throughline.governance.CustomerHistory;
import java.time.Instant;
import java.util.List;
import java.util.Map;
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

    /** Our ledger, as somebody sees it. */
    public interface Ours {

        Uni<List<ConsentWrite>> optOuts(People people);

        Uni<List<CustomerHistory>> contacts(People people);
    }

    /**
     * @param since contacts from before are left out
     * @param unasked claims that the gate has certainly not counted
     */
    public Uni<Void> of(Set<CustomerId> customers, Instant since, Set<MessageId> unasked) {
        return of(customers, ours(since, unasked));
    }

    /**
     * Our own opt-outs come first: the gate keeps an opt-in of an address only where it ends a
     * stop, so a stop that came after it would outlive it. Contacts come last: with them the gate
     * begins to answer for the customer. Identity may know of merges that we have not read of: who
     * was merged counts as she does, and so does what she said. Another process may write to our
     * ledger and be counted at the gate meanwhile, so what is read here holds only for a gate that
     * forgets nothing before it is told.
     */
    public Uni<Void> of(Set<CustomerId> customers, Ours ours) {
        People asked = People.of(customers);
        return gate.hydrate(
                customers,
                () ->
                        optOuts(asked, ours)
                                .chain(() -> permissions.hydrate(customers))
                                .chain(told -> known(asked, told, ours))
                                .chain(ours::contacts));
    }

    private Uni<People> known(People asked, Map<CustomerId, Set<CustomerId>> told, Ours ours) {
        if (told.isEmpty()) {
            return Uni.createFrom().item(asked);
        }
        People people = asked.and(told);
        return optOuts(people, ours)
                .chain(any ->
                        any
                                ? permissions.hydrate(asked.customers()).replaceWith(people)
                                : Uni.createFrom().item(people));
    }

    /** The same for identity, which gives the permissions itself. */
    public Uni<Void> ofOurs(People people, Instant since) {
        Ours ours = ours(since, Set.of());
        return gate.hydrate(
                people.customers(), () -> optOuts(people, ours).chain(() -> ours.contacts(people)));
    }

    private Uni<Boolean> optOuts(People people, Ours ours) {
        return ours.optOuts(people)
                .chain(optOuts ->
                        optOuts.isEmpty()
                                ? Uni.createFrom().item(false)
                                : gate.consent(optOuts).replaceWith(true));
    }

    private Ours ours(Instant since, Set<MessageId> unasked) {
        return new Ours() {

            @Override
            public Uni<List<ConsentWrite>> optOuts(People people) {
                return ledger.optOuts(people);
            }

            @Override
            public Uni<List<CustomerHistory>> contacts(People people) {
                return ledger.contacts(people, since, unasked);
            }
        };
    }
}
