package io.throughline.governance.rules;

import io.throughline.governance.rules.QuietRule.Span;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Quiet hours as intervals of real time. Where a clock change makes a local time ambiguous or skips
 * it, the longer silence is taken: a beginning that occurs twice begins the first time, an end that
 * occurs twice ends the second time, and one that is skipped falls on the change itself. Of several
 * rules and zones all hold: it is quiet while it is by any rule in any of its zones.
 */
public final class QuietCalendar {

    /** How far ahead a beginning is looked for. */
    private static final Duration AHEAD = Duration.ofDays(14);

    /** A change of clocks, or of the date line, moves a window by less. */
    private static final int DAYS_AROUND = 2;

    /** A silence that is longer has no end: what repeats itself does so every week. */
    private static final Duration LONGEST = Duration.ofDays(35);

    /** The end of a silence that has none; the last instant that the gate can write. */
    static final Instant NEVER = Instant.ofEpochMilli((1L << 48) - 1);

    private QuietCalendar() {}

    /** A rule as it runs in a zone. */
    public record Running(QuietRule rule, ZoneId zone) {}

    /** Nothing is sent at an instant in {@code [from, until)}. */
    public record Interval(Instant from, Instant until) {

        public boolean covers(Instant instant) {
            return !instant.isBefore(from) && instant.isBefore(until);
        }

        private boolean isEmpty() {
            return !from.isBefore(until);
        }
    }

    /**
     * The two intervals, in order, that are running at an instant or begin next. Where none begins
     * within two weeks, or where the first has no end, it is an empty one at their end: until then
     * they are all there are.
     */
    public static List<Interval> around(List<Running> rules, Instant instant) {
        List<Interval> found = new ArrayList<>(2);
        Instant at = instant;
        Instant until = quietUntil(rules, at);
        if (until != null) {
            found.add(new Interval(at, until));
            at = until;
        }
        if (NEVER.equals(until)) {
            Instant lookAgain = instant.plus(AHEAD);
            found.add(new Interval(lookAgain, lookAgain));
        }
        while (found.size() < 2) {
            Interval next = next(rules, at);
            while (next.isEmpty() && found.isEmpty()) {
                found.add(next);
            }
            found.add(next);
            at = next.until();
        }
        return found;
    }

    /**
     * First instant after the given one at which it is not quiet; absent where it is not now,
     * {@link #NEVER} where it always will be.
     */
    public static @Nullable Instant quietUntil(List<Running> rules, Instant instant) {
        Instant until = instant;
        Instant longest = instant.plus(LONGEST);
        for (Instant next = endOf(rules, until); next != null; next = endOf(rules, until)) {
            until = next;
            if (until.isAfter(longest)) {
                return NEVER;
            }
        }
        return until.equals(instant) ? null : until;
    }

    /** The first of the rules by which it is quiet until an instant and no longer. */
    static @Nullable QuietRule endingAt(List<Running> rules, Instant until) {
        for (Running running : rules) {
            LocalDate day = until.atZone(running.zone()).toLocalDate();
            for (int i = -DAYS_AROUND; i <= 0; i++) {
                for (Span span : running.rule().spans()) {
                    if (span.beginsOn(day.plusDays(i))
                            && of(span, running.zone(), day.plusDays(i)).until().equals(until)) {
                        return running.rule();
                    }
                }
            }
        }
        return null;
    }

    /** The latest end of what covers an instant. */
    private static @Nullable Instant endOf(List<Running> rules, Instant instant) {
        Instant end = null;
        for (Running running : rules) {
            LocalDate day = instant.atZone(running.zone()).toLocalDate();
            for (int i = -DAYS_AROUND; i <= 0; i++) {
                for (Span span : running.rule().spans()) {
                    if (span.beginsOn(day.plusDays(i))) {
                        Interval interval = of(span, running.zone(), day.plusDays(i));
                        if (interval.covers(instant)
                                && (end == null || interval.until().isAfter(end))) {
                            end = interval.until();
                        }
                    }
                }
            }
        }
        return end;
    }

    /** The next interval that begins later than an instant that none covers. */
    private static Interval next(List<Running> rules, Instant instant) {
        Instant end = instant.plus(AHEAD);
        Instant first = end;
        for (Running running : rules) {
            LocalDate day = instant.atZone(running.zone()).toLocalDate().minusDays(1);
            boolean found = false;
            for (int i = 0; i <= AHEAD.toDays() + DAYS_AROUND && !found; i++) {
                for (Span span : running.rule().spans()) {
                    if (span.beginsOn(day.plusDays(i))) {
                        Interval interval = of(span, running.zone(), day.plusDays(i));
                        if (!interval.isEmpty() && interval.from().isAfter(instant)) {
                            // A later day may begin no earlier than a day after this one.
                            found = true;
                            first = interval.from().isBefore(first) ? interval.from() : first;
                        }
                    }
                }
            }
        }
        Instant until = first.equals(end) ? null : quietUntil(rules, first);
        return new Interval(first, until == null ? first : until);
    }

    private static Interval of(Span span, ZoneId zone, LocalDate day) {
        LocalDate lastDay = span.to().isAfter(span.from()) ? day : day.plusDays(1);
        return new Interval(first(zone, day, span.from()), last(zone, lastDay, span.to()));
    }

    private static Instant first(ZoneId zone, LocalDate day, LocalTime time) {
        return resolve(zone, day.atTime(time), 0);
    }

    private static Instant last(ZoneId zone, LocalDate day, LocalTime time) {
        return resolve(zone, day.atTime(time), 1);
    }

    private static Instant resolve(ZoneId zone, LocalDateTime local, int occurrence) {
        List<ZoneOffset> offsets = zone.getRules().getValidOffsets(local);
        if (offsets.isEmpty()) {
            ZoneOffsetTransition skipped = zone.getRules().getTransition(local);
            return skipped.getInstant();
        }
        return local.toInstant(offsets.get(Math.min(occurrence, offsets.size() - 1)));
    }
}
