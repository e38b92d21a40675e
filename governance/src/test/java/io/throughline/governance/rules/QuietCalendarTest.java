package io.throughline.governance.rules;

import static org.assertj.core.api.Assertions.assertThat;

import io.throughline.contracts.Channel;
import io.throughline.contracts.policy.ContactPolicy.QuietHours;
import io.throughline.governance.rules.QuietCalendar.Interval;
import io.throughline.governance.rules.QuietCalendar.Running;
import io.throughline.governance.rules.QuietRule.Span;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("Quiet hours")
class QuietCalendarTest {

    private static final List<String> ZONES =
            List.of(
                    "UTC",
                    "Europe/Berlin",
                    "America/New_York",
                    "Australia/Lord_Howe",
                    "Asia/Kathmandu",
                    "Pacific/Apia");
    private static final int MINUTES = 9 * 1440;

    @ParameterizedTest(name = "{0}-{1} in {2} at {3}: until {4}")
    @CsvSource(
            nullValues = "-",
            value = {
                // within a day
                "13:00, 15:00, UTC, 2026-06-01T12:59:59.999Z, -",
                "13:00, 15:00, UTC, 2026-06-01T13:00:00Z, 2026-06-01T15:00:00Z",
                "13:00, 15:00, UTC, 2026-06-01T14:59:59.999Z, 2026-06-01T15:00:00Z",
                "13:00, 15:00, UTC, 2026-06-01T15:00:00Z, -",
                // across midnight, from either side
                "21:00, 08:00, Europe/Berlin, 2026-06-01T18:59:59Z, -",
                "21:00, 08:00, Europe/Berlin, 2026-06-01T19:00:00Z, 2026-06-02T06:00:00Z",
                "21:00, 08:00, Europe/Berlin, 2026-06-02T05:59:59Z, 2026-06-02T06:00:00Z",
                // the night in which clocks go forward is an hour shorter
                "21:00, 08:00, Europe/Berlin, 2026-03-28T23:00:00Z, 2026-03-29T06:00:00Z",
                // the night in which they go back is an hour longer
                "21:00, 08:00, Europe/Berlin, 2026-10-24T22:00:00Z, 2026-10-25T07:00:00Z",
                // an end that is skipped falls on the change
                "22:00, 02:30, Europe/Berlin, 2026-03-29T00:59:59Z, 2026-03-29T01:00:00Z",
                "22:00, 02:30, Europe/Berlin, 2026-03-29T01:00:00Z, -",
                // an end that occurs twice is the second
                "22:00, 02:30, Europe/Berlin, 2026-10-25T00:45:00Z, 2026-10-25T01:30:00Z",
                // a beginning that occurs twice is the first
                "02:30, 06:00, Europe/Berlin, 2026-10-25T00:30:00Z, 2026-10-25T05:00:00Z",
                // a window that the change swallows whole does not exist
                "02:10, 02:50, Europe/Berlin, 2026-03-29T01:00:00Z, -",
            })
    @DisplayName("end at the end of the local window, also when clocks change")
    void table(LocalTime from, LocalTime to, String zone, Instant at, @Nullable Instant until) {
        assertThat(QuietCalendar.quietUntil(hours(from, to, ZoneId.of(zone)), at)).isEqualTo(until);
    }

    @Test
    @DisplayName(
            "cover every instant whose local time is in the window; no other but near a change")
    void asTheWallClockSays() {
        for (long seed = 0; seed < 20_000; seed++) {
            Random random = new Random(seed);
            ZoneId zone = ZoneId.of(ZONES.get(random.nextInt(ZONES.size())));
            LocalTime from = LocalTime.ofSecondOfDay(random.nextInt(1440) * 60L);
            LocalTime to = from.plusMinutes(1 + random.nextInt(1438));
            Instant at =
                    Instant.parse("2026-01-01T00:00:00Z").plusSeconds(random.nextInt(365 * 86_400));
            boolean quiet = QuietCalendar.quietUntil(hours(from, to, zone), at) != null;
            boolean onTheClock = inWindow(from, to, at.atZone(zone).toLocalTime());
            boolean nearAChange = changesWithin(zone, at, Duration.ofDays(1));

            assertThat(quiet || !onTheClock).as("seed " + seed + " misses").isTrue();
            assertThat(quiet == onTheClock || nearAChange).as("seed " + seed + " adds").isTrue();
        }
    }

