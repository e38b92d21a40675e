package io.throughline.channel.dispatch;

import io.smallrye.mutiny.Uni;
import io.throughline.channel.delivery.Claim;
import io.throughline.channel.delivery.Judge;
import io.throughline.channel.delivery.Outcome;
import io.throughline.channel.delivery.Step;
import io.throughline.channel.route.Content;
import io.throughline.channel.route.HandOver;
import io.throughline.channel.route.Lease;
import io.throughline.channel.route.Outbound;
import io.throughline.channel.route.Route;
import io.throughline.channel.template.Composer.Composed;
import io.throughline.channel.template.Composer.NoContent;
import io.throughline.channel.template.Composer.Ready;
import io.throughline.contracts.Channel;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.message.SuppressionReason;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.governance.ContactGate;
import io.throughline.governance.ContactRef;
import io.throughline.governance.GateAnswer;
import io.throughline.governance.rules.Rules;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Brings claimed messages to their routes.
 *
 * <p>Order is what keeps the promises. A claim is committed before anything leaves, so a crash at
 * any later point leaves a row that says so (P5). The gate is asked last, after everything that
 * takes time, and its lease goes along with the message: the route looks at it where there is no
 * way back (P1, P2). A contact is returned to the gate before its message is queued again, never
 * after: another process could have claimed and counted it by then, and would lose that count (P3).
 * Where the gate or identity cannot be asked, the message goes back to the queue (P7).
 *
 * <p>All of it runs on its {@link Host}, one thing at a time.
 */
public final class Dispatcher {

    private static final Logger LOG = Logger.getLogger(Dispatcher.class);
    private static final int RECORDED_AT_ONCE = 500;
    private static final int ROUNDS = 3;
    private static final Duration RECORD_AGAIN = Duration.ofMillis(250);

    private final Ledger ledger;
    private final Composing composing;
    private final ContactGate gate;
    private final Hydration hydration;
    private final Judge judge;
    private final Surroundings around;

    private final Deque<Unrecorded> unrecorded = new ArrayDeque<>();

    /** Claims that the gate has certainly not counted. */
    private final Set<MessageId> unasked = new HashSet<>();

    /** How many of the next outcomes are recorded one by one, since together they could not be. */
    private int alone;

    private boolean recording;
    private int inFlight;

    /**
     * What the dispatcher lives in.
     *
     * @param claimed how long a claim holds; longer than any route takes to answer
     * @param mostInFlight claims without a recorded outcome, over all routes
     * @param batch claims taken at once
     * @param recorded told after outcomes have been recorded, when there may be room again
     */
    public record Surroundings(
            Host host,
            InstantSource clock,
            RandomGenerator random,
            Supplier<ContactPolicy> policy,
            Duration claimed,
            int mostInFlight,
            int batch,
            Runnable recorded) {}

    /**
     * @param contactReturned a contact is returned once: when a commit took effect and its answer
     *     was lost, the message can have been claimed and counted again by the time of the next try
     */
    private record Unrecorded(Outcome outcome, boolean contactReturned) {}

    /** A claim and what it will say. */
    private record Prepared(Claim claim, Content content) {}

    public Dispatcher(
            Ledger ledger,
            Composing composing,
            ContactGate gate,
            Hydration hydration,
            Judge judge,
            Surroundings around) {
        this.ledger = ledger;
        this.composing = composing;
        this.gate = gate;
        this.hydration = hydration;
        this.judge = judge;
        this.around = around;
    }

    /** How many more claims may be taken. */
    private int capacity() {
        return Math.min(around.batch(), around.mostInFlight() - inFlight);
    }

    /** Claims whose outcome is not recorded yet. */
    public int inFlight() {
        return inFlight;
    }

    /** Whether a route would take anything now. */
    boolean hasRoom(Route route) {
        return room(route) > 0;
    }

    private int room(Route route) {
        return route.up() ? Math.min(route.room(), capacity()) : 0;
    }

    /**
     * Claims as much as a route has room for and begins to hand it over; what becomes of it is
     * recorded later.
     *
     * @return whether there is likely to be more
     */
    public Uni<Boolean> pass(Route route) {
        int room = room(route);
        if (room <= 0) {
            return Uni.createFrom().item(false);
        }
        Instant now = now();
        return here(ledger.claim(route.channel(), room, now, now.plus(around.claimed())))
                .invoke(this::taken)
                .chain(claims -> bring(route, claims).replaceWith(claims.size() == room));
    }

