package io.throughline.journey.dryrun;

import io.throughline.contracts.Channel;
import io.throughline.contracts.decision.DecisionEvent;
import io.throughline.contracts.message.MessageEvent;
import io.throughline.contracts.message.SuppressionReason;
import io.throughline.contracts.message.Verdict;
import io.throughline.journey.definition.JourneyDocument;
import io.throughline.journey.dryrun.DryRunReport.Conflict;
import io.throughline.journey.dryrun.DryRunReport.ConflictCount;
import io.throughline.journey.dryrun.DryRunReport.DisplacedCount;
import io.throughline.journey.dryrun.DryRunReport.StepReach;
import io.throughline.journey.engine.Decision;
import io.throughline.journey.engine.Effect;
import io.throughline.journey.engine.Input;
import io.throughline.journey.engine.Instance;
import io.throughline.journey.engine.Program;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Counts what the draft does. Sums and bounded, ordered samples only, so that neither the order of
 * the stories nor their number matters.
 */
final class Tally {

    private record Gave(String to, DecisionEvent.Fate fate) {}

    private record Way(String blocked, String blocking, String rule) {}

    private static final Comparator<Conflict> BY_TIME =
            Comparator.comparing(Conflict::at)
                    .thenComparing(Conflict::customer)
                    .thenComparing(Conflict::blocked)
                    .thenComparing(Conflict::blocking)
                    .thenComparing(Conflict::rule);

    private final String draft;
    private final Map<String, Long> left = new TreeMap<>();
    private final Map<Channel, Long> sends = new EnumMap<>(Channel.class);
    private final Map<String, Map<Channel, Long>> sendsByStep = new HashMap<>();
    private final Map<String, Long> suppressions = new TreeMap<>();
    private final Map<SuppressionReason, Long> deferrals = new EnumMap<>(SuppressionReason.class);
    private final Map<Gave, Long> displaced = new HashMap<>();
    private final Map<String, Long> excluded = new TreeMap<>();
    private final Map<String, Long> reached = new HashMap<>();
    private final Map<Way, Long> conflicts = new HashMap<>();
    private final TreeSet<Conflict> examples = new TreeSet<>(BY_TIME);
    private long customers;
    private long events;
    private long entered;
    private long heldOut;
    private long ghostSends;

    Tally(String draft) {
        this.draft = draft;
    }

    void customer(int eventsOfStory) {
        customers++;
        events += eventsOfStory;
    }

    /** Answers whether the customer was held out. */
    boolean entered(Program program, Decision decision) {
        boolean ghost = decisions(decision).anyMatch(DecisionEvent.HeldOut.class::isInstance);
        if (isDraft(program)) {
            entered += ghost ? 0 : 1;
            heldOut += ghost ? 1 : 0;
        }
        return ghost;
    }

    /** Counts who qualified for the draft and was in another journey of its group. */
    void turnedAway(Program program, Decision decision) {
        if (isDraft(program)) {
            decisions(decision).forEach(this::count);
        }
    }

    void reached(Program program, Decision decision, boolean ghost) {
        if (!isDraft(program)) {
            return;
        }
        ghostSends += decisions(decision).filter(DecisionEvent.GhostSend.class::isInstance).count();
        if (ghost) {
            return;
        }
        decision.reached().forEach(step -> reached.merge(step, 1L, Long::sum));
        decisions(decision).forEach(this::count);
    }

    /** Counts what a report said, where it was put to a treated instance of the draft. */
    void decided(Program program, Instance instance, Input input, Decision decision) {
        if (!isDraft(program)
                || instance.heldOut()
                || !(input instanceof Input.MessageReported reported)) {
            return;
        }
        switch (reported.report()) {
            case MessageEvent.Sent sent -> {
                sends.merge(sent.channel(), 1L, Long::sum);
                sendsByStep
                        .computeIfAbsent(instance.step(), s -> new EnumMap<>(Channel.class))
                        .merge(sent.channel(), 1L, Long::sum);
            }
            case MessageEvent.Suppressed suppressed -> {
                boolean putOff =
                        decisions(decision).anyMatch(DecisionEvent.Deferred.class::isInstance);
                boolean gaveWay =
                        decisions(decision).anyMatch(DecisionEvent.Displaced.class::isInstance);
                if (!putOff && !gaveWay) {
                    suppressed(suppressed.reason(), suppressed.verdicts());
                }
            }
            default -> {
                // the simulated carrier says nothing else
            }
        }
    }

