package io.throughline.channel.dispatch;

import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import io.throughline.channel.delivery.Backoff;
import io.throughline.channel.delivery.Claim;
import io.throughline.channel.delivery.Judge;
import io.throughline.channel.delivery.MessageState;
import io.throughline.channel.delivery.Outcome;
import io.throughline.channel.route.Content;
import io.throughline.channel.route.HandOver;
import io.throughline.channel.route.Outbound;
import io.throughline.channel.route.Route;
import io.throughline.channel.template.Composer.Composed;
import io.throughline.channel.template.Composer.Ready;
import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.Whereabouts;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.contracts.policy.ContactPolicy.Cap;
import io.throughline.contracts.policy.ContactPolicy.Scope;
import io.throughline.governance.ConsentWrite;
import io.throughline.governance.ContactGate;
import io.throughline.governance.ContactRef;
import io.throughline.governance.CustomerHistory;
import io.throughline.governance.Engagement;
import io.throughline.governance.GateAnswer;
import io.throughline.governance.GateRequest;
import io.throughline.governance.SilenceWrite;
import io.throughline.governance.memory.InMemoryContactGate;
import io.throughline.governance.memory.InMemoryGate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.jspecify.annotations.Nullable;

/** Everything around two dispatchers, on a virtual clock and from one seed. */
final class HostileWorld {

    private static final Instant BEGIN = Instant.parse("2026-03-01T10:00:00Z");
    private static final Duration LEASE = Duration.ofMillis(250);
    private static final Duration PATIENCE = Duration.ofSeconds(1);
    private static final Duration LOOK = Duration.ofMillis(15);

    /** How long a route may be held up between its look at the lease and the byte that counts. */
    private static final int HELD_UP_MILLIS = 700;

    private static final Duration CLAIMED = Duration.ofSeconds(30);
    private static final Duration WINDOW = Duration.ofMinutes(10);
    private static final Duration TROUBLE = Duration.ofMinutes(20);
    private static final Duration END = Duration.ofMinutes(40);
    private static final int CAP = 3;
    private static final int CUSTOMERS = 6;
    private static final int MESSAGES = 60;
    private static final ContactPolicy POLICY =
            new ContactPolicy(
                    1,
                    List.of(new Cap(Scope.GLOBAL, null, CAP, WINDOW)),
                    null,
                    null,
                    "UTC",
                    Map.of(),
                    Set.of(Channel.SMS),
                    List.of());

    private final RandomGenerator random;
    private final PriorityQueue<Event> events =
            new PriorityQueue<>(Comparator.comparing(Event::at).thenComparingLong(Event::sequence));
    private final Map<MessageId, Row> ledger = new LinkedHashMap<>();
    private final Map<CustomerId, Instant> stopAcknowledged = new HashMap<>();
    private final Map<CustomerId, ConsentWrite> stops = new HashMap<>();
    private final List<Taken> handOvers = new ArrayList<>();
    private final List<String> log = new ArrayList<>();
    private final List<CustomerId> customers = new ArrayList<>();
    private Instant now = BEGIN;
    private long sequence;
    private boolean forgetsUnknown;
    private boolean ignoresLeases;
    private InMemoryGate memory = new InMemoryGate(LEASE, PATIENCE);
    private InMemoryContactGate gate = new InMemoryContactGate(memory, clock());
    private Instant forgotten = Instant.EPOCH;

    private record Event(Instant at, long sequence, Runnable work) {}

    /** A hand-over, and whether the carrier may have the message. */
    private record Taken(MessageId message, CustomerId customer, Instant at, boolean mayHave) {}

    /** A row of the ledger. */
    private static final class Row {
        private final Claim asked;
        private MessageState state = MessageState.QUEUED;
        private Instant notBefore;
        private int attempts;
        private @Nullable UUID claimant;
        private Instant claimedUntil = Instant.EPOCH;
        private @Nullable Instant countedAt;
        private boolean toldSent;

        Row(Claim asked, Instant notBefore) {
            this.asked = asked;
            this.notBefore = notBefore;
        }

        Claim claim() {
            return new Claim(
                    asked.message(),
                    asked.customer(),
                    asked.channel(),
                    asked.to(),
                    asked.template(),
                    asked.category(),
                    null,
                    null,
                    Map.of(),
                    null,
                    List.of(),
                    asked.deadline(),
                    attempts,
                    claimedUntil,
                    countedAt,
                    null,
                    false);
        }
    }

