package io.throughline.journey.weather;

import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.customer.BehaviourRecorded;
import io.throughline.contracts.decision.DecisionEvent;
import io.throughline.contracts.message.MessageEvent;
import io.throughline.contracts.message.MessageRequested;
import io.throughline.contracts.message.SuppressionReason;
import io.throughline.contracts.message.WithdrawalRequested;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.contracts.policy.SilenceScope;
import io.throughline.governance.ConsentWrite;
import io.throughline.governance.ContactRef;
import io.throughline.governance.CustomerHistory;
import io.throughline.governance.GateAnswer;
import io.throughline.governance.GateRequest;
import io.throughline.governance.SilenceWrite;
import io.throughline.governance.memory.InMemoryGate;
import io.throughline.journey.arbitration.Displacement;
import io.throughline.journey.engine.CustomerView;
import io.throughline.journey.engine.Decision;
import io.throughline.journey.engine.Effect;
import io.throughline.journey.engine.Engine;
import io.throughline.journey.engine.Input;
import io.throughline.journey.engine.Instance;
import io.throughline.journey.engine.Peers;
import io.throughline.journey.engine.PriorEntry;
import io.throughline.journey.engine.Program;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One customer, several journeys, and everything around the engine: a store with transactions,
 * timers, a channel service, and a network that repeats, delays and reorders. One seed makes it
 * all.
 */
final class World {

    /** How unkind the surroundings are, in percent of deliveries. */
    record Weather(int crashes, int repeats, int delays, int failures) {

        static final Weather CALM = new Weather(0, 0, 0, 0);
        static final Weather HOSTILE = new Weather(15, 25, 40, 10);
    }

    /** What was committed, in order; the laws are checked on it. */
    sealed interface Fact {

        record Asked(String journey, MessageRequested message) implements Fact {}

        record Decided(DecisionEvent decision) implements Fact {}

        /** An event was processed; the instances still running after it. */
        record Processed(BehaviourRecorded event, Set<String> running) implements Fact {}

        record Reported(MessageEvent.OfMessage report) implements Fact {}
    }

    private sealed interface Delivery {

        record Event(BehaviourRecorded event) implements Delivery {}

        record Timer(String journey, UUID instance, String key) implements Delivery {}

        record Report(MessageEvent.OfMessage report) implements Delivery {}

        record HandOver(MessageRequested message) implements Delivery {}
    }

    private record Scheduled(Instant at, long order, Delivery what) {}

    final List<Fact> facts = new ArrayList<>();
    private final CustomerView customer;
    private final List<Program> programs;
    private final ContactPolicy policy;
    private final Weather weather;
    private final SplittableRandom random;
    private final InMemoryGate gate = new InMemoryGate(Duration.ofSeconds(5));
    private final PriorityQueue<Scheduled> queue =
            new PriorityQueue<>(
                    Comparator.comparing(Scheduled::at).thenComparingLong(Scheduled::order));
    private final Set<MessageId> handedOver = new HashSet<>();
    private final Set<MessageId> withdrawn = new HashSet<>();
    private Map<String, Instance> instances = new HashMap<>();
    private Map<String, PriorEntry> entries = new HashMap<>();
    private long scheduled;
    private Instant now = Instant.EPOCH;

    World(
            CustomerView customer,
            List<Program> programs,
            ContactPolicy policy,
            Weather weather,
            long seed) {
        this.customer = customer;
        this.programs = programs;
        this.policy = policy;
        this.weather = weather;
        this.random = new SplittableRandom(seed);
        gate.hydrate(
                new CustomerHistory.Permissions(
                        customer.id(), consents(customer.id()), List.of(), null, List.of()));
        gate.hydrate(new CustomerHistory.Contacts(customer.id(), List.of()));
    }

    static List<ConsentWrite> consents(CustomerId customer) {
        List<ConsentWrite> consents = new ArrayList<>();
        for (Channel channel : List.of(Channel.SMS, Channel.EMAIL)) {
            consents.add(
                    new ConsentWrite(
                            customer, null, channel, null, ConsentState.OPTED_IN, Instant.EPOCH));
        }
        return consents;
    }

    /** Plays the events and everything that follows; answers what still runs at the end. */
    Set<String> play(List<BehaviourRecorded> events) {
        for (BehaviourRecorded event : events) {
            schedule(
                    event.receivedAt().plus(delay(Duration.ofMinutes(2))),
                    new Delivery.Event(event));
        }
        for (Scheduled next = queue.poll(); next != null; next = queue.poll()) {
            now = next.at().isAfter(now) ? next.at() : now;
            deliver(next.what());
        }
        return Set.copyOf(instances.keySet());
    }

