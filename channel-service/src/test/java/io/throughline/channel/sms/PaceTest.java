package io.throughline.channel.sms;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PaceTest {

    private static final Instant NOW = Instant.parse("2026-11-23T10:00:00Z");
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final SplittableRandom random = new SplittableRandom(1);

    @Test
    void theWindowBoundsWhatIsUnanswered() {
        Pace pace = Pace.full(10);

        assertThat(pace.room(0, NOW)).isEqualTo(10);
        assertThat(pace.room(9, NOW)).isEqualTo(1);
        assertThat(pace.room(12, NOW)).isZero();
    }

    @Test
    void aComplaintHalvesTheWindowAndSilencesForAWhile() {
        Pace pace = Pace.full(10).throttled(NOW, random);

        assertThat(pace.room(0, NOW)).isZero();
        assertThat(pace.pause(NOW)).isBetween(Duration.ofMillis(500), Duration.ofSeconds(1));
        assertThat(pace.room(0, NOW.plusSeconds(1))).isEqualTo(5);
        assertThat(pace.pause(NOW.plusSeconds(1))).isZero();
    }

    @Test
    void whatWasUnderWayDoesNotHalveAgain() {
        Pace once = Pace.full(10).throttled(NOW, random);

        assertThat(once.throttled(NOW.plusMillis(10), random)).isEqualTo(once);
    }

    @Test
    void complaintsInARowSilenceLongerUpToAMinuteAndOneMessageAtATimeStaysPossible() {
        Pace pace = Pace.full(10);
        Instant at = NOW;
        for (int i = 0; i < 20; i++) {
            pace = pace.throttled(at, random);
            assertThat(pace.pause(at)).isLessThanOrEqualTo(MINUTE);
            at = at.plus(MINUTE);
            assertThat(pace.room(0, at)).isPositive();
        }
        assertThat(pace.pause(at.minus(MINUTE))).isGreaterThanOrEqualTo(Duration.ofSeconds(30));
        assertThat(pace.limit()).isEqualTo(1);
    }

    @Test
    void messagesTakenOpenTheWindowAgain() {
        Pace pace = Pace.full(8).throttled(NOW, random);
        assertThat(pace.limit()).isEqualTo(4);

        for (int i = 0; i < 4; i++) {
            pace = pace.accepted();
        }
        assertThat(pace.limit()).isEqualTo(5);

        for (int i = 0; i < 100; i++) {
            pace = pace.accepted();
        }
        assertThat(pace.limit()).isEqualTo(8);
        assertThat(pace.throttled(NOW.plus(MINUTE), random).pause(NOW.plus(MINUTE)))
                .isLessThanOrEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void aBindIsTriedLessAndLessOftenAndARefusedOneSeldom() {
        for (int failures = 0; failures < 40; failures++) {
            Duration most =
                    failures < 6 ? Duration.ofMillis(500L << failures) : Duration.ofSeconds(30);
            assertThat(Reconnection.afterFailure(failures, random))
                    .isBetween(most.dividedBy(2), most);
        }
        assertThat(Reconnection.afterRefusal(random))
                .isBetween(Duration.ofSeconds(150), Duration.ofMinutes(5));
    }
}
