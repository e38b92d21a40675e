package io.throughline.governance.memory;

import io.smallrye.mutiny.Uni;
import io.throughline.contracts.Channel;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.Whereabouts;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.governance.ConsentWrite;
import io.throughline.governance.ContactGate;
import io.throughline.governance.ContactRef;
import io.throughline.governance.CustomerHistory;
import io.throughline.governance.Engagement;
import io.throughline.governance.GateAnswer;
import io.throughline.governance.GateRequest;
import io.throughline.governance.SilenceWrite;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The twin behind the gate's interface. One call at a time; every {@code Uni} is done when it is
 * subscribed to, on the caller's thread. It does not wait for leases.
 */
public final class InMemoryContactGate implements ContactGate {

    private final InMemoryGate gate;
    private final InstantSource clock;

    public InMemoryContactGate(InMemoryGate gate, InstantSource clock) {
        this.gate = gate;
        this.clock = clock;
    }

    @Override
    public Uni<List<GateAnswer>> reserve(List<GateRequest> requests, ContactPolicy policy) {
        return answer(requests, r -> gate.reserve(r, policy, clock.instant()));
    }

    @Override
    public Uni<List<GateAnswer>> peek(List<GateRequest> requests, ContactPolicy policy) {
        return answer(requests, r -> gate.peek(r, policy, clock.instant()));
    }

    @Override
    public Uni<Void> settle(List<ContactRef> contacts) {
        return answer(contacts, c -> gate.settle(c, clock.instant())).replaceWithVoid();
    }

    @Override
    public Uni<Void> refund(List<ContactRef> contacts) {
        return answer(contacts, gate::refund).replaceWithVoid();
    }

    @Override
    public Uni<Void> takeBack(List<ContactRef> contacts) {
        return answer(contacts, gate::takeBack).replaceWithVoid();
    }

    @Override
    public Uni<Void> putBack(List<ContactRef> contacts) {
        return answer(contacts, gate::putBack).replaceWithVoid();
    }

    @Override
    public Uni<Optional<Instant>> consent(List<ConsentWrite> consents) {
        return answer(consents, c -> gate.consent(c, clock.instant()))
                .chain(done -> answer(consents, gate::outdone))
                .map(outdone ->
                        outdone.stream().flatMap(Optional::stream).max(Comparator.naturalOrder()));
    }

    @Override
    public Uni<Void> silence(List<SilenceWrite> silences) {
        return answer(silences, s -> gate.silence(s, clock.instant())).replaceWithVoid();
    }

    @Override
    public Uni<Void> whereabouts(CustomerId customer, Whereabouts where) {
        return run(() -> gate.whereabouts(customer, where));
    }

    @Override
    public Uni<Void> engaged(List<Engagement> engagements) {
        return run(() -> engagements.forEach(gate::engaged));
    }

    @Override
    public Uni<Void> merge(CustomerId survivor, CustomerId merged) {
        return run(() -> gate.merge(survivor, merged));
    }

    @Override
    public Uni<Void> split(CustomerId from, CustomerId to) {
        return run(() -> gate.split(from, to));
    }

    @Override
    public Uni<Void> restate(
            Set<CustomerId> customers,
            Function<Set<CustomerId>, Uni<List<CustomerHistory.Permissions>>> ledgers) {
        return ledgers.apply(customers)
                .chain(permissions -> run(() -> permissions.forEach(gate::restate)));
    }

    @Override
    public Uni<Void> hydrate(List<CustomerHistory> histories) {
        return run(() -> histories.forEach(gate::hydrate));
    }

    @Override
    public Uni<Void> hydrate(
            Set<CustomerId> customers, Supplier<Uni<List<CustomerHistory>>> ledger) {
        return run(() -> {})
                .map(begun -> gate.epoch())
                .chain(epoch ->
                        ledger.get()
                                .chain(histories ->
                                        run(() -> histories.forEach(h -> gate.hydrate(h, epoch)))));
    }

    @Override
    public Uni<Void> forget(
            Set<CustomerId> customers, Supplier<Uni<Map<CustomerId, Set<MessageId>>>> messages) {
        return run(() -> {})
                .map(begun -> clock.instant())
                .chain(begun ->
                        messages.get()
                                .chain(told -> run(() -> gate.forget(customers, told, begun))));
    }

    @Override
    public Uni<Void> erase(List<CustomerId> customers) {
        return answer(customers, c -> gate.erase(c, clock.instant())).replaceWithVoid();
    }

    @Override
    public Uni<List<Boolean>> known(List<CustomerId> customers) {
        return answer(customers, gate::known);
    }

    @Override
    public Uni<List<Boolean>> addressOptedOut(Channel channel, List<String> addresses) {
        return answer(addresses, a -> gate.addressOptedOut(channel, a));
    }

    private <Q, A> Uni<List<A>> answer(List<Q> questions, Function<Q, A> ask) {
        return Uni.createFrom()
                .item(() -> {
                    synchronized (gate) {
                        return questions.stream().map(ask).toList();
                    }
                });
    }

    private Uni<Void> run(Runnable work) {
        return Uni.createFrom()
                .voidItem()
                .invoke(() -> {
                    synchronized (gate) {
                        work.run();
                    }
                });
    }
}
