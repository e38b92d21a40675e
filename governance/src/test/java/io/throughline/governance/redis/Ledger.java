package io.throughline.governance.redis;

import io.smallrye.mutiny.Uni;
import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.governance.ConsentWrite;
import io.throughline.governance.ContactGate;
import io.throughline.governance.CustomerHistory;
import io.throughline.governance.GateRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Stands for PostgreSQL, and for what the services do with it: a message is claimed here before the
 * gate is asked, an opt-out is written down under the customer's lock before it is acknowledged,
 * and whom the gate does not know is hydrated from here.
 */
final class Ledger {

    private static final Duration CLAIMED = Duration.ofSeconds(30);
    private static final Duration PATIENT = Duration.ofSeconds(30);

    /** Blocking work stays off the event loops. */
    private static final Executor WORKERS = Executors.newVirtualThreadPerTaskExecutor();

    private final Map<MessageId, CustomerHistory.Contact> contacts = new HashMap<>();
    private final Map<CustomerId, Set<MessageId>> of = new HashMap<>();
    private final Map<CustomerId, ConsentWrite> stops = new ConcurrentHashMap<>();
    private final Map<CustomerId, ReentrantLock> locks = new ConcurrentHashMap<>();

    synchronized void claimed(GateRequest request) {
        Instant until = Instant.now().plus(CLAIMED);
        contacts.put(request.message(), contact(request, until, false));
        of.computeIfAbsent(request.customer(), c -> new TreeSet<>(Ledger::order))
                .add(request.message());
    }

    synchronized void sent(GateRequest request, Instant at) {
        contacts.put(request.message(), contact(request, at, true));
    }

    /** Suppressed, or back in the queue. */
    synchronized void notSent(GateRequest request) {
        contacts.remove(request.message());
    }

    private static CustomerHistory.Contact contact(
            GateRequest request, Instant at, boolean settled) {
        return new CustomerHistory.Contact(
                request.message(),
                request.channel(),
                request.category(),
                request.topic(),
                request.journey(),
                at,
                settled);
    }

    private static int order(MessageId a, MessageId b) {
        return a.value().compareTo(b.value());
    }

    private synchronized List<CustomerHistory> contacts(
            Set<CustomerId> customers, Set<MessageId> unasked) {
        List<CustomerHistory> histories = new ArrayList<>();
        for (CustomerId customer : customers) {
            histories.add(
                    new CustomerHistory.Contacts(
                            customer,
                            of.getOrDefault(customer, Set.of()).stream()
                                    .filter(m -> contacts.containsKey(m) && !unasked.contains(m))
                                    .map(contacts::get)
                                    .toList()));
        }
        return histories;
    }

    /** As identity does it: in force, written down, acknowledged, all under the lock. */
    void stop(ContactGate gate, ConsentWrite stop) {
        CustomerId customer = java.util.Objects.requireNonNull(stop.customer());
        locked(
                Set.of(customer),
                () -> {
                    gate.consent(List.of(stop)).await().atMost(PATIENT);
                    stops.put(customer, stop);
                });
    }

    /** As channel and identity do it. */
    Uni<Void> hydrate(ContactGate gate, Set<CustomerId> customers, Set<MessageId> unasked) {
        return gate.hydrate(
                customers,
                () ->
                        Uni.createFrom()
                                .item(() -> {
                                    locked(
                                            customers,
                                            () ->
                                                    gate.hydrate(permissions(customers))
                                                            .await()
                                                            .atMost(PATIENT));
                                    return contacts(customers, unasked);
                                })
                                .runSubscriptionOn(WORKERS));
    }

    private List<CustomerHistory> permissions(Set<CustomerId> customers) {
        List<CustomerHistory> histories = new ArrayList<>();
        for (CustomerId customer : customers) {
            ConsentWrite said =
                    stops.getOrDefault(
                            customer,
                            new ConsentWrite(
                                    customer,
                                    null,
                                    Channel.SMS,
                                    null,
                                    ConsentState.OPTED_IN,
                                    Instant.EPOCH));
            histories.add(
                    new CustomerHistory.Permissions(
                            customer, List.of(said), List.of(), null, List.of()));
        }
        return histories;
    }

    private void locked(Set<CustomerId> customers, Runnable work) {
        List<ReentrantLock> held =
                customers.stream()
                        .sorted()
                        .map(c -> locks.computeIfAbsent(c, n -> new ReentrantLock()))
                        .toList();
        held.forEach(ReentrantLock::lock);
        try {
            work.run();
        } finally {
            held.reversed().forEach(ReentrantLock::unlock);
        }
    }
}
