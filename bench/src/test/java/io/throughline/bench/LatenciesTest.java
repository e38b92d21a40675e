package io.throughline.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class LatenciesTest {

    @Test
    void percentilesAreInMilliseconds() {
        Latencies latencies = new Latencies();
        for (int millis = 1; millis <= 1000; millis++) {
            latencies.record(Duration.ofMillis(millis).toNanos());
        }
        assertThat(latencies.count()).isEqualTo(1000);
        assertThat(latencies.percentile(50)).isCloseTo(500, within(1.0));
        assertThat(latencies.percentile(99)).isCloseTo(990, within(1.0));
        assertThat(latencies.percentile(99.9)).isCloseTo(999, within(1.0));
    }

    @Test
    void whatIsLongerThanAMinuteCountsAsAMinute() {
        Latencies latencies = new Latencies();
        latencies.record(Duration.ofHours(1).toNanos());
        latencies.record(-5);
        assertThat(latencies.percentile(100)).isCloseTo(60_000, within(100.0));
        assertThat(latencies.percentile(50)).isZero();
    }
}
