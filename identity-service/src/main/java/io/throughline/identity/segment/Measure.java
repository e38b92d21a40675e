package io.throughline.identity.segment;

import io.throughline.chassis.expression.Expression;
import io.throughline.chassis.expression.Question;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/**
 * What a condition asks beside the profile.
 *
 * <p>A window reaches back from the instant that is looked at: what happened exactly its length ago
 * is outside. What is dated later than that instant has not happened yet.
 */
sealed interface Measure {

    int MOST_DIGITS = 60;

    /** Outside of these nobody waits for anything, and no column holds it. */
    Instant EARLIEST = Instant.parse("0001-01-01T00:00:00Z");

    Instant LATEST = Instant.parse("9999-01-01T00:00:00Z");

    /** How often something happened. */
    record Count(String event, @Nullable Duration window, @Nullable Expression where)
            implements OfEvent {}

    /** The sum of a property; what is no number adds nothing. */
    record Sum(String event, String property, @Nullable Duration window, @Nullable Expression where)
            implements OfEvent {}

    /** When something happened last; no answer where it never did. */
    record Last(String event, @Nullable Expression where) implements OfEvent {

        @Override
        public @Nullable Duration window() {
            return null;
        }
    }

    /** Whether an instant that the profile names is in the window. */
    record Within(Expression of, Duration window) implements Measure {}

    /** Whether she is in another segment. */
    record InSegment(String segment) implements Measure {}

    sealed interface OfEvent extends Measure {

        String event();

        /** Absent where the whole history is asked for. */
        @Nullable Duration window();

        /** Which of the events; absent where all. */
        @Nullable Expression where();
    }

    static Measure of(Question question) {
        return switch (question.function()) {
            case "count" -> new Count(text(question, 0), window(question, 1), where(question));
            case "sum" ->
                    new Sum(
                            text(question, 0),
                            text(question, 1),
                            window(question, 2),
                            where(question));
            case "last" -> new Last(text(question, 0), where(question));
            case "within" ->
                    new Within(question.part(0).orElseThrow(), Duration.parse(text(question, 1)));
            case "segment" -> new InSegment(text(question, 0));
            default -> throw new IllegalArgumentException(question.function());
        };
    }

    /** What it comes to for one customer, by the instant. */
    default Course course(Facts facts, Set<String> memberOf) {
        return switch (this) {
            case InSegment(String segment) -> new Course.Settled(memberOf.contains(segment));
            case Within(Expression of, Duration window) ->
                    instant(of.evaluate(facts.customer(), question -> null))
                            .<Course>map(at -> new Course.Passing(at, window))
                            .orElseGet(() -> new Course.Settled(null));
            case OfEvent measure -> new Course.Marks(measure, marks(measure, facts));
        };
    }

    private static List<Course.Mark> marks(OfEvent measure, Facts facts) {
        List<Course.Mark> marks = new ArrayList<>();
        Expression where = measure.where();
        for (Happening happening : facts.happened(measure.event())) {
            if (where == null || where.test(happening.values())) {
                marks.add(new Course.Mark(happening.at(), amount(measure, happening)));
            }
        }
        marks.sort(Comparator.comparing(Course.Mark::at));
        return marks;
    }

    private static BigDecimal amount(OfEvent measure, Happening happening) {
        return measure instanceof Sum sum
                ? decimal(happening.properties().get(sum.property()))
                : BigDecimal.ONE;
    }

    private static BigDecimal decimal(@Nullable Object value) {
        try {
            BigDecimal decimal =
                    switch (value) {
                        case BigDecimal d -> d;
                        case Number n -> new BigDecimal(n.toString());
                        case String s when s.length() <= 20 -> new BigDecimal(s.strip());
                        case null, default -> BigDecimal.ZERO;
                    };
            return isAmount(decimal) ? decimal : BigDecimal.ZERO;
        } catch (NumberFormatException e) {
            return BigDecimal.ZERO;
        }
    }

    /** 1e999999999 is a number too, but adding one to it takes a billion digits. */
    private static boolean isAmount(BigDecimal decimal) {
        return Math.abs((long) decimal.scale()) <= MOST_DIGITS
                && decimal.precision() <= MOST_DIGITS;
    }

    /** A date begins at midnight UTC. */
    private static Optional<Instant> instant(@Nullable Object value) {
        return parsed(value).filter(at -> at.isAfter(EARLIEST) && at.isBefore(LATEST));
    }

    private static Optional<Instant> parsed(@Nullable Object value) {
        try {
            return switch (value) {
                case Instant at -> Optional.of(at);
                case String text when text.length() == 10 ->
                        Optional.of(LocalDate.parse(text).atStartOfDay().toInstant(ZoneOffset.UTC));
                case String text -> Optional.of(OffsetDateTime.parse(text).toInstant());
                case null, default -> Optional.empty();
            };
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private static String text(Question question, int place) {
        return question.text(place).orElseThrow();
    }

    private static @Nullable Duration window(Question question, int place) {
        return question.text(place).map(Duration::parse).orElse(null);
    }

    private static @Nullable Expression where(Question question) {
        return question.part(question.arguments().size() - 1).orElse(null);
    }

    /** What a measure comes to for one customer as time goes by and nothing else happens. */
    sealed interface Course {

        record Mark(Instant at, BigDecimal amount) {}

        /** The answer at an instant; null where there is none. */
        @Nullable Object at(Instant instant);

        /** Adds the instants after one at which the answer may become another. */
        void changes(Instant after, SortedSet<Instant> changes);

        record Settled(@Nullable Object answer) implements Course {
            @Override
            public @Nullable Object at(Instant instant) {
                return answer;
            }

            @Override
            public void changes(Instant after, SortedSet<Instant> changes) {}
        }

        record Passing(Instant at, Duration window) implements Course {
            @Override
            public Object at(Instant instant) {
                return !at.isAfter(instant) && at.plus(window).isAfter(instant);
            }

            @Override
            public void changes(Instant after, SortedSet<Instant> changes) {
                add(at, after, changes);
                add(at.plus(window), after, changes);
            }
        }

        /**
         * @param marks oldest first
         */
        record Marks(OfEvent measure, List<Mark> marks) implements Course {
            @Override
            public @Nullable Object at(Instant instant) {
                long count = 0;
                BigDecimal sum = BigDecimal.ZERO;
                Instant last = null;
                for (Mark mark : marks) {
                    if (counts(mark, instant)) {
                        count++;
                        sum = sum.add(mark.amount());
                        last = mark.at();
                    }
                }
                return switch (measure) {
                    case Count ignored -> count;
                    case Sum ignored -> sum;
                    case Last ignored -> last;
                };
            }

            private boolean counts(Mark mark, Instant instant) {
                Duration window = measure.window();
                return !mark.at().isAfter(instant)
                        && (window == null || mark.at().plus(window).isAfter(instant));
            }

            @Override
            public void changes(Instant after, SortedSet<Instant> changes) {
                Duration window = measure.window();
                for (Mark mark : marks) {
                    add(mark.at(), after, changes);
                    if (window != null) {
                        add(mark.at().plus(window), after, changes);
                    }
                }
            }
        }

        private static void add(Instant at, Instant after, SortedSet<Instant> changes) {
            if (at.isAfter(after) && at.isBefore(LATEST)) {
                changes.add(at);
            }
        }
    }
}
