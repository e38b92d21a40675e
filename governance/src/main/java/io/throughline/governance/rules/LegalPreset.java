package io.throughline.governance.rules;

import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.governance.rules.QuietRule.Span;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * When the law of one jurisdiction lets messages go, as its record says, and where that was read.
 *
 * @param id as a policy names it
 * @param region ISO 3166, of a country or of a state
 * @param channels those it is for
 * @param categories those it is for
 * @param allowed local times at which a message may go, by day of the week; nothing goes on a day
 *     that is not named. Empty where this law knows no hours
 * @param closed dates on which nothing goes at all
 * @param caps listed for the reader and not enforced: the policy's own caps are
 * @param source what was read, in which law
 * @param asOf when that was what the source said
 * @param certain whether it was read in the law itself, or in a text that all others agree with
 * @param remark what is open about it
 */
public record LegalPreset(
        String id,
        String name,
        String region,
        Set<Channel> channels,
        Set<Category> categories,
        List<Hours> allowed,
        List<LocalDate> closed,
        List<Frequency> caps,
        Source source,
        LocalDate asOf,
        boolean certain,
        @Nullable String remark) {

    /**
     * @param to first instant at which a message may not go any more
     */
    public record Hours(Set<DayOfWeek> days, LocalTime from, LocalTime to) {}

    /** At most so many messages about the same subject in any window. */
    public record Frequency(int max, Duration per, String on) {}

    /**
     * @param url where it can be read; absent where the source is named and no more
     */
    public record Source(String citation, @Nullable String url) {}

    /** What is left of each day; absent where it has no hours. */
    Optional<QuietRule> rule() {
        if (allowed.isEmpty() && closed.isEmpty()) {
            return Optional.empty();
        }
        List<Span> spans = new ArrayList<>();
        if (!allowed.isEmpty()) {
            Map<List<Hours>, SortedSet<DayOfWeek>> alike = new LinkedHashMap<>();
            for (DayOfWeek day : DayOfWeek.values()) {
                alike.computeIfAbsent(on(day), hours -> new TreeSet<>()).add(day);
            }
            alike.forEach((hours, days) -> spans.addAll(around(hours, days)));
        }
        if (!closed.isEmpty()) {
            spans.add(
                    new Span(
                            new TreeSet<>(),
                            new TreeSet<>(closed),
                            LocalTime.MIDNIGHT,
                            LocalTime.MIDNIGHT));
        }
        return Optional.of(new QuietRule(QuietRule.OWN + ":" + id, region, List.copyOf(spans)));
    }

    private List<Hours> on(DayOfWeek day) {
        return allowed.stream()
                .filter(h -> h.days().contains(day))
                .sorted(Comparator.comparing(Hours::from))
                .toList();
    }

    private static List<Span> around(List<Hours> hours, SortedSet<DayOfWeek> days) {
        List<Span> spans = new ArrayList<>();
        LocalTime quietFrom = LocalTime.MIDNIGHT;
        for (Hours open : hours) {
            if (quietFrom.isBefore(open.from())) {
                spans.add(new Span(days, new TreeSet<>(), quietFrom, open.from()));
            }
            quietFrom = open.to();
        }
        if (hours.isEmpty() || !quietFrom.equals(LocalTime.MIDNIGHT)) {
            spans.add(new Span(days, new TreeSet<>(), quietFrom, LocalTime.MIDNIGHT));
        }
        return spans;
    }
}