    private void deliver(Delivery what) {
        if (what instanceof Delivery.HandOver(MessageRequested message)) {
            handOver(message);
            return;
        }
        Transaction transaction = new Transaction();
        transaction.run(what);
        if (chance(weather.crashes())) {
            schedule(now.plusSeconds(1), what);
            return;
        }
        transaction.commit();
        if (chance(weather.repeats())) {
            schedule(now.plusSeconds(random.nextLong(1, 240)), what);
        }
    }

    /** What one input changes, to be kept or lost as a whole. */
    private final class Transaction {

        private final Map<String, Instance> running = new HashMap<>(instances);
        private final Map<String, PriorEntry> entered = new HashMap<>(entries);
        private final List<Fact> said = new ArrayList<>();
        private final List<Runnable> afterwards = new ArrayList<>();

        void run(Delivery what) {
            switch (what) {
                case Delivery.Event(BehaviourRecorded event) -> arrive(event);
                case Delivery.Timer timer -> {
                    Instance instance = running.get(timer.journey());
                    if (instance != null && instance.id().equals(timer.instance())) {
                        input(program(timer.journey()), new Input.TimerFired(timer.key()));
                    }
                }
                case Delivery.Report(MessageEvent.OfMessage report) -> {
                    said.add(new Fact.Reported(report));
                    String journey = Objects.requireNonNull(report.origin()).journey();
                    input(program(journey), new Input.MessageReported(report));
                }
                case Delivery.HandOver handOver -> throw new AssertionError(handOver);
            }
        }

        private void arrive(BehaviourRecorded event) {
            for (Program program : programs) {
                convert(program, event);
            }
            for (Program program : programs) {
                input(program, new Input.EventArrived(event));
            }
            said.add(new Fact.Processed(event, Set.copyOf(running.keySet())));
            programs.forEach(program -> enter(program, event));
        }

        private void enter(Program program, BehaviourRecorded event) {
            PriorEntry before = entered.get(program.journey());
            PriorEntry prior =
                    before == null
                            ? null
                            : new PriorEntry(
                                    before.at(),
                                    before.trigger(),
                                    running.containsKey(program.journey()));
            Decision decision = Engine.enter(program, customer, event, prior, peers(), now, random);
            if (!decision.letIn()) {
                decision.effects().forEach(effect -> perform(program, effect, null));
            } else {
                entered.put(
                        program.journey(),
                        new PriorEntry(now, event.messageId(), decision.next() != null));
                apply(program, decision);
            }
        }

        private void input(Program program, Input input) {
            Instance instance = running.get(program.journey());
            if (instance != null) {
                apply(program, Engine.decide(program, instance, input, customer, peers(), now));
            }
        }

        private Peers peers() {
            return new Peers(
                    running.values().stream()
                            .map(instance ->
                                    new Peers.Peer(program(instance.journey()), instance, true))
                            .toList(),
                    policy);
        }

        private void input(UUID instance, Input input) {
            running.values().stream()
                    .filter(other -> other.id().equals(instance))
                    .findFirst()
                    .ifPresent(other -> input(program(other.journey()), input));
        }

        private void apply(Program program, Decision decision) {
            Instance next = decision.next();
            UUID left = next == null ? idOf(running.get(program.journey())) : null;
            if (next == null) {
                running.remove(program.journey());
            } else {
                running.put(program.journey(), next);
            }
            for (Effect effect : decision.effects()) {
                perform(program, effect, next == null ? left : next.id());
            }
        }

        private void perform(Program program, Effect effect, @Nullable UUID instance) {
            switch (effect) {
                case Effect.Request(MessageRequested message) -> {
                    said.add(new Fact.Asked(program.journey(), message));
                    afterwards.add(() ->
                            schedule(
                                    now.plus(delay(Duration.ofMinutes(3))),
                                    new Delivery.HandOver(message)));
                }
                case Effect.StartTimer(String key, Instant due) ->
                        afterwards.add(() -> {
                            schedule(
                                    due.plus(delay(Duration.ofMinutes(2))),
                                    new Delivery.Timer(
                                            program.journey(),
                                            Objects.requireNonNull(instance),
                                            key));
                        });
                case Effect.CancelTimers cancel -> {
                    // every timer of an earlier wait fires anyway, late and unwanted
                }
                case Effect.Withdraw(WithdrawalRequested request) ->
                        afterwards.add(() -> withdrawn.add(request.message()));
                case Effect.Displace(UUID other, MessageId message, Displacement by) ->
                        input(other, new Input.Displaced(message, by));
                case Effect.Dismiss(UUID other, Input.Stop stop) -> input(other, stop);
                case Effect.Publish(DecisionEvent decision) -> said.add(new Fact.Decided(decision));
                case Effect.AskGate(String question, List<GateRequest> requests) ->
                        input(
                                program,
                                new Input.GateAnswered(
                                        question,
                                        requests.stream()
                                                .map(request -> gate.peek(request, policy, now))
                                                .toList()));
            }
        }

