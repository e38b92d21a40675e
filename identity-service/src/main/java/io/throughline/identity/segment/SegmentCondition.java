package io.throughline.identity.segment;

import io.throughline.chassis.expression.Condition;
import io.throughline.chassis.expression.Expression;
import io.throughline.chassis.expression.ExpressionException;
import io.throughline.chassis.expression.Question;
import io.throughline.identity.segment.Measure.Course;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The condition of a segment, compiled. */
public final class SegmentCondition {

    /**
     * So many instants are looked ahead to. A customer whose answer stays the same through all of
     * them is looked at again at the last.
     */
    private static final int MOST_AHEAD = 64;

    private final String text;
    private final Condition condition;
    private final Map<Question, Measure> measures;
    private final Needs needs;

    private SegmentCondition(
            String text, Condition condition, Map<Question, Measure> measures, Needs needs) {
        this.text = text;
        this.condition = condition;
        this.measures = measures;
        this.needs = needs;
    }

    /**
     * How a customer stands to a segment.
     *
     * @param next when that may change if nothing happens; absent where it stays
     */
    public record Standing(boolean in, @Nullable Instant next) {}

    /**
     * A part of a condition and what it came to.
     *
     * @param measured what was compared
     */
    public record Reason(String condition, boolean holds, @Nullable Object measured) {}

    /**
     * Compiles a condition.
     *
     * @throws ExpressionException saying where and why it does not compile
     */
    public static SegmentCondition of(String text) throws ExpressionException {
        Condition condition =
                Expression.readCondition(text, Set.of("customer"), SegmentFunctions.ALL);
        Map<Question, Measure> measures = new HashMap<>();
        List<Needs> needs = new ArrayList<>();
        for (Condition.Leaf leaf : condition.leaves().toList()) {
            needs.add(SegmentFunctions.needs(text, leaf.expression().fields()));
            for (Question question : questions(leaf)) {
                Measure measure = Measure.of(question);
                measures.put(question, measure);
                needs.add(SegmentFunctions.needs(text, measure));
            }
        }
        return new SegmentCondition(text, condition, measures, Needs.of(needs));
    }

    public String text() {
        return text;
    }

    public Needs needs() {
        return needs;
    }

    /**
     * Whether it holds, and until when.
     *
     * @param memberOf the keys of the segments that she is in
     */
    public Standing evaluate(Facts facts, Set<String> memberOf, Instant now) {
        Look look = new Look(facts, memberOf);
        boolean in = look.holds(now);
        int ahead = 0;
        for (Instant change : look.changes(now)) {
            if (++ahead == MOST_AHEAD || look.holds(change) != in) {
                return new Standing(in, change);
            }
        }
        return new Standing(in, null);
    }

    /** What each part of the condition comes to, in their order. */
    public List<Reason> why(Facts facts, Set<String> memberOf, Instant now) {
        Look look = new Look(facts, memberOf);
        return condition
                .leaves()
                .map(leaf ->
                        new Reason(
                                leaf.expression().toString(),
                                look.holds(leaf, now),
                                look.measured(leaf, now)))
                .toList();
    }

    private static List<Question> questions(Condition.Leaf leaf) {
        Expression measured = leaf.measured();
        return Stream.concat(
                        leaf.expression().questions().stream(),
                        measured == null ? Stream.of() : measured.questions().stream())
                .distinct()
                .toList();
    }

    /** One customer, at several instants. */
    private final class Look {

        private final Facts facts;
        private final Map<Question, Course> courses = new HashMap<>();
        private final Map<Condition.Leaf, Boolean> settled = new HashMap<>();

        Look(Facts facts, Set<String> memberOf) {
            this.facts = facts;
            measures.forEach(
                    (question, measure) -> courses.put(question, measure.course(facts, memberOf)));
        }

        boolean holds(Instant at) {
            return condition.holds(leaf -> holds(leaf, at));
        }

        /** What time does not change is asked once. */
        boolean holds(Condition.Leaf leaf, Instant at) {
            boolean passes =
                    leaf.expression().questions().stream()
                            .anyMatch(
                                    question -> !(courses.get(question) instanceof Course.Settled));
            return passes
                    ? leaf.expression().test(facts.customer(), answers(at))
                    : settled.computeIfAbsent(
                            leaf, l -> l.expression().test(facts.customer(), answers(at)));
        }

        @Nullable Object measured(Condition.Leaf leaf, Instant at) {
            Expression measured = leaf.measured();
            Object value =
                    measured == null ? null : measured.evaluate(facts.customer(), answers(at));
            return switch (value) {
                case null -> null;
                case Number n -> n;
                case Boolean b -> b;
                default -> value.toString();
            };
        }

        Iterable<Instant> changes(Instant after) {
            TreeSet<Instant> changes = new TreeSet<>();
            courses.values().forEach(course -> course.changes(after, changes));
            return changes;
        }

        private Function<Question, @Nullable Object> answers(Instant at) {
            return question -> {
                Course course = courses.get(question);
                return course == null ? null : course.at(at);
            };
        }
    }
}
