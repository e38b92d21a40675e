package io.throughline.channel.dispatch;

import io.smallrye.mutiny.Uni;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.governance.ConsentWrite;
import io.throughline.governance.ContactGate;
import io.throughline.governance.CustomerHistory;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

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
    public Uni<Map<CustomerId, Set<MessageId>>> of(
            Set<CustomerId> customers, Instant since, Set<MessageId> unasked) {
        return of(customers, ours(since, unasked));
    }

    /**
     * Our own opt-outs come first: the gate keeps an opt-in of an address only where it ends a
     * stop, so a stop that came after it would outlive it. Contacts come last: with them the gate
     * begins to answer for the customer. Identity may know of merges that we have not read of: who
     * was merged counts as she does, and so does what she said. Another process may write to our
     * ledger and be counted at the gate meanwhile, so what is read here holds only for a gate that
     * forgets nothing before it is told.
     *
     * @return what was told as under way, and so counts however it ends: to be looked at {@link
     *     #again} once it is over
     */
    public Uni<Map<CustomerId, Set<MessageId>>> of(Set<CustomerId> customers, Ours ours) {
        People asked = People.of(customers);
        Map<CustomerId, Set<MessageId>> open = new ConcurrentHashMap<>();
        return gate.hydrate(
                        customers,
                        () ->
                                optOuts(asked, ours)
                                        .chain(() -> permissions.hydrate(customers))
                                        .chain(told -> known(asked, told, ours))
                                        .chain(ours::contacts)
                                        .invoke(told -> open.putAll(messages(told, false))))
                .replaceWith(open);
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

    /**
     * @param settled whether those that were handed over are meant as well
     */
    private static Map<CustomerId, Set<MessageId>> messages(
            List<CustomerHistory> told, boolean settled) {
        Map<CustomerId, Set<MessageId>> messages = new HashMap<>();
        for (CustomerHistory history : told) {
            if (history instanceof CustomerHistory.Contacts contacts) {
                Set<MessageId> theirs =
                        contacts.contacts().stream()
                                .filter(contact -> settled || !contact.settled())
                                .map(CustomerHistory.Contact::message)
                                .collect(Collectors.toSet());
                if (!theirs.isEmpty()) {
                    messages.put(contacts.customer(), theirs);
                }
            }
        }
        return messages;
    }

    /**
     * Has the gate forget what was told as under way and did not leave: nobody gives back what was
     * told only after it had been given up.
     */
    public Uni<Void> again(Map<CustomerId, Set<MessageId>> open, Instant since) {
        Ours ours = ours(since, Set.of());
        return gate.forget(
                open.keySet(),
                () ->
                        ours.contacts(People.of(open.keySet()))
                                .map(told -> without(open, messages(told, true))));
    }

    private static Map<CustomerId, Set<MessageId>> without(
            Map<CustomerId, Set<MessageId>> open, Map<CustomerId, Set<MessageId>> counting) {
        Map<CustomerId, Set<MessageId>> gone = new HashMap<>();
        open.forEach((customer, messages) -> {
            Set<MessageId> left = new HashSet<>(messages);
            left.removeAll(counting.getOrDefault(customer, Set.of()));
            gone.put(customer, left);
        });
        return gone;
    }

    /**
     * Has the gate count what was two customers' each for whom it was to, once it is known which.
     *
     * @param moved messages that turned out to be to {@code to}
     */
    public Uni<Void> parted(CustomerId from, CustomerId to, Set<MessageId> moved, Instant since) {
        Ours ours = ours(since, Set.of());
        return gate.forget(
                Set.of(from, to),
                () ->
                        ours.contacts(People.of(Set.of(from)))
                                .map(told -> {
                                    Map<CustomerId, Set<MessageId>> stayed = messages(told, true);
                                    return Map.of(
                                            from, moved, to, stayed.getOrDefault(from, Set.of()));
                                }));
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
