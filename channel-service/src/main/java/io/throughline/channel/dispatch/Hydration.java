package io.throughline.channel.dispatch;

import io.smallrye.mutiny.Uni;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.governance.ConsentWrite;
import io.throughline.governance.ContactGate;
import io.throughline.governance.CustomerHistory;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/** Gives the gate what both ledgers know of customers. */
public final class Hydration {

    private static final Logger LOG = Logger.getLogger(Hydration.class);
    private static final Duration MOMENT = Duration.ofMillis(50);
    private static final Duration AGAIN = Duration.ofSeconds(5);
    private static final int TRIES = 3;

    private final Ledger ledger;
    private final ContactGate gate;
    private final Permissions permissions;
    private final Later later;
    private final Duration claimed;

    /**
     * @param claimed how long a claim holds
     */
    public Hydration(
            Ledger ledger,
            ContactGate gate,
            Permissions permissions,
            Later later,
            Duration claimed) {
        this.ledger = ledger;
        this.gate = gate;
        this.permissions = permissions;
        this.later = later;
        this.claimed = claimed;
    }

    /** Does something after a while. */
    public interface Later {

        void after(Duration delay, Runnable work);
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
        return of(customers, ours(since, unasked), since);
    }

    /**
     * Our own opt-outs come first: the gate keeps an opt-in of an address only where it ends a
     * stop, so a stop that came after it would outlive it. Contacts come last: with them the gate
     * begins to answer for the customer. Identity may know of merges that we have not read of: who
     * was merged counts as she does, and so does what she said. Another process may write to our
     * ledger and be counted at the gate meanwhile, so what is read here holds only for a gate that
     * forgets nothing before it is told.
     *
     * @param since contacts from before are left out
     */
    public Uni<Void> of(Set<CustomerId> customers, Ours ours, Instant since) {
        People asked = People.of(customers);
        return gate.hydrate(
                customers,
                () ->
                        optOuts(asked, ours)
                                .chain(() -> permissions.hydrate(customers))
                                .chain(told -> known(asked, told, ours))
                                .chain(people -> contacts(people, ours, since)));
    }

    /**
     * What others had claimed is told as if it were going to leave. Not all of it does, and nobody
     * gives back what was told only after it had been given up: once the claims are over it is
     * looked at again.
     */
    private Uni<List<CustomerHistory>> contacts(People people, Ours ours, Instant since) {
        return ours.contacts(people)
                .invoke(told -> {
                    Open open = new Open(messages(told, false), people, since);
                    if (!open.messages().isEmpty()) {
                        later.after(claimed.plus(MOMENT), () -> look(open, TRIES));
                    }
                });
    }

    /**
     * What was told as under way, and so counts however it ends.
     *
     * @param people as they were asked about
     */
    private record Open(Map<CustomerId, Set<MessageId>> messages, People people, Instant since) {}

    private void look(Open open, int tries) {
        forgetWhatDidNotLeave(open)
                .subscribe()
                .with(
                        done -> {},
                        failure -> {
                            if (tries > 1) {
                                later.after(AGAIN, () -> look(open, tries - 1));
                            } else {
                                LOG.warnf(
                                        "%d customers count what may not have left: %s",
                                        open.messages().size(), failure);
                            }
                        });
    }

    private Uni<Void> forgetWhatDidNotLeave(Open open) {
        Ours ours = ours(open.since(), Set.of());
        return gate.forget(
                open.messages().keySet(),
                () ->
                        ours.contacts(open.people())
                                .map(told -> without(open.messages(), messages(told, true))));
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
     * Has the gate count what was two customers' each for whom it was to, once it is known which:
     * by what the ledger says of both by now, since they may be one again.
     *
     * @param moved messages that turned out to be to {@code to}
     */
    public Uni<Void> parted(CustomerId from, CustomerId to, Set<MessageId> moved, Instant since) {
        Ours ours = ours(since, Set.of());
        Set<CustomerId> both = Set.of(from, to);
        return gate.forget(
                both,
                () ->
                        ours.contacts(People.of(both))
                                .map(told -> messages(told, true))
                                .map(counting -> {
                                    Set<MessageId> stayed = counting.getOrDefault(from, Set.of());
                                    return without(Map.of(from, moved, to, stayed), counting);
                                }));
    }

    /** The same for identity, which gives the permissions itself. */
    public Uni<Void> ofOurs(People people, Instant since) {
        Ours ours = ours(since, Set.of());
        return gate.hydrate(
                people.customers(),
                () -> optOuts(people, ours).chain(() -> contacts(people, ours, since)));
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
