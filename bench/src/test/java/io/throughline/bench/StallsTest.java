package io.throughline.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class StallsTest {

    private static final Instant START = Instant.parse("2026-01-05T10:00:00Z");

    private final Stalls stalls = new Stalls(StallsTest::isQuick);

    private static void isQuick() {}

    @Test
    void whatIsStampedWhileTheProcessHangsMayHaveWaitedSinceItBegan() {
        stalls.note(at(0), at(3_000));
        stalls.note(at(3_050), at(3_150));
        assertThat(stalls.before(at(-1))).isZero();
        assertThat(stalls.before(at(2_000))).isEqualTo(Duration.ofSeconds(2));
        assertThat(stalls.before(at(3_400))).isEqualTo(Duration.ofMillis(3_400));
        assertThat(stalls.before(at(3_500))).isZero();
        assertThat(stalls.longest()).isEqualTo(Duration.ofSeconds(3));
    }

    @Test
    void anAnswerThatTakesAsLongAsUsualTellsOfNothing() {
        stalls.note(at(0), at(200));
        assertThat(stalls.before(at(100))).isZero();
    }

    private static Instant at(int millis) {
        return START.plusMillis(millis);
    }
}