    HostileWorld(long seed) {
        this.random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        for (int i = 0; i < CUSTOMERS; i++) {
            customers.add(new CustomerId(new UUID(7, i)));
        }
    }

    /** A planted fault: unknown outcomes go back to the queue, whatever the category. */
    void forgetUnknown() {
        forgetsUnknown = true;
    }

    /** A planted fault: what was allowed once leaves, however long that takes. */
    void ignoreLeases() {
        ignoresLeases = true;
    }

    void run() {
        for (int i = 0; i < MESSAGES; i++) {
            ask(i);
        }
        for (CustomerId customer : customers) {
            if (chance(0.4)) {
                at(within(TROUBLE), () -> stop(customer));
            }
        }
        for (int i = 0; i < 4; i++) {
            at(within(TROUBLE), this::forget);
            at(within(TROUBLE), this::failOver);
        }
        begin();
        begin();
        while (!events.isEmpty() && events.peek().at().isBefore(BEGIN.plus(END))) {
            Event event = events.remove();
            now = event.at();
            event.work().run();
        }
    }

    List<MessageId> takenMoreThanOnce(Category category) {
        Map<MessageId, Integer> counts = new HashMap<>();
        for (Taken taken : handOvers) {
            if (taken.mayHave() && row(taken.message()).asked.category() == category) {
                counts.merge(taken.message(), 1, Integer::sum);
            }
        }
        return counts.entrySet().stream()
                .filter(count -> count.getValue() > 1)
                .map(Map.Entry::getKey)
                .toList();
    }

    List<String> handedOverAfterStop() {
        return handOvers.stream()
                .filter(taken -> {
                    Instant stop = stopAcknowledged.get(taken.customer());
                    return stop != null && !taken.at().isBefore(stop);
                })
                .map(taken -> taken + " after " + stopAcknowledged.get(taken.customer()))
                .toList();
    }

    List<String> capsExceeded() {
        List<String> exceeded = new ArrayList<>();
        for (CustomerId customer : customers) {
            List<Taken> contacts =
                    handOvers.stream()
                            .filter(taken -> taken.mayHave() && taken.customer().equals(customer))
                            .sorted(Comparator.comparing(Taken::at))
                            .toList();
            contacts.stream()
                    .filter(taken -> row(taken.message()).asked.category() == Category.MARKETING)
                    .filter(taken -> others(contacts, taken) >= CAP)
                    .forEach(taken -> exceeded.add(taken + " after " + contacts));
        }
        return exceeded;
    }

    /**
     * How many other messages certainly counted when this one was; those that pass the cap count
     * for it too. Counted is when the gate is asked; the byte that counts can leave that much
     * later, so of what passes the cap nobody knows by that which was first.
     */
    private long others(List<Taken> contacts, Taken taken) {
        Duration late = LEASE.plusMillis(HELD_UP_MILLIS);
        Instant opened = taken.at().minus(WINDOW).plus(late);
        return contacts.stream()
                .filter(other -> other.at().isAfter(opened))
                .filter(other ->
                        other.at()
                                .isBefore(
                                        passesTheCap(other) ? taken.at().minus(late) : taken.at()))
                .map(Taken::message)
                .filter(message -> !message.equals(taken.message()))
                .distinct()
                .count();
    }

    private boolean passesTheCap(Taken taken) {
        return row(taken.message()).asked.category() != Category.MARKETING;
    }

    List<MessageId> unfinished() {
        return ledger.values().stream()
                .filter(row ->
                        row.state == MessageState.QUEUED || row.state == MessageState.HANDING_OVER)
                .map(row -> row.asked.message())
                .toList();
    }

    List<MessageId> toldSentButNotTaken() {
        return ledger.values().stream()
                .filter(row -> row.toldSent)
                .map(row -> row.asked.message())
                .filter(message ->
                        handOvers.stream()
                                .noneMatch(t -> t.message().equals(message) && t.mayHave()))
                .toList();
    }

    List<String> log() {
        return log;
    }