    private static boolean inWindow(LocalTime from, LocalTime to, LocalTime time) {
        return from.isBefore(to)
                ? !time.isBefore(from) && time.isBefore(to)
                : !time.isBefore(from) || time.isBefore(to);
    }

    private static boolean changesWithin(ZoneId zone, Instant at, Duration near) {
        return !zone.getRules().isFixedOffset()
                && zone.getRules().nextTransition(at.minus(near)) != null
                && zone.getRules()
                        .nextTransition(at.minus(near))
                        .getInstant()
                        .isBefore(at.plus(near));
    }

    @Test
    @DisplayName(
            "of several rules in several zones are those of a model that looks at every minute")
    void asMinuteByMinute() {
        for (long seed = 0; seed < 50; seed++) {
            Random random = new Random(seed);
            Instant start = start(random);
            List<Running> rules = rules(random, start);
            boolean[] quiet = new boolean[MINUTES];
            rules.forEach(rule -> shade(rule, start, quiet));

            for (int i = 0; i < 40; i++) {
                int minute = random.nextInt(MINUTES / 2);
                Instant at = start.plus(Duration.ofMinutes(minute));
                int end = minute;
                while (end < MINUTES && quiet[end]) {
                    end++;
                }
                if (end < MINUTES) {
                    assertThat(QuietCalendar.quietUntil(rules, at))
                            .as("seed " + seed + " at " + at)
                            .isEqualTo(quiet[minute] ? start.plus(Duration.ofMinutes(end)) : null);
                }
                List<Interval> around = QuietCalendar.around(rules, at);
                for (int m = minute; m < MINUTES && covered(around, start, m); m++) {
                    Instant instant = start.plus(Duration.ofMinutes(m));
                    assertThat(around.stream().anyMatch(interval -> interval.covers(instant)))
                            .as("seed " + seed + " around " + at + " at " + instant)
                            .isEqualTo(quiet[m]);
                }
            }
        }
    }

    @Test
    @DisplayName("are told by the rule that ends last, the policy's own before the law's")
    void whoseItIs() {
        QuietRule own = rule("own", LocalTime.of(20, 0), LocalTime.of(9, 0));
        QuietRule law = rule("law", LocalTime.of(21, 0), LocalTime.of(9, 0));
        QuietRule longer = rule("longer", LocalTime.of(22, 0), LocalTime.of(9, 30));
        ZoneId zone = ZoneId.of("Europe/Berlin");
        Instant nine = Instant.parse("2026-06-02T07:00:00Z");

        assertThat(QuietCalendar.endingAt(in(zone, own, law), nine)).isEqualTo(own);
        assertThat(QuietCalendar.endingAt(in(zone, law, longer), nine)).isEqualTo(law);
        assertThat(QuietCalendar.endingAt(in(zone, own, law, longer), nine.plusSeconds(1800)))
                .isEqualTo(longer);
        assertThat(QuietCalendar.endingAt(in(zone, own), nine.plusSeconds(60))).isNull();
    }

    @Test
    @DisplayName("that never end have no end, and where there are none none begins")
    void withoutEndAndWithoutBeginning() {
        Span always =
                new Span(Span.EVERY_DAY, new TreeSet<>(), LocalTime.MIDNIGHT, LocalTime.MIDNIGHT);
        QuietRule closed = new QuietRule("closed", null, List.of(always));
        ZoneId zone = ZoneId.of("America/New_York");
        Instant at = Instant.parse("2026-06-02T07:00:00Z");

        assertThat(QuietCalendar.quietUntil(in(zone, closed), at)).isEqualTo(QuietCalendar.NEVER);
        assertThat(QuietCalendar.around(in(zone, closed), at).getFirst())
                .isEqualTo(new Interval(at, QuietCalendar.NEVER));
        assertThat(QuietCalendar.around(List.of(), at))
                .allMatch(interval -> interval.from().equals(at.plus(Duration.ofDays(14))))
                .noneMatch(interval -> interval.covers(interval.from()));
    }

