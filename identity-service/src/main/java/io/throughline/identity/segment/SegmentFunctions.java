package io.throughline.identity.segment;

import io.throughline.chassis.expression.Expression;
import io.throughline.chassis.expression.ExpressionException;
import io.throughline.chassis.expression.Functions;
import io.throughline.chassis.expression.Question;
import io.throughline.chassis.expression.Question.Argument;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What the condition of a segment can ask beside CEL's own functions. */
final class SegmentFunctions implements Functions {

    static final SegmentFunctions ALL = new SegmentFunctions();

    private static final Duration LONGEST = Duration.ofDays(3650);
    private static final int LONGEST_NAME = 200;

    private static final Map<String, String> EXPECTED =
            Map.of(
                    "count", "count('Order Completed', 'P30D', event.properties.total > 50)",
                    "sum",
                            "sum('Order Completed', 'total', 'P30D', event.properties.currency == 'EUR')",
                    "last", "last('Order Completed', event.properties.total > 50)",
                    "within", "within(customer.first_seen, 'P30D')",
                    "segment", "segment('big-spenders')");

    private SegmentFunctions() {}

    @Override
    public Set<String> names() {
        return EXPECTED.keySet();
    }

    @Override
    public Set<String> variables(String function) {
        return function.equals("within") ? Set.of("customer") : Set.of("event");
    }

    @Override
    public Optional<String> complaint(Question question) {
        List<Argument> arguments = question.arguments();
        boolean fits =
                switch (question.function()) {
                    case "count" -> leads(arguments, 1) && follows(arguments, 1, true);
                    case "sum" -> leads(arguments, 2) && follows(arguments, 2, true);
                    case "last" -> leads(arguments, 1) && follows(arguments, 1, false);
                    case "within" ->
                            arguments.size() == 2
                                    && arguments.getFirst() instanceof Argument.Part
                                    && arguments.getLast() instanceof Argument.Text;
                    default -> leads(arguments, 1) && arguments.size() == 1;
                };
        return fits
                ? wrongText(question)
                : Optional.of(
                        "expected as in "
                                + EXPECTED.get(question.function())
                                + ", names and windows as plain texts");
    }

    static boolean isKey(String text) {
        return Segment.isKey(text);
    }

    static Optional<String> wrongWindow(String text) {
        try {
            Duration window = Duration.parse(text);
            return window.isNegative() || window.isZero() || window.compareTo(LONGEST) > 0
                    ? Optional.of("expected more than nothing and at most P3650D, was " + text)
                    : Optional.empty();
        } catch (DateTimeException e) {
            return Optional.of(
                    "expected an ISO 8601 duration of days or less, as in P30D or PT12H, was "
                            + text);
        }
    }

    static Optional<String> wrongName(String text) {
        return text.isBlank() || text.length() > LONGEST_NAME || text.indexOf(0) >= 0
                ? Optional.of("expected a name of 1 to " + LONGEST_NAME + " characters")
                : Optional.empty();
    }

    /** What is read of the profile. */
    static Needs needs(String text, Set<Expression.Field> fields) throws ExpressionException {
        boolean profile = false;
        boolean consents = false;
        boolean scores = false;
        for (Expression.Field field : fields) {
            if (!field.variable().equals("customer")) {
                continue;
            }
            String name = field.field();
            if ("segments".equals(name)) {
                throw new ExpressionException(
                        "column %d: expected segment('key') in the place of customer.segments"
                                .formatted(Math.max(text.indexOf("customer"), 0) + 1));
            }
            consents |= name == null || name.equals("consents");
            scores |= name == null || name.equals("scores");
            profile |= name == null || !Set.of("consents", "scores", "id").contains(name);
        }
        return new Needs(Map.of(), profile, consents, scores, Set.of(), false);
    }

    static Needs needs(String text, Measure measure) throws ExpressionException {
        return switch (measure) {
            case Measure.InSegment(String segment) ->
                    new Needs(Map.of(), false, false, false, Set.of(segment), false);
            case Measure.Within(Expression of, Duration window) -> {
                Needs read = needs(text, of.fields());
                yield new Needs(
                        Map.of(), read.profile(), read.consents(), read.scores(), Set.of(), true);
            }
            case Measure.OfEvent event ->
                    new Needs(
                            Map.of(
                                    event.event(),
                                    new Needs.Lookback(
                                            event.window(),
                                            event.where() != null || event instanceof Measure.Sum)),
                            false,
                            false,
                            false,
                            Set.of(),
                            true);
        };
    }

    private static boolean leads(List<Argument> arguments, int texts) {
        return arguments.size() >= texts
                && arguments.subList(0, texts).stream().allMatch(a -> a instanceof Argument.Text);
    }

    /** A window where one is taken, then an expression. */
    private static boolean follows(List<Argument> arguments, int from, boolean window) {
        List<Argument> rest = arguments.subList(from, arguments.size());
        if (window && !rest.isEmpty() && rest.getFirst() instanceof Argument.Text) {
            rest = rest.subList(1, rest.size());
        }
        return rest.isEmpty() || (rest.size() == 1 && rest.getFirst() instanceof Argument.Part);
    }

    private static Optional<String> wrongText(Question question) {
        return switch (question.function()) {
            case "within" -> question.text(1).flatMap(SegmentFunctions::wrongWindow);
            case "segment" ->
                    question.text(0)
                            .filter(key -> !isKey(key))
                            .map(key ->
                                    "expected the key of a segment, lower-case letters, digits and dashes");
            case "sum" ->
                    wrongNames(question, 2)
                            .or(() -> question.text(2).flatMap(SegmentFunctions::wrongWindow));
            default ->
                    wrongNames(question, 1)
                            .or(() -> question.text(1).flatMap(SegmentFunctions::wrongWindow));
        };
    }

    private static Optional<String> wrongNames(Question question, int names) {
        Optional<String> wrong = Optional.empty();
        for (int i = 0; i < names && wrong.isEmpty(); i++) {
            wrong = question.text(i).flatMap(SegmentFunctions::wrongName);
        }
        return wrong;
    }
}