    private void ask(int number) {
        CustomerId customer = customers.get(random.nextInt(CUSTOMERS));
        Instant when = within(TROUBLE);
        Claim claim =
                new Claim(
                        new MessageId(new UUID(9, number)),
                        customer,
                        Channel.SMS,
                        "+34600" + customer.value().getLeastSignificantBits(),
                        "cart",
                        chance(0.8) ? Category.MARKETING : Category.TRANSACTIONAL,
                        null,
                        null,
                        Map.of(),
                        null,
                        List.of(),
                        when.plus(Duration.ofMinutes(12)),
                        0,
                        Instant.EPOCH,
                        null,
                        null,
                        false);
        at(when, () -> ledger.put(claim.message(), new Row(claim, when)));
    }

    /**
     * Stored, put in force, and acknowledged once nothing is under way, as the Redis gate does. A
     * gate that lost its memory is not there for a while.
     */
    private void stop(CustomerId customer) {
        ConsentWrite stop =
                new ConsentWrite(customer, null, Channel.SMS, null, ConsentState.OPTED_OUT, now);
        stops.put(customer, stop);
        Instant latest = now.plus(memory.consent(stop, now));
        Instant back = forgotten.plus(LEASE).plusMillis(HELD_UP_MILLIS);
        acknowledge(customer, latest.isBefore(back) ? back : latest);
    }

    private void acknowledge(CustomerId customer, Instant latest) {
        boolean back = !now.isBefore(forgotten.plus(LEASE).plusMillis(HELD_UP_MILLIS));
        boolean over = !memory.timeLeft(customer, Channel.SMS, now).isPositive();
        if (!now.isBefore(latest) || (over && back)) {
            stopAcknowledged.put(customer, now);
        } else {
            at(now.plus(LOOK), () -> acknowledge(customer, latest));
        }
    }

    private void forget() {
        memory = new InMemoryGate(LEASE, PATIENCE);
        gate = new InMemoryContactGate(memory, clock());
        forgotten = now;
    }

    /** To a server that may have been behind, whether it was or not. */
    private void failOver() {
        memory.beginEpoch();
        forgotten = now;
    }

    private InstantSource clock() {
        return () -> now;
    }

    /** Starts a process, which may die; then another takes its place. */
    private void begin() {
        Worker worker = new Worker();
        worker.beat();
        if (now.isBefore(BEGIN.plus(TROUBLE)) && chance(0.8)) {
            at(
                    within(TROUBLE),
                    () -> {
                        worker.alive = false;
                        begin();
                    });
        }
    }

    private boolean troubled() {
        return now.isBefore(BEGIN.plus(TROUBLE));
    }

    private boolean chance(double probability) {
        return random.nextDouble() < probability;
    }

    private boolean trouble(double probability) {
        return chance(probability) && troubled();
    }

    private Instant within(Duration span) {
        return now.plusMillis(random.nextLong(span.toMillis()));
    }

    private void at(Instant when, Runnable work) {
        events.add(new Event(when.isBefore(now) ? now : when, sequence++, work));
    }

    private Row row(MessageId message) {
        return Objects.requireNonNull(ledger.get(message));
    }

    private static void now(Uni<Void> work) {
        work.subscribe().with(ignored -> {}, failure -> {});
    }

    /** One dispatcher with its own claims and its own route to the carrier. */
    private final class Worker implements Host, Ledger, Route, ContactGate {

        private final UUID claimant = new UUID(random.nextLong(), random.nextLong());
        private final Dispatcher dispatcher;
        private boolean alive = true;
        private Instant stalledUntil = Instant.EPOCH;

        Worker() {
            this.dispatcher =
                    new Dispatcher(
                            this,
                            this::compose,
                            this,
                            new Hydration(this, this, this::permit, this::after, CLAIMED),
                            new Judge(Backoff.DEFAULT),
                            new Dispatcher.Surroundings(
                                    this,
                                    clock(),
                                    random,
                                    () -> POLICY,
                                    CLAIMED,
                                    100,
                                    10,
                                    () -> {}));
        }

        void beat() {
            run(() -> {
                now(dispatcher.pass(this).replaceWithVoid());
                now(dispatcher.sweep(Set.of()));
            });
            if (alive) {
                at(now.plusMillis(1_000), this::beat);
            }
        }

        @Override
        public void run(Runnable work) {
            after(Duration.ofMillis(random.nextInt(4)), work);
        }

