package io.throughline.governance.rules;

import io.throughline.contracts.policy.ContactPolicy.QuietHours;
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
 * occurs twice ends the second time, and one that is skipped falls on the change itself.
 */
public final class QuietCalendar {

    private QuietCalendar() {}

    /** Nothing is sent at an instant in {@code [from, until)}. */
    public record Interval(Instant from, Instant until) {

        public boolean covers(Instant instant) {
            return !instant.isBefore(from) && instant.isBefore(until);
        }
    }

    /** The two intervals, in order, that are running at an instant or begin next. */
    public static List<Interval> around(QuietHours hours, ZoneId zone, Instant instant) {
        List<Interval> found = new ArrayList<>(2);
        LocalDate day = instant.atZone(zone).toLocalDate().minusDays(2);
        while (found.size() < 2) {
            Interval interval = of(hours, zone, day);
            if (interval.until().isAfter(instant) && interval.from().isBefore(interval.until())) {
                found.add(interval);
            }
            day = day.plusDays(1);
        }
        return found;
    }

    /** First instant after the given one's quiet hours; absent where it is not in any. */
    public static @Nullable Instant quietUntil(QuietHours hours, ZoneId zone, Instant instant) {
        for (Interval interval : around(hours, zone, instant)) {
            if (interval.covers(instant)) {
                return interval.until();
            }
        }
        return null;
    }

    private static Interval of(QuietHours hours, ZoneId zone, LocalDate day) {
        LocalDate lastDay = hours.to().isAfter(hours.from()) ? day : day.plusDays(1);
        return new Interval(first(zone, day, hours.from()), last(zone, lastDay, hours.to()));
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