    /**
     * Puts right what no route will: claims of dead processes, messages past their deadline, and
     * those of channels without a route.
     */
    public Uni<Void> sweep(Set<Channel> withoutRoute) {
        Uni<Void> swept =
                sweep(
                                (most, now, until) -> ledger.claimAbandoned(most, now, until),
                                claim -> judge.abandoned(claim, now(), around.random()))
                        .chain(() ->
                                sweep(
                                        (most, now, until) -> ledger.claimOverdue(most, now, until),
                                        claim -> judge.deadlinePassed(claim, now())));
        for (Channel channel : withoutRoute) {
            swept =
                    swept.chain(() ->
                            sweep(
                                    (most, now, until) -> ledger.claim(channel, most, now, until),
                                    claim -> withoutRoute(claim)));
        }
        return swept;
    }

    private interface Claiming {
        Uni<List<Claim>> claim(int most, Instant now, Instant until);
    }

    private Uni<Void> sweep(Claiming claiming, Function<Claim, Outcome> outcome) {
        int most = capacity();
        if (most <= 0) {
            return Uni.createFrom().voidItem();
        }
        Instant now = now();
        return here(claiming.claim(most, now, now.plus(around.claimed())))
                .invoke(this::taken)
                .invoke(claims -> claims.forEach(claim -> finish(outcome.apply(claim))))
                .replaceWithVoid();
    }

    private Outcome withoutRoute(Claim claim) {
        return judge.refusedBy(
                claim,
                SuppressionReason.NO_ROUTE,
                null,
                Outcome.Ruling.NONE,
                "no route is configured for " + claim.channel().word(),
                now());
    }

    private void taken(Collection<Claim> claims) {
        inFlight += claims.size();
        claims.forEach(claim -> unasked.add(claim.message()));
    }

    private Uni<Void> bring(Route route, List<Claim> claims) {
        Instant now = now();
        List<Claim> ready = new ArrayList<>(claims.size());
        for (Claim claim : claims) {
            if (!claim.deadline().isAfter(now)) {
                finish(judge.deadlinePassed(claim, now));
            } else if (claim.unlinked()) {
                finish(judge.unlinked(claim, now));
            } else {
                ready.add(claim);
            }
        }
        return prepared(ready)
                .chain(composed -> ask(route, composed, Judge.Hydration.NOT_TRIED, 1));
    }

    private Uni<List<Prepared>> prepared(List<Claim> claims) {
        if (claims.isEmpty()) {
            return Uni.createFrom().item(List.of());
        }
        return here(composing.compose(claims))
                .map(composed -> withContent(claims, composed))
                .onFailure()
                .recoverWithItem(failure -> {
                    LOG.warnf("messages cannot be composed, they stay queued: %s", failure);
                    claims.forEach(claim -> putOff(claim, "it could not be composed"));
                    return List.of();
                });
    }

    private List<Prepared> withContent(List<Claim> claims, List<Composed> composed) {
        List<Prepared> ready = new ArrayList<>(claims.size());
        for (int i = 0; i < claims.size(); i++) {
            Claim claim = claims.get(i);
            switch (composed.get(i)) {
                case Ready said -> ready.add(new Prepared(claim, said.content()));
                case NoContent(String why) ->
                        finish(
                                judge.refusedBy(
                                        claim,
                                        SuppressionReason.NO_CONTENT,
                                        null,
                                        Outcome.Ruling.NONE,
                                        why,
                                        now()));
            }
        }
        return ready;
    }