        @Override
        public void after(Duration delay, Runnable work) {
            if (trouble(0.002)) {
                stalledUntil = now.plusMillis(random.nextInt(60_000));
            }
            Instant due = now.plus(delay);
            at(due.isBefore(stalledUntil) ? stalledUntil : due, () -> ifAlive(work));
        }

        private void ifAlive(Runnable work) {
            if (alive) {
                work.run();
            }
        }

        private <T> Uni<T> sometimes(double failing, Supplier<Uni<T>> work) {
            return Uni.createFrom()
                    .deferred(() ->
                            trouble(failing)
                                    ? Uni.createFrom().failure(new IllegalStateException("away"))
                                    : work.get());
        }

        private Uni<List<Composed>> compose(List<Claim> claims) {
            return sometimes(
                    0.05,
                    () ->
                            Uni.createFrom()
                                    .item(
                                            claims.stream()
                                                    .<Composed>map(c ->
                                                            new Ready(
                                                                    new Content.Sms("hi"),
                                                                    List.of()))
                                                    .toList()));
        }

        private Uni<Map<CustomerId, Set<CustomerId>>> permit(Set<CustomerId> asked) {
            return sometimes(
                    0.2,
                    () ->
                            gate.hydrate(
                                            asked.stream()
                                                    .<CustomerHistory>map(customer ->
                                                            new CustomerHistory.Permissions(
                                                                    customer,
                                                                    List.of(
                                                                            new ConsentWrite(
                                                                                    customer,
                                                                                    null,
                                                                                    Channel.SMS,
                                                                                    null,
                                                                                    ConsentState
                                                                                            .OPTED_IN,
                                                                                    BEGIN
                                                                                            .minusSeconds(
                                                                                                    1))),
                                                                    List.of(),
                                                                    null,
                                                                    List.of()))
                                                    .toList())
                                    .replaceWith(Map.of()));
        }

        @Override
        public Uni<List<Claim>> claim(Channel channel, int most, Instant at, Instant until) {
            return claimed(
                    row ->
                            row.state == MessageState.QUEUED
                                    && row.asked.channel() == channel
                                    && !row.notBefore.isAfter(at),
                    most,
                    until);
        }

        @Override
        public Uni<List<Claim>> claimOverdue(int most, Instant at, Instant until) {
            return claimed(
                    row -> row.state == MessageState.QUEUED && !row.asked.deadline().isAfter(at),
                    most,
                    until);
        }

        @Override
        public Uni<List<Claim>> claimAbandoned(int most, Instant at, Instant until) {
            return claimed(
                    row -> row.state == MessageState.HANDING_OVER && row.claimedUntil.isBefore(at),
                    most,
                    until);
        }

        private Uni<List<Claim>> claimed(Predicate<Row> wanted, int most, Instant until) {
            return sometimes(
                    0.05,
                    () -> {
                        List<Claim> claims = new ArrayList<>();
                        for (Row row : ledger.values()) {
                            if (claims.size() < most && wanted.test(row)) {
                                row.state = MessageState.HANDING_OVER;
                                row.claimant = claimant;
                                row.claimedUntil = until;
                                claims.add(row.claim());
                            }
                        }
                        // The commit took effect, and the answer was lost.
                        return trouble(0.02)
                                ? Uni.createFrom().failure(new IllegalStateException("lost"))
                                : Uni.createFrom().item(claims);
                    });
        }

        @Override
        public Uni<Void> record(List<Outcome> outcomes) {
            return sometimes(
                    0.1,
                    () -> {
                        outcomes.forEach(this::record);
                        return trouble(0.05)
                                ? Uni.createFrom().failure(new IllegalStateException("lost"))
                                : Uni.createFrom().voidItem();
                    });
        }