        void commit() {
            instances = running;
            entries = entered;
            facts.addAll(said);
            afterwards.forEach(Runnable::run);
        }
    }

    private void convert(Program program, BehaviourRecorded event) {
        var goal = program.document().goal();
        if (goal != null && goal.silence() != null && program.isConversion(event)) {
            gate.silence(
                    new SilenceWrite(
                            customer.id(),
                            goal.covers() == SilenceScope.THIS_JOURNEY ? program.journey() : null,
                            now.plus(goal.silence())),
                    now);
        }
    }

    private void handOver(MessageRequested message) {
        if (!handedOver.add(message.message())) {
            return;
        }
        MessageEvent.OfMessage report;
        if (withdrawn.contains(message.message())) {
            report = notSent(message, SuppressionReason.WITHDRAWN);
        } else if (now.isAfter(message.deadline())) {
            report = notSent(message, SuppressionReason.DEADLINE_PASSED);
        } else {
            report = reserved(message);
        }
        schedule(now.plus(delay(Duration.ofMinutes(4))), new Delivery.Report(report));
        if (report instanceof MessageEvent.Sent && weather.delays() > 0) {
            schedule(
                    now.plus(delay(Duration.ofMinutes(4))),
                    new Delivery.Report(
                            new MessageEvent.Delivered(
                                    message.message(),
                                    customer.id(),
                                    message.channel(),
                                    message.origin(),
                                    now)));
        }
    }

    private MessageEvent.Suppressed notSent(MessageRequested message, SuppressionReason reason) {
        return suppressed(message, new GateAnswer.Denied(reason, null, List.of(), 1));
    }

    private MessageEvent.OfMessage reserved(MessageRequested message) {
        GateAnswer answer =
                gate.reserve(
                        new GateRequest(
                                customer.id(),
                                message.message(),
                                message.channel(),
                                message.category(),
                                message.topic(),
                                Objects.requireNonNull(message.origin()).journey(),
                                message.to()),
                        policy,
                        now);
        return switch (answer) {
            case GateAnswer.Denied denied -> suppressed(message, denied);
            case GateAnswer.Allowed allowed -> {
                gate.settle(new ContactRef(customer.id(), message.message()));
                yield chance(weather.failures()) ? lost(message) : sent(message);
            }
        };
    }

    private MessageEvent.OfMessage lost(MessageRequested message) {
        return chance(50)
                ? new MessageEvent.Failed(
                        message.message(),
                        customer.id(),
                        message.channel(),
                        message.origin(),
                        "0x08",
                        "system error",
                        now)
                : new MessageEvent.Unknown(
                        message.message(),
                        customer.id(),
                        message.channel(),
                        message.origin(),
                        "connection lost",
                        now);
    }

    private MessageEvent.Sent sent(MessageRequested message) {
        return new MessageEvent.Sent(
                message.message(),
                customer.id(),
                message.channel(),
                message.origin(),
                message.template(),
                "main",
                null,
                1,
                List.of(),
                policy.version(),
                now);
    }

    private MessageEvent.Suppressed suppressed(MessageRequested message, GateAnswer.Denied denied) {
        return new MessageEvent.Suppressed(
                message.message(),
                customer.id(),
                message.channel(),
                message.origin(),
                denied.reason(),
                denied.verdicts(),
                denied.policyVersion(),
                denied.retryAt(),
                now);
    }

    private Program program(String journey) {
        return programs.stream()
                .filter(program -> program.journey().equals(journey))
                .findFirst()
                .orElseThrow();
    }

    private static @Nullable UUID idOf(@Nullable Instance instance) {
        return instance == null ? null : instance.id();
    }

    private void schedule(Instant at, Delivery what) {
        queue.add(new Scheduled(at, scheduled++, what));
    }

    private Duration delay(Duration longest) {
        return chance(weather.delays())
                ? Duration.ofSeconds(random.nextLong(longest.toSeconds() + 1))
                : Duration.ZERO;
    }

    private boolean chance(int percent) {
        return percent > 0 && random.nextInt(100) < percent;
    }
}
