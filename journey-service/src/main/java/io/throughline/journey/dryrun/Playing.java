package io.throughline.journey.dryrun;

import io.throughline.contracts.MessageId;
import io.throughline.contracts.customer.BehaviourRecorded;
import io.throughline.contracts.message.JourneyRef;
import io.throughline.contracts.message.MessageEvent;
import io.throughline.contracts.message.MessageRequested;
import io.throughline.contracts.message.WithdrawalRequested;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.contracts.policy.PolicyEvent.ConversionRule;
import io.throughline.governance.Engagement;
import io.throughline.governance.GateRequest;
import io.throughline.governance.rules.SignsOfLife;
import io.throughline.governance.rules.SilenceRule;
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
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.random.RandomGenerator;

/**
 * One customer's story while it is played: what the shell, the channel service and the identity
 * service do around the engine, on a virtual clock. Events come before timers of the same instant,
 * timers in the order in which they were started.
 */
final class Playing {

    private record Timer(Instant due, long order, UUID instance, String journey, String key) {}

    private final CustomerStory story;
    private final List<Program> journeys;
    private final List<Program> paused;
    private final ContactPolicy policy;
    private final RandomGenerator random;
    private final Tally tally;
    private final HandOver handOver;
    private final List<MessageRequested> asked = new ArrayList<>();
    private final List<MessageEvent.OfMessage> withdrawn = new ArrayList<>();
    private final Map<String, Instance> instances = new HashMap<>();
    private final Map<String, PriorEntry> entries = new HashMap<>();
    private final PriorityQueue<Timer> timers =
            new PriorityQueue<>(Comparator.comparing(Timer::due).thenComparingLong(Timer::order));
    private long timersStarted;
    private Instant now = Instant.MIN;

    /** Journeys that play, and those that only silence. */
    record Cast(List<Program> playing, List<Program> paused) {}

    Playing(CustomerStory story, Cast cast, ContactPolicy policy, long seed, Tally tally) {
        this.story = story;
        this.journeys = cast.playing();
        this.paused = cast.paused();
        this.policy = policy;
        this.random = new SplittableRandom(seed);
        this.tally = tally;
        this.handOver = new HandOver(story, policy, tally);
    }

    void toTheEnd() {
        tally.customer((int) story.events().stream().filter(e -> Engine.nameOf(e) != null).count());
        for (BehaviourRecorded event : story.events()) {
            if (event.receivedAt().isAfter(now)) {
                endInstant();
                fireTimersBefore(event.receivedAt());
            }
            advance(event.receivedAt());
            convert(event);
            journeys.forEach(program -> play(program, new Input.EventArrived(event)));
            journeys.forEach(program -> letIn(program, event));
        }
        endInstant();
        fireTimersBefore(Instant.MAX);
    }

    private void fireTimersBefore(Instant instant) {
        for (Timer timer = timers.peek();
                timer != null && timer.due().isBefore(instant);
                timer = timers.peek()) {
            advance(timer.due());
            endInstant();
        }
    }

    /**
     * The timers of this instant, and then what was asked for in it: so journeys whose messages are
     * due together see each other's, as they do where a queue is between.
     */
    private void endInstant() {
        long started = timersStarted;
        for (Timer timer = timers.peek();
                timer != null && !timer.due().isAfter(now) && timer.order() < started;
                timer = timers.peek()) {
            timers.remove();
            fire(timer);
        }
        handOver();
    }

    private void advance(Instant to) {
        now = to.isAfter(now) ? to : now;
    }

    private void fire(Timer timer) {
        Instance instance = instances.get(timer.journey());
        if (instance != null && instance.id().equals(timer.instance())) {
            play(program(timer.journey()), new Input.TimerFired(timer.key()));
        }
    }

    private Program program(String journey) {
        return journeys.stream()
                .filter(program -> program.journey().equals(journey))
                .findFirst()
                .orElseThrow();
    }

    /** What the identity service tells the gate of an event. */
    private void convert(BehaviourRecorded event) {
        if (SignsOfLife.shows(event.kind(), event.name(), event.context())) {
            handOver.engaged(new Engagement(customer().id(), now));
        }
        journeys.forEach(program -> convert(program, event));
        paused.forEach(program -> convert(program, event));
        policy.silences()
                .forEach(silence -> {
                    SilenceRule rule = SilenceRule.of(silence);
                    if (silence.on().equals(event.name())) {
                        begin(rule, event);
                    }
                    lift(rule, event);
                });
    }

    private void convert(Program program, BehaviourRecorded event) {
        boolean begins = program.isConversion(event);
        for (ConversionRule rule : program.document().conversionRules()) {
            SilenceRule.of(program.journey(), rule)
                    .ifPresent(silence -> {
                        if (begins) {
                            begin(silence, event);
                        }
                        lift(silence, event);
                    });
        }
    }