        private void record(Outcome outcome) {
            Row row = row(outcome.claim().message());
            boolean mine =
                    row.state == MessageState.HANDING_OVER
                            && claimant.equals(row.claimant)
                            && outcome.claim().until().equals(row.claimedUntil);
            boolean sent =
                    outcome instanceof Outcome.Sent && row.state.mayBecome(MessageState.SENT);
            if (!mine && !sent) {
                return;
            }
            log.add(now + " " + outcome.claim().message() + " " + outcome.state());
            row.claimant = null;
            row.state = outcome.state();
            row.notBefore = outcome.at();
            switch (outcome) {
                case Outcome.Sent o -> {
                    row.countedAt = o.countedAt();
                    row.toldSent = true;
                }
                case Outcome.Unknown o -> {
                    row.countedAt = o.countedAt();
                    row.state = forgetsUnknown ? MessageState.QUEUED : row.state;
                }
                case Outcome.Requeued o -> {
                    row.attempts = o.attempts();
                    row.notBefore = o.notBefore();
                    row.countedAt = o.charge() == Outcome.Charge.KEPT ? o.at() : row.countedAt;
                }
                case Outcome.Failed _, Outcome.Suppressed _, Outcome.Rerouted _ -> {}
            }
        }

        @Override
        public Uni<List<CustomerHistory>> contacts(
                People people, Instant since, Set<MessageId> unasked) {
            return sometimes(
                    0.1,
                    () ->
                            Uni.createFrom()
                                    .item(
                                            people.customers().stream()
                                                    .map(c -> contacts(c, since, unasked))
                                                    .toList()));
        }

        private CustomerHistory contacts(
                CustomerId customer, Instant since, Set<MessageId> unasked) {
            List<CustomerHistory.Contact> contacts = new ArrayList<>();
            for (Row row : ledger.values()) {
                if (!row.asked.customer().equals(customer)) {
                    continue;
                }
                Instant counted = row.countedAt;
                if (counted != null && counted.isAfter(since)) {
                    contacts.add(contact(row, counted, true));
                }
                if (row.state == MessageState.HANDING_OVER
                        && !unasked.contains(row.asked.message())) {
                    contacts.add(contact(row, row.claimedUntil, false));
                }
            }
            return new CustomerHistory.Contacts(customer, since, contacts);
        }

        private static CustomerHistory.Contact contact(Row row, Instant at, boolean settled) {
            return new CustomerHistory.Contact(
                    row.asked.message(),
                    Channel.SMS,
                    row.asked.category(),
                    row.asked.topic(),
                    null,
                    at,
                    settled);
        }

        @Override
        public Uni<List<ConsentWrite>> optOuts(People people) {
            return Uni.createFrom()
                    .item(() ->
                            people.customers().stream()
                                    .filter(stops::containsKey)
                                    .map(customer -> Objects.requireNonNull(stops.get(customer)))
                                    .toList());
        }

        @Override
        public String name() {
            return "hostile";
        }

        @Override
        public Channel channel() {
            return Channel.SMS;
        }

        @Override
        public boolean up() {
            return true;
        }

        @Override
        public int room() {
            return 10;
        }

        /** A conversation as long as the carrier likes, and at its end the byte that counts. */
        @Override
        public Uni<HandOver> handOver(Outbound message) {
            Duration talk = Duration.ofMillis(random.nextInt(trouble(0.3) ? 5_000 : 50));
            CustomerId customer = row(message.message()).asked.customer();
            if (trouble(0.03) && !stops.containsKey(customer)) {
                HostileWorld.this.at(within(talk.plusMillis(1)), () -> stop(customer));
            }
            return Uni.createFrom()
                    .emitter(emitter ->
                            after(
                                    talk,
                                    () ->
                                            holds(message)
                                                    .subscribe()
                                                    .with(
                                                            yes -> finish(message, yes, emitter),
                                                            no ->
                                                                    finish(
                                                                            message, false,
                                                                            emitter))));
        }

        private Uni<Boolean> holds(Outbound message) {
            return ignoresLeases ? Uni.createFrom().item(true) : message.lease().holds();
        }

        private void finish(Outbound message, boolean holds, UniEmitter<? super HandOver> emitter) {
            if (!holds) {
                emitter.complete(new HandOver.NotTaken("its lease was over"));
                return;
            }
            Duration heldUp = Duration.ofMillis(trouble(0.1) ? random.nextInt(HELD_UP_MILLIS) : 0);
            at(
                    now.plus(heldUp),
                    () -> ifAlive(() -> leave(message).subscribe().with(emitter::complete)));
        }

