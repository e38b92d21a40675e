package io.throughline.governance.rules;

import io.throughline.contracts.policy.ContactPolicy.QuietHours;
import java.time.DayOfWeek;
import java.time.LocalDate;
import java.time.LocalTime;
import java.util.Collection;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Local times between which nothing goes.
 *
 * @param name as it stands in verdicts
 * @param region whose law it is, ISO 3166; absent for the policy's own rule, which holds everywhere
 */
public record QuietRule(String name, @Nullable String region, List<Span> spans) {

    /** What the policy's own rules are called. */
    public static final String OWN = "quiet-hours";

    static QuietRule of(QuietHours hours) {
        return new QuietRule(
                OWN,
                null,
                List.of(
                        new Span(
                                hours.days() == null && hours.dates() == null
                                        ? Span.EVERY_DAY
                                        : ordered(hours.days()),
                                ordered(hours.dates()),
                                hours.from(),
                                hours.to())));
    }

    private static <T> SortedSet<T> ordered(@Nullable Collection<T> all) {
        return all == null ? new TreeSet<>() : new TreeSet<>(all);
    }

    /**
     * A window that begins on certain days.
     *
     * @param days of the week on which it begins
     * @param dates on which it begins too
     * @param to first instant that is not quiet any more; on the next day where it is not later
     *     than {@code from}
     */
    public record Span(
            SortedSet<DayOfWeek> days, SortedSet<LocalDate> dates, LocalTime from, LocalTime to) {

        static final SortedSet<DayOfWeek> EVERY_DAY = new TreeSet<>(List.of(DayOfWeek.values()));

        boolean beginsOn(LocalDate day) {
            return days.contains(day.getDayOfWeek()) || dates.contains(day);
        }
    }
}
