package io.throughline.journey.engine;

import io.throughline.chassis.expression.Expression;
import io.throughline.chassis.expression.ExpressionException;
import io.throughline.contracts.Category;
import io.throughline.contracts.customer.BehaviourRecorded;
import io.throughline.journey.definition.JourneyDocument;
import io.throughline.journey.definition.Step;
import io.throughline.journey.definition.StepPaths;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A journey version made ready to run: its steps flat, each knowing what follows it, its conditions
 * compiled once. Immutable and thread-safe; compile it once a version and keep it.
 *
 * <p>Steps only ever point forward, so every instance ends after at most as many steps as the
 * document has.
 */
public final class Program {

    static final int END = -1;

    private final JourneyDocument document;
    private final int version;
    private final Matcher entry;
    private final List<Matcher> exits;
    private final @Nullable Matcher goal;
    private final List<Node> nodes = new ArrayList<>();
    private final Map<String, Integer> byPath = new HashMap<>();
    private final int start;

    private Program(JourneyDocument document, int version) {
        this.document = document;
        this.version = version;
        this.entry = new Matcher(document.entry().on(), condition(document.entry().when()));
        this.exits =
                document.exit().stream()
                        .map(exit -> new Matcher(exit.on(), condition(exit.when())))
                        .toList();
        JourneyDocument.Goal aim = document.goal();
        this.goal = aim == null ? null : new Matcher(aim.on(), condition(aim.when()));
        this.start = link("steps", document.steps(), END);
    }

    /**
     * @param version of the journey, as stored
     * @throws IllegalArgumentException when a condition does not compile, which {@link
     *     io.throughline.journey.definition.JourneyParser} would have refused
     */
    public static Program compile(JourneyDocument document, int version) {
        return new Program(document, version);
    }

    /** Whether its messages are owed to the customer, whatever becomes of the journey. */
    public boolean owesItsMessages() {
        return document.category() == Category.TRANSACTIONAL;
    }

    public JourneyDocument document() {
        return document;
    }

    /** The journey's key. */
    public String journey() {
        return document.journey();
    }

    public int version() {
        return version;
    }

    /**
     * Every name of an event that can lead in, end the journey or be waited for, so that a shell
     * need not look at others.
     */
    public Set<String> events() {
        Set<String> names = new HashSet<>();
        names.add(entry.on());
        exits.forEach(exit -> names.add(exit.on()));
        if (goal != null) {
            names.add(goal.on());
        }
        for (Node node : nodes) {
            if (node instanceof Node.WaitFor waitFor) {
                names.add(waitFor.event().on());
            }
        }
        return Set.copyOf(names);
    }

    /**
     * Whether an event is a conversion of this journey, whoever is in it: what the other services
     * take from its published conversion rule.
     */
    public boolean isConversion(BehaviourRecorded event) {
        return goal != null
                && goal.matches(Engine.nameOf(event), () -> Variables.ofConversion(event));
    }

    Matcher entry() {
        return entry;
    }

    List<Matcher> exits() {
        return exits;
    }

    @Nullable Matcher goal() {
        return goal;
    }

    /** How long after entry the goal counts; null for as long as the customer is in. */
    @Nullable Duration goalWithin() {
        JourneyDocument.Goal aim = document.goal();
        return aim == null ? null : aim.within();
    }

    int start() {
        return start;
    }

    Node node(int index) {
        return nodes.get(index);
    }

    /** The step at a path, or null where this version has none there. */
    @Nullable Node at(String path) {
        Integer index = byPath.get(path);
        return index == null ? null : nodes.get(index);
    }

    /** An event by name, and a condition on it. */
    record Matcher(String on, @Nullable Expression when) {

        boolean matches(@Nullable String name, Supplier<Map<String, Object>> variables) {
            return on.equals(name) && (when == null || when.test(variables.get()));
        }
    }

    /** A step and the indices of what may follow it. */
    sealed interface Node {

        String path();

        record Wait(String path, Duration duration, int next) implements Node {}

        record WaitFor(String path, Matcher event, Duration timeout, int then, int otherwise)
                implements Node {}

        record Send(String path, Step.Send send, int next, int denied) implements Node {

            /** Whether the document says what to do when it cannot be sent. */
            boolean hasOtherWay() {
                return denied != next;
            }
        }

        record Branch(String path, List<Arm> arms, int otherwise) implements Node {}

        record Exit(String path, String reason) implements Node {}
    }

    record Arm(Expression when, int then) {}

    /** Appends a list of steps, last first so that each knows its successor; answers its first. */
    private int link(String within, List<Step> steps, int after) {
        int next = after;
        for (int i = steps.size() - 1; i >= 0; i--) {
            Step step = steps.get(i);
            next = add(node(StepPaths.of(within, i, step), step, next));
        }
        return next;
    }

    private Node node(String path, Step step, int next) {
        return switch (step) {
            case Step.Wait wait -> new Node.Wait(path, wait.duration(), next);
            case Step.WaitFor waitFor ->
                    new Node.WaitFor(
                            path,
                            new Matcher(waitFor.on(), condition(waitFor.when())),
                            waitFor.timeout(),
                            link(path + ".then", waitFor.then(), next),
                            link(path + ".else", waitFor.otherwise(), next));
            case Step.Send send ->
                    new Node.Send(
                            path,
                            send,
                            next,
                            link(path + ".unless-denied.then", send.unlessDenied(), next));
            case Step.Branch branch -> branchNode(path, branch, next);
            case Step.Exit exit -> new Node.Exit(path, exit.reason());
        };
    }

    private Node branchNode(String path, Step.Branch branch, int next) {
        List<Arm> arms = new ArrayList<>();
        for (int i = 0; i < branch.arms().size(); i++) {
            Step.Arm arm = branch.arms().get(i);
            arms.add(
                    new Arm(
                            compiled(arm.when()),
                            link(path + "[" + i + "].then", arm.then(), next)));
        }
        String otherwise = path + "[" + branch.arms().size() + "].else";
        return new Node.Branch(path, List.copyOf(arms), link(otherwise, branch.otherwise(), next));
    }

    private int add(Node node) {
        nodes.add(node);
        byPath.put(node.path(), nodes.size() - 1);
        return nodes.size() - 1;
    }

    private static @Nullable Expression condition(@Nullable String source) {
        return source == null ? null : compiled(source);
    }

    private static Expression compiled(String source) {
        try {
            return Expression.compile(source, JourneyDocument.VARIABLES);
        } catch (ExpressionException e) {
            throw new IllegalArgumentException("condition '" + source + "': " + e.getMessage(), e);
        }
    }
}