        private Uni<HandOver> leave(Outbound message) {
            CustomerId customer = row(message.message()).asked.customer();
            double dice = random.nextDouble();
            HandOver answer = new HandOver.Accepted(List.of(message.message().toString()));
            boolean mayHave = true;
            if (troubled() && dice < 0.5) {
                mayHave = dice >= 0.35;
                if (dice < 0.1) {
                    answer = new HandOver.Throttled(Duration.ofMillis(random.nextInt(20_000)));
                } else if (dice < 0.2) {
                    answer = new HandOver.NotTaken("not now");
                } else if (dice < 0.35) {
                    answer = new HandOver.Refused("0x0B", "no such number");
                } else {
                    answer = new HandOver.Unknown("no answer");
                }
            }
            handOvers.add(new Taken(message.message(), customer, now, mayHave));
            log.add(now + " " + message.message() + " handed over: " + answer);
            HandOver said = answer;
            Duration delay = Duration.ofMillis(random.nextInt(trouble(0.05) ? 20_000 : 50));
            return Uni.createFrom()
                    .emitter(emitter -> at(now.plus(delay), () -> emitter.complete(said)));
        }

        @Override
        public Uni<List<GateAnswer>> reserve(List<GateRequest> requests, ContactPolicy policy) {
            return sometimes(0.1, () -> lost(gate.reserve(requests, policy)));
        }

        /** What was asked was done, and the answer does not come. */
        private <T> Uni<T> lost(Uni<T> answer) {
            return trouble(0.03)
                    ? answer.chain(
                            () -> Uni.createFrom().failure(new IllegalStateException("lost")))
                    : answer;
        }

        @Override
        public Uni<List<GateAnswer>> peek(List<GateRequest> requests, ContactPolicy policy) {
            return gate.peek(requests, policy);
        }

        @Override
        public Uni<Void> settle(List<ContactRef> contacts) {
            return sometimes(0.1, () -> lost(gate.settle(contacts)));
        }

        @Override
        public Uni<Void> refund(List<ContactRef> contacts) {
            return sometimes(0.1, () -> lost(gate.refund(contacts)));
        }

        @Override
        public Uni<Void> takeBack(List<ContactRef> contacts) {
            return gate.takeBack(contacts);
        }

        @Override
        public Uni<Void> putBack(List<ContactRef> contacts) {
            return gate.putBack(contacts);
        }

        @Override
        public Uni<Void> forget(
                Set<CustomerId> customers,
                Supplier<Uni<Map<CustomerId, Set<MessageId>>>> messages) {
            return sometimes(0.1, () -> gate.forget(customers, messages));
        }

        @Override
        public Uni<Optional<Instant>> consent(List<ConsentWrite> consents) {
            return gate.consent(consents);
        }

        @Override
        public Uni<Void> silence(List<SilenceWrite> silences) {
            return gate.silence(silences);
        }

        @Override
        public Uni<Void> whereabouts(CustomerId customer, Whereabouts where) {
            return gate.whereabouts(customer, where);
        }

        @Override
        public Uni<Void> engaged(List<Engagement> engagements) {
            return gate.engaged(engagements);
        }

        @Override
        public Uni<Void> merge(CustomerId survivor, CustomerId merged) {
            return gate.merge(survivor, merged);
        }

        @Override
        public Uni<Void> split(CustomerId from, CustomerId to) {
            return gate.split(from, to);
        }

        @Override
        public Uni<Void> restate(
                Set<CustomerId> customers,
                Function<Set<CustomerId>, Uni<List<CustomerHistory.Permissions>>> ledgers) {
            return gate.restate(customers, ledgers);
        }

        @Override
        public Uni<Void> hydrate(List<CustomerHistory> histories) {
            return sometimes(0.1, () -> lost(gate.hydrate(histories)));
        }

        @Override
        public Uni<Void> hydrate(
                Set<CustomerId> asked, Supplier<Uni<List<CustomerHistory>>> ledger) {
            return sometimes(0.1, () -> lost(gate.hydrate(asked, ledger)));
        }

        @Override
        public Uni<Void> erase(List<CustomerId> customers) {
            return gate.erase(customers);
        }

        @Override
        public Uni<List<Boolean>> known(List<CustomerId> asked) {
            return gate.known(asked);
        }

        @Override
        public Uni<List<Boolean>> addressOptedOut(Channel channel, List<String> addresses) {
            return gate.addressOptedOut(channel, addresses);
        }
    }
}