    /** What the intervals speak of, from the instant they were asked for until the last ends. */
    private static boolean covered(List<Interval> around, Instant start, int minute) {
        return start.plus(Duration.ofMinutes(minute)).isBefore(around.getLast().until());
    }

    private static Instant start(Random random) {
        return List.of(
                        Instant.parse("2026-03-06T00:00:00Z"),
                        Instant.parse("2026-03-26T00:00:00Z"),
                        Instant.parse("2026-04-02T00:00:00Z"),
                        Instant.parse("2026-10-22T00:00:00Z"),
                        Instant.parse("2026-10-30T00:00:00Z"),
                        Instant.parse("2011-12-28T00:00:00Z"))
                .get(random.nextInt(6));
    }

    private static List<Running> rules(Random random, Instant start) {
        List<Running> rules = new ArrayList<>();
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
            SortedSet<DayOfWeek> days =
                    random.nextBoolean()
                            ? Span.EVERY_DAY
                            : new TreeSet<>(Set.of(DayOfWeek.of(1 + random.nextInt(7))));
            SortedSet<LocalDate> dates = new TreeSet<>();
            if (random.nextInt(3) == 0) {
                dates.add(LocalDate.ofInstant(start, ZoneOffset.UTC).plusDays(random.nextInt(7)));
            }
            LocalTime from = LocalTime.ofSecondOfDay(random.nextInt(96) * 900L);
            Span span = new Span(days, dates, from, from.plusMinutes(random.nextInt(96) * 15L));
            if (span.from().equals(span.to()) && days.size() == 7) {
                continue;
            }
            QuietRule rule = new QuietRule("rule" + i, null, List.of(span));
            for (int z = 1 + random.nextInt(3); z > 0; z--) {
                rules.add(new Running(rule, ZoneId.of(ZONES.get(random.nextInt(ZONES.size())))));
            }
        }
        return rules;
    }

    /**
     * Marks each minute from the first one at which a day's window is on the wall clock to the last
     * after which it never is again, an end that the clock shows twice being the second.
     */
    private static void shade(Running running, Instant start, boolean[] quiet) {
        int margin = 3 * 1440;
        LocalDateTime[] wall = new LocalDateTime[MINUTES + 2 * margin];
        for (int m = 0; m < wall.length; m++) {
            wall[m] =
                    LocalDateTime.ofInstant(
                            start.plus(Duration.ofMinutes(m - margin)), running.zone());
        }
        LocalDate first = LocalDate.ofInstant(start, ZoneOffset.UTC);
        for (int d = -3; d < MINUTES / 1440 + 3; d++) {
            LocalDate day = first.plusDays(d);
            for (Span span : running.rule().spans()) {
                if (!span.days().contains(day.getDayOfWeek()) && !span.dates().contains(day)) {
                    continue;
                }
                LocalDateTime from = day.atTime(span.from());
                LocalDateTime to =
                        (span.to().isAfter(span.from()) ? day : day.plusDays(1)).atTime(span.to());
                int begin = 0;
                while (begin < wall.length && wall[begin].isBefore(from)) {
                    begin++;
                }
                int end = wall.length;
                while (end > 0 && !wall[end - 1].isBefore(to)) {
                    end--;
                }
                for (int m = end; m < wall.length && m < end + 1440; m++) {
                    end = wall[m].equals(to) ? m : end;
                }
                for (int m = Math.max(begin, margin); m < end && m < margin + MINUTES; m++) {
                    quiet[m - margin] = true;
                }
            }
        }
    }

    private static QuietRule rule(String name, LocalTime from, LocalTime to) {
        return new QuietRule(
                name, null, List.of(new Span(Span.EVERY_DAY, new TreeSet<>(), from, to)));
    }

    private static List<Running> in(ZoneId zone, QuietRule... rules) {
        return Stream.of(rules).map(rule -> new Running(rule, zone)).toList();
    }

    private static List<Running> hours(LocalTime from, LocalTime to, ZoneId zone) {
        return in(zone, QuietRule.of(new QuietHours(from, to, Set.of(Channel.SMS))));
    }
}