    private Uni<Void> ask(Route route, List<Prepared> ready, Judge.Hydration hydrated, int round) {
        if (ready.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        ready.forEach(p -> unasked.remove(p.claim().message()));
        return here(gate.reserve(
                        ready.stream().map(p -> p.claim().asked()).toList(), around.policy().get()))
                .onFailure()
                .recoverWithItem(failure -> {
                    LOG.warnf("the contact gate cannot be asked, nothing is sent: %s", failure);
                    ready.forEach(p -> putOff(p.claim(), "the contact gate could not be asked"));
                    return List.of();
                })
                .chain(answers ->
                        answers.isEmpty()
                                ? Uni.createFrom().voidItem()
                                : act(route, ready, answers, hydrated, round));
    }

    private Uni<Void> act(
            Route route,
            List<Prepared> ready,
            List<GateAnswer> answers,
            Judge.Hydration hydrated,
            int round) {
        List<Prepared> late = new ArrayList<>();
        List<Prepared> unknown = new ArrayList<>();
        for (int i = 0; i < ready.size(); i++) {
            Prepared one = ready.get(i);
            switch (judge.afterGate(
                    one.claim(), answers.get(i), hydrated, now(), around.random())) {
                case Step.Go(Claim claim, GateAnswer.Allowed allowed) -> {
                    if (!now().isBefore(claim.until())) {
                        lost(claim);
                    } else if (now().isBefore(allowed.leaseUntil())) {
                        handOver(route, one, allowed);
                    } else {
                        late.add(one);
                    }
                }
                case Step.Hydrate(Claim claim) -> {
                    unasked.add(claim.message());
                    unknown.add(one);
                }
                case Step.Done(Outcome outcome) -> finish(outcome);
            }
        }
        return askAgain(route, late, hydrated, round + 1)
                .chain(() -> hydrateAndAsk(route, unknown));
    }

    private Uni<Void> askAgain(
            Route route, List<Prepared> late, Judge.Hydration hydrated, int round) {
        if (round > ROUNDS) {
            late.forEach(p -> putOff(p.claim(), "the gate's lease was over before it could go"));
            return Uni.createFrom().voidItem();
        }
        return ask(route, late, hydrated, round);
    }

    private Uni<Void> hydrateAndAsk(Route route, List<Prepared> unknown) {
        if (unknown.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        Set<CustomerId> customers =
                unknown.stream().map(p -> p.claim().customer()).collect(Collectors.toSet());
        return here(hydrate(customers))
                .replaceWith(true)
                .onFailure()
                .recoverWithItem(failure -> {
                    LOG.warnf(
                            "%d customers cannot be hydrated, their messages stay queued: %s",
                            customers.size(), failure);
                    unknown.forEach(p -> putOff(p.claim(), "the customer could not be hydrated"));
                    return false;
                })
                .chain(known ->
                        known
                                ? ask(route, unknown, Judge.Hydration.TRIED, 1)
                                : Uni.createFrom().voidItem());
    }

    private Uni<Void> hydrate(Set<CustomerId> customers) {
        Instant since = Rules.toldSince(around.policy().get(), now());
        return hydration.of(customers, since, Set.copyOf(unasked));
    }

    private void handOver(Route route, Prepared one, GateAnswer.Allowed allowed) {
        Claim claim = one.claim();
        OnItsWay leave = new OnItsWay(claim, new Judge.Leave(allowed, now(), null));
        Outbound outbound =
                new Outbound(claim.message(), claim.to(), one.content(), claim.deadline(), leave);
        Uni.createFrom()
                .deferred(() -> route.handOver(outbound))
                .onFailure()
                .recoverWithItem(failure -> {
                    LOG.errorf(failure, "route %s failed handing over", route.name());
                    return new HandOver.Unknown("the route failed: " + failure);
                })
                .subscribe()
                .with(answer ->
                        around.host()
                                .run(() ->
                                        finish(
                                                judge.afterHandOver(
                                                        claim,
                                                        route.name(),
                                                        leave.last(),
                                                        answer,
                                                        now(),
                                                        around.random()))));
    }

    /**
     * The leave to hand over a claimed message. When the lease is over the gate is asked again;
     * when the claim is, nobody is asked, since the message may be others' by then. Read by the
     * route on threads of its own.
     */
    private final class OnItsWay implements Lease {

        private final Claim claim;
        private volatile Judge.Leave last;

        OnItsWay(Claim claim, Judge.Leave first) {
            this.claim = claim;
            this.last = first;
        }

        Judge.Leave last() {
            return last;
        }

        @Override
        public Uni<Boolean> holds() {
            return Uni.createFrom()
                    .deferred(() -> isFresh() ? Uni.createFrom().item(true) : askAgain());
        }

        private boolean isFresh() {
            Instant now = now();
            return now.isBefore(last.allowed().leaseUntil()) && now.isBefore(claim.until());
        }

        private Uni<Boolean> askAgain() {
            if (!now().isBefore(claim.until())) {
                return Uni.createFrom().item(false);
            }
            return Uni.createFrom()
                    .deferred(() -> gate.reserve(List.of(claim.asked()), around.policy().get()))
                    .runSubscriptionOn(around.host()::run)
                    .map(answers -> heard(answers.getFirst()));
        }

        private boolean heard(GateAnswer answer) {
            return switch (answer) {
                case GateAnswer.Allowed allowed -> {
                    last = new Judge.Leave(allowed, now(), null);
                    yield isFresh();
                }
                case GateAnswer.Denied denied -> {
                    last = new Judge.Leave(last.allowed(), last.at(), denied);
                    LOG.infof(
                            "message %s is held back on its way: %s",
                            claim.message(), denied.reason().word());
                    yield false;
                }
            };
        }
    }

    /**
     * This process was held up for longer than its claim holds: others may have judged the message
     * by now, so it is theirs.
     */
    private void lost(Claim claim) {
        LOG.warnf("held up for too long, message %s is left to others", claim.message());
        inFlight--;
    }

    private void putOff(Claim claim, String why) {
        finish(judge.later(claim, why, now(), around.random()));
    }

    private void finish(Outcome outcome) {
        unasked.remove(outcome.claim().message());
        unrecorded.add(new Unrecorded(outcome, false));
        record();
    }

    /** One batch at a time; what comes meanwhile makes the next batch. */
    private void record() {
        if (recording || unrecorded.isEmpty()) {
            return;
        }
        recording = true;
        // Off the caller's stack, so that the outcomes of one pass gather.
        around.host().run(() -> record(nextBatch()));
    }

    private void record(List<Unrecorded> batch) {
        List<Outcome> outcomes = batch.stream().map(Unrecorded::outcome).toList();
        returned(
                        batch.stream()
                                .filter(one -> !one.contactReturned())
                                .map(Unrecorded::outcome)
                                .toList())
                .chain(() -> ledger.record(outcomes))
                .chain(() -> kept(outcomes))
                .subscribe()
                .with(
                        ignored -> around.host().run(() -> recorded(outcomes)),
                        failure -> around.host().run(() -> notRecorded(outcomes, failure)));
    }

    /** Tried until it succeeds; one that cannot be recorded does not hold up the others. */
    private void notRecorded(List<Outcome> outcomes, Throwable failure) {
        LOG.warnf("%d outcomes cannot be recorded, trying again: %s", outcomes.size(), failure);
        if (outcomes.size() == 1) {
            unrecorded.addLast(new Unrecorded(outcomes.getFirst(), true));
        } else {
            outcomes.reversed().forEach(o -> unrecorded.addFirst(new Unrecorded(o, true)));
            alone = outcomes.size();
        }
        around.host()
                .after(
                        RECORD_AGAIN,
                        () -> {
                            recording = false;
                            record();
                        });
    }

    private List<Unrecorded> nextBatch() {
        int most = alone > 0 ? 1 : RECORDED_AT_ONCE;
        alone = Math.max(0, alone - 1);
        List<Unrecorded> batch = new ArrayList<>();
        Set<MessageId> messages = new HashSet<>();
        while (!unrecorded.isEmpty()
                && batch.size() < most
                && messages.add(unrecorded.getFirst().outcome().claim().message())) {
            batch.add(unrecorded.removeFirst());
        }
        return batch;
    }

    private void recorded(List<Outcome> batch) {
        inFlight -= batch.size();
        recording = false;
        record();
        around.recorded().run();
    }

    /** A contact that cannot be returned keeps counting, which errs on the quiet side. */
    private Uni<Void> returned(List<Outcome> batch) {
        return tell(batch, Outcome.Charge.RETURNED, gate::refund, "returned to");
    }

    /** A reservation that is not settled keeps counting, too. */
    private Uni<Void> kept(List<Outcome> batch) {
        return tell(batch, Outcome.Charge.KEPT, gate::settle, "settled at");
    }

    /**
     * Of a message whose claim has ended nothing is told: it may be under way elsewhere by now, and
     * would look as if it was not.
     */
    private Uni<Void> tell(
            List<Outcome> batch,
            Outcome.Charge charge,
            Function<List<ContactRef>, Uni<Void>> call,
            String what) {
        Instant now = now();
        List<ContactRef> contacts =
                batch.stream()
                        .filter(outcome -> outcome.charge() == charge)
                        .filter(outcome -> now.isBefore(outcome.claim().until()))
                        .map(outcome -> outcome.claim().contact())
                        .toList();
        if (contacts.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        return call.apply(contacts)
                .onFailure()
                .recoverWithItem(failure -> {
                    LOG.warnf(
                            "%d contacts cannot be %s the gate, they keep counting: %s",
                            contacts.size(), what, failure);
                    return null;
                });
    }

    /** Whatever answers, the dispatcher goes on where it runs. */
    private <T> Uni<T> here(Uni<T> answer) {
        return answer.emitOn(around.host()::run);
    }

    private Instant now() {
        return around.clock().instant();
    }
}