    void conflict(Conflict conflict) {
        if (!conflict.blocked().equals(draft) && !conflict.blocking().equals(draft)) {
            return;
        }
        conflicts.merge(
                new Way(conflict.blocked(), conflict.blocking(), conflict.rule()), 1L, Long::sum);
        examples.add(conflict);
        if (examples.size() > DryRunReport.MAX_EXAMPLES) {
            examples.pollLast();
        }
    }

    DryRunReport report(
            JourneyDocument document, long seed, int policyVersion, List<String> assumptions) {
        return new DryRunReport(
                draft,
                seed,
                policyVersion,
                customers,
                events,
                entered,
                heldOut,
                new TreeMap<>(left),
                new EnumMap<>(sends),
                ghostSends,
                new TreeMap<>(suppressions),
                new EnumMap<>(deferrals),
                displacedCounts(),
                new TreeMap<>(excluded),
                document.stepPaths().stream().map(this::reach).toList(),
                conflictCounts(),
                List.copyOf(examples),
                assumptions);
    }

    private StepReach reach(String step) {
        return new StepReach(
                step,
                reached.getOrDefault(step, 0L),
                new TreeMap<>(sendsByStep.getOrDefault(step, Map.of())));
    }

    private List<DisplacedCount> displacedCounts() {
        return displaced.entrySet().stream()
                .map(e -> new DisplacedCount(e.getKey().to(), e.getKey().fate(), e.getValue()))
                .sorted(
                        Comparator.comparing(DisplacedCount::by)
                                .thenComparing(DisplacedCount::fate))
                .toList();
    }

    private List<ConflictCount> conflictCounts() {
        return conflicts.entrySet().stream()
                .map(e ->
                        new ConflictCount(
                                e.getKey().blocked(),
                                e.getKey().blocking(),
                                e.getKey().rule(),
                                e.getValue()))
                .sorted(
                        Comparator.comparing(ConflictCount::blocked)
                                .thenComparing(ConflictCount::blocking)
                                .thenComparing(ConflictCount::rule))
                .toList();
    }

    private void count(DecisionEvent decision) {
        switch (decision) {
            case DecisionEvent.Left gone -> left.merge(gone.reason(), 1L, Long::sum);
            case DecisionEvent.Deferred deferred ->
                    deferrals.merge(deferred.reason(), 1L, Long::sum);
            case DecisionEvent.Withheld withheld ->
                    suppressed(withheld.reason(), withheld.verdicts());
            case DecisionEvent.Displaced gave ->
                    displaced.merge(new Gave(gave.by().journey(), gave.fate()), 1L, Long::sum);
            case DecisionEvent.Excluded e -> excluded.merge(e.by().journey(), 1L, Long::sum);
            case DecisionEvent.Entered e -> {}
            case DecisionEvent.HeldOut e -> {}
            case DecisionEvent.GhostSend e -> {}
            case DecisionEvent.ChannelChosen e -> {}
            case DecisionEvent.Moved e -> {}
        }
    }

    /** Counts under the rule that refused, or under the reason where no rule was looked at. */
    private void suppressed(SuppressionReason reason, List<Verdict> verdicts) {
        String rule =
                Verdict.refusing(verdicts)
                        .map(Verdict::rule)
                        .orElse(reason.word().replace('_', '-'));
        suppressions.merge(Objects.requireNonNull(rule), 1L, Long::sum);
    }

    private boolean isDraft(Program program) {
        return program.journey().equals(draft);
    }

    private static Stream<DecisionEvent> decisions(Decision decision) {
        return decision.effects().stream()
                .filter(Effect.Publish.class::isInstance)
                .map(effect -> ((Effect.Publish) effect).decision());
    }
}
