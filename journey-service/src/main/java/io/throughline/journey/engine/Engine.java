package io.throughline.journey.engine;

import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Ids;
import io.throughline.contracts.customer.BehaviourRecorded;
import io.throughline.contracts.decision.DecisionEvent;
import io.throughline.contracts.ingest.AcceptedEvent;
import io.throughline.contracts.message.JourneyRef;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Decides what happens next. Pure and total: every input in every state gives a decision, and an
 * input that is late, repeated or meant for another state gives one without effects. The shell
 * commits a decision's next state and its effects together, or neither.
 *
 * <p>For an arriving event the shell first lets the running instance {@link #decide}, then asks
 * {@link #enter}; the event that led in is never put to the instance that it started.
 *
 * <p>Conditions that cannot be evaluated, because a field is absent or has another type, do not
 * hold. Only track calls are events here: a page that happens to be called {@code Order Completed}
 * is none.
 */
public final class Engine {

    /**
     * How long after a message's deadline its report is still waited for. Until then a hand-over in
     * the deadline's last moment can report itself, so that nothing is sent in its place.
     */
    static final Duration REPORT_GRACE = Duration.ofMinutes(1);

    /**
     * How long after a more important message's time a message that gave way to it is tried again
     * for the first time; twice as long with every further attempt.
     */
    static final Duration SETTLING = Duration.ofMinutes(1);

    /**
     * How long a step waits that is refused until a time that has passed here: the clock that the
     * gate decides by is behind ours. Twice as long with every further attempt.
     */
    static final Duration CLOCKS_AGREE = Duration.ofSeconds(1);

    /** How often one step asks for its message before it counts as denied. */
    static final int MAX_ATTEMPTS = 10;

    static final String ENTRY = "entry";

    private Engine() {}

    /**
     * Lets a customer in if the event leads in and the re-entry rules allow it. Whether the
     * customer is held out is settled here and stays.
     *
     * @param prior the customer's newest entry; absent where there was none
     * @param peers all that the customer is in
     * @param random makes the instance's id
     * @return without a next state and without effects where the customer does not enter; with the
     *     record of it where an exclusion group is why
     */
    public static Decision enter(
            Program program,
            CustomerView customer,
            BehaviourRecorded event,
            @Nullable PriorEntry prior,
            Peers peers,
            Instant now,
            RandomGenerator random) {
        if (!program.entry().on().equals(nameOf(event))
                || (prior != null && !mayReturn(program, event, prior, now))) {
            return Decision.none();
        }
        Instance instance =
                new Instance(
                        Ids.timeOrdered(now, random),
                        customer.id(),
                        program.journey(),
                        program.version(),
                        Holdout.has(customer.id(), program.journey(), program.document().holdout()),
                        new Waiting.ForTime(ENTRY, now),
                        0,
                        now,
                        new Instance.Trigger(event.messageId(), event.name(), event.properties()),
                        null);
        Map<String, Object> variables = Variables.ofCondition(customer, instance, event);
        if (!program.entry().matches(nameOf(event), () -> variables)) {
            return Decision.none();
        }
        Walk walk = new Walk(program, instance, customer, peers, now);
        JourneyRef origin = walk.origin(ENTRY);
        switch (Exclusion.onEntry(program, peers)) {
            case Exclusion.Verdict.Refused(String group, JourneyRef by) -> {
                walk.record(
                        new DecisionEvent.Excluded(
                                customer.id(),
                                origin,
                                event.messageId(),
                                group,
                                by,
                                peers.policy().version(),
                                now));
                return walk.turnedAway();
            }
            case Exclusion.Verdict.Admitted(List<Peers.Peer> leaving) ->
                    leaving.forEach(peer -> walk.dismiss(peer.instance()));
        }
        double holdout = Holdout.probability(program.document().holdout());
        walk.record(
                instance.heldOut()
                        ? new DecisionEvent.HeldOut(
                                customer.id(), origin, event.messageId(), holdout, now)
                        : new DecisionEvent.Entered(
                                customer.id(), origin, event.messageId(), holdout, now));
        return walk.from(program.start());
    }

    /**
     * @param program the version the instance runs on
     * @param peers all that the customer is in, this instance or not
     * @throws IllegalArgumentException when the program is another than the instance's, or the
     *     gate's answers are not as many as the questions
     */
    public static Decision decide(
            Program program,
            Instance instance,
            Input input,
            CustomerView customer,
            Peers peers,
            Instant now) {
        Program.Node node = program.at(instance.step());
        if (!program.journey().equals(instance.journey())
                || program.version() != instance.version()
                || node == null) {
            throw new IllegalArgumentException(
                    "instance "
                            + instance.id()
                            + " does not run on "
                            + program.journey()
                            + " "
                            + program.version());
        }
        Walk walk = new Walk(program, instance, customer, peers, now);
        return switch (input) {
            case Input.EventArrived(BehaviourRecorded event) -> onEvent(walk, node, event);
            case Input.TimerFired(String key) ->
                    key.equals(instance.waiting().timer())
                            ? onTimer(walk, node)
                            : Decision.unchanged(instance);
            case Input.MessageReported reported ->
                    instance.waiting() instanceof Waiting.ForReport waiting
                                    && node instanceof Program.Node.Send send
                                    && reported.report().message().equals(waiting.message())
                            ? walk.interrupted().reported(send, waiting, reported.report())
                            : Decision.unchanged(instance);
            case Input.GateAnswered answered ->
                    instance.waiting() instanceof Waiting.ForGate waiting
                                    && node instanceof Program.Node.Send send
                                    && answered.question().equals(waiting.question())
                            ? walk.answered(send, waiting, answered.answers())
                            : Decision.unchanged(instance);
            case Input.Displaced displaced ->
                    instance.waiting() instanceof Waiting.ForReport waiting
                                    && displaced.message().equals(waiting.message())
                            ? walk.takenBack(waiting, displaced.by())
                            : Decision.unchanged(instance);
            case Input.Stop stop -> walk.interrupted().stopped(stop);
        };
    }

    /**
     * Joins what two customers that turned out to be one were doing in one journey: the instance
     * that got further goes on, the older one where they are level, and the other leaves.
     *
     * @param instances one or two, of the same journey
     */
    public static MergedInstances merge(
            CustomerId survivor, List<Instance> instances, Instant now) {
        if (instances.isEmpty() || instances.size() > 2) {
            throw new IllegalArgumentException("one or two instances can be merged");
        }
        List<Instance> byAdvance =
                instances.stream()
                        .sorted(
                                Comparator.comparingInt(Instance::progress)
                                        .reversed()
                                        .thenComparing(Instance::enteredAt)
                                        .thenComparing(Instance::id))
                        .toList();
        Instance kept = byAdvance.getFirst().of(survivor);
        if (byAdvance.size() == 1) {
            return new MergedInstances(kept, null, List.of());
        }
        Instance left = byAdvance.getLast().of(survivor);
        List<Effect> effects = new ArrayList<>();
        effects.add(new Effect.CancelTimers());
        effects.add(
                new Effect.Publish(
                        new DecisionEvent.Left(
                                survivor,
                                new JourneyRef(
                                        left.journey(), left.version(), left.id(), left.step()),
                                "merged",
                                null,
                                now)));
        return new MergedInstances(kept, left, effects);
    }

    private static boolean mayReturn(
            Program program, BehaviourRecorded event, PriorEntry prior, Instant now) {
        Duration againAfter = program.document().entry().againAfter();
        return againAfter != null
                && !prior.running()
                && !prior.trigger().equals(event.messageId())
                && !now.isBefore(prior.at().plus(againAfter));
    }

    private static Decision onEvent(Walk walk, Program.Node node, BehaviourRecorded event) {
        Instance instance = walk.instance();
        String name = nameOf(event);
        if (name == null
                || event.messageId().equals(instance.trigger().messageId())
                || event.messageId().equals(instance.lastEvent())) {
            return Decision.unchanged(instance);
        }
        Supplier<Map<String, Object>> variables =
                () -> Variables.ofCondition(walk.customer(), instance, event);
        if (reachesGoal(walk.program(), instance, event, name, variables)) {
            return walk.interrupted().cutShort("goal", name);
        }
        if (walk.program().exits().stream().anyMatch(exit -> exit.matches(name, variables))) {
            return walk.interrupted().cutShort("exit-event", name);
        }
        return node instanceof Program.Node.WaitFor waitFor
                        && waitFor.event().matches(name, variables)
                ? walk.interrupted().movedBy(event.messageId()).onTo(waitFor.then())
                : Decision.unchanged(instance);
    }

    private static boolean reachesGoal(
            Program program,
            Instance instance,
            BehaviourRecorded event,
            String name,
            Supplier<Map<String, Object>> variables) {
        Program.Matcher goal = program.goal();
        Duration within = program.goalWithin();
        return goal != null
                && goal.matches(name, variables)
                && (within == null
                        || !event.occurredAt().isAfter(instance.enteredAt().plus(within)));
    }

    private static Decision onTimer(Walk walk, Program.Node node) {
        return switch (node) {
            case Program.Node.Wait wait -> walk.onTo(wait.next());
            case Program.Node.WaitFor waitFor -> walk.onTo(waitFor.otherwise());
            case Program.Node.Send send ->
                    walk.instance().waiting() instanceof Waiting.ForRetry retry
                            ? walk.retry(send, retry)
                            : walk.onTo(send.next());
            case Program.Node.Branch branch -> Decision.unchanged(walk.instance());
            case Program.Node.Exit exit -> Decision.unchanged(walk.instance());
        };
    }

    /** The name by which journeys know an event; null for what is none. */
    public static @Nullable String nameOf(BehaviourRecorded event) {
        return event.kind() == AcceptedEvent.Kind.TRACK ? event.name() : null;
    }
}
