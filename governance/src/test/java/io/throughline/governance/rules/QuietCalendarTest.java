package io.throughline.governance.rules;

import static org.assertj.core.api.Assertions.assertThat;

import io.throughline.contracts.Channel;
import io.throughline.contracts.policy.ContactPolicy.QuietHours;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Random;
import java.util.Set;
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
        assertThat(QuietCalendar.quietUntil(hours(from, to), ZoneId.of(zone), at)).isEqualTo(until);
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
            boolean quiet = QuietCalendar.quietUntil(hours(from, to), zone, at) != null;
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

    private static QuietHours hours(LocalTime from, LocalTime to) {
        return new QuietHours(from, to, Set.of(Channel.SMS));
    }
}
