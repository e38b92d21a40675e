package io.throughline.identity.erasure;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class LogSettingsTest {

    private static final Instant NOON = Instant.parse("2026-11-26T12:00:00Z");

    private static LogSettings days(int retention, int segment) {
        return new LogSettings(Duration.ofDays(retention), Duration.ofDays(segment), false);
    }

    @Test
    void theLogThatKeepsLongestDecidesAndASegmentComesOnTop() {
        assertThat(LogSettings.gone(List.of(days(7, 1), days(14, 1), days(1, 9)), NOON))
                .isEqualTo(Instant.parse("2026-12-11T12:10:00Z"));
    }

    @Test
    void aLogThatKeepsForEverIsNeverGone() {
        LogSettings forEver = new LogSettings(Duration.ofMillis(-1), Duration.ofDays(1), true);
        assertThat(LogSettings.gone(List.of(days(7, 1), forEver), NOON)).isNull();
    }

    @Test
    void whereThereIsNoLogNothingIsKept() {
        assertThat(LogSettings.gone(List.of(), NOON)).isEqualTo(NOON);
    }
}