    private void begin(SilenceRule rule, BehaviourRecorded event) {
        handOver.engaged(new Engagement(customer().id(), now));
        handOver.silence(rule.begun(customer().id(), event.properties(), now, now), now);
    }

    private void lift(SilenceRule rule, BehaviourRecorded event) {
        if (rule.liftedBy().contains(event.name())) {
            rule.lifted(customer().id(), event.properties(), now, now)
                    .ifPresent(lifting -> handOver.silence(lifting, now));
        }
    }

    private void letIn(Program program, BehaviourRecorded event) {
        Instance running = instances.get(program.journey());
        PriorEntry before = entries.get(program.journey());
        PriorEntry prior =
                before == null
                        ? null
                        : new PriorEntry(before.at(), before.trigger(), running != null);
        Decision decision = Engine.enter(program, customer(), event, prior, peers(), now, random);
        if (!decision.letIn()) {
            tally.turnedAway(program, decision);
            return;
        }
        entries.put(program.journey(), new PriorEntry(now, event.messageId(), true));
        boolean ghost = tally.entered(program, decision);
        settle(program, decision, ghost);
    }

    /** Puts an input to the running instance. */
    private void play(Program program, Input input) {
        Instance instance = instances.get(program.journey());
        if (instance == null) {
            return;
        }
        Decision decision = Engine.decide(program, instance, input, customer(), peers(), now);
        tally.decided(program, instance, input, decision);
        settle(program, decision, instance.heldOut());
    }

    /** Puts an input to another of the customer's instances, if it still runs. */
    private void play(UUID instance, Input input) {
        instances.values().stream()
                .filter(other -> other.id().equals(instance))
                .findFirst()
                .ifPresent(other -> play(program(other.journey()), input));
    }

    /** In no order that matters: what is made of them is sorted. */
    private Peers peers() {
        return new Peers(
                instances.values().stream()
                        .map(instance ->
                                new Peers.Peer(program(instance.journey()), instance, true))
                        .toList(),
                policy);
    }

    private void settle(Program program, Decision decision, boolean ghost) {
        Instance next = decision.next();
        if (next == null) {
            instances.remove(program.journey());
        } else {
            instances.put(program.journey(), next);
        }
        tally.reached(program, decision, ghost);
        for (Effect effect : decision.effects()) {
            perform(program, effect);
        }
    }

    private void perform(Program program, Effect effect) {
        Instance instance = instances.get(program.journey());
        switch (effect) {
            case Effect.Request(MessageRequested message) -> asked.add(message);
            case Effect.AskGate(String question, List<GateRequest> requests) ->
                    play(
                            program,
                            new Input.GateAnswered(
                                    question, handOver.peek(program.journey(), requests, now)));
            case Effect.StartTimer(String key, Instant due) -> {
                if (instance != null) {
                    timers.add(
                            new Timer(due, timersStarted++, instance.id(), program.journey(), key));
                }
            }
            case Effect.CancelTimers cancel ->
                    timers.removeIf(timer -> timer.journey().equals(program.journey()));
            case Effect.Publish publish -> {
                // counted with its decision
            }
            case Effect.Withdraw(WithdrawalRequested withdrawal) -> withdraw(withdrawal);
            case Effect.Displace(UUID other, MessageId message, Displacement by) ->
                    play(other, new Input.Displaced(message, by));
            case Effect.Dismiss(UUID other, Input.Stop stop) -> play(other, stop);
        }
    }

    /**
     * Hands over what a unit of work asked for, once all journeys have decided, as the outbox does;
     * then what those reports lead to, and so on.
     */
    private void handOver() {
        while (!asked.isEmpty() || !withdrawn.isEmpty()) {
            List<MessageEvent.OfMessage> reports = new ArrayList<>(withdrawn);
            withdrawn.clear();
            asked.forEach(message -> reports.add(handOver.of(message, now)));
            asked.clear();
            reports.forEach(this::hear);
        }
    }

    /** What was handed over already cannot be taken back. */
    private void withdraw(WithdrawalRequested withdrawal) {
        asked.stream()
                .filter(message -> message.message().equals(withdrawal.message()))
                .findFirst()
                .ifPresent(message -> {
                    asked.remove(message);
                    withdrawn.add(HandOver.withdrawn(message, now));
                });
    }

    private void hear(MessageEvent.OfMessage report) {
        JourneyRef origin = report.origin();
        if (origin != null) {
            play(program(origin.journey()), new Input.MessageReported(report));
        }
    }

    private CustomerView customer() {
        return story.customer();
    }
}
