package io.throughline.attribution.touch;

import static org.assertj.core.api.Assertions.assertThat;

import io.throughline.contracts.CustomerId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SessionLogTest {

    private static final CustomerId ANA = new CustomerId(new UUID(1, 1));
    private static final Campaign SPRING = new Campaign("spring", "ads", null);
    private static final Campaign AUTUMN = new Campaign("autumn", "ads", null);
    private static final Instant TEN = Instant.parse("2026-11-23T10:00:00Z");

    private final SessionLog log = new SessionLog(List.of());
    private int events;

    @Test
    void reloadingAPageThatCarriesACampaignIsOneTouch() {
        visit(0, SPRING);
        visit(29, SPRING);
        visit(58, SPRING);

        assertThat(log.changed())
                .singleElement()
                .satisfies(s -> {
                    assertThat(s.startedAt()).isEqualTo(TEN);
                    assertThat(s.lastAt()).isEqualTo(minute(58));
                });
    }

    @Test
    void browsingOnKeepsTheSessionOpen() {
        visit(0, SPRING);
        visit(25, null);
        visit(50, null);
        visit(75, SPRING);

        assertThat(log.changed()).hasSize(1);
    }

    @Test
    void halfAnHourOfSilenceEndsASession() {
        visit(0, SPRING);
        visit(31, SPRING);

        assertThat(log.changed()).hasSize(2);
    }

    @Test
    void anotherCampaignBeginsAnotherSession() {
        visit(0, SPRING);
        visit(5, AUTUMN);

        assertThat(log.changed()).extracting(Session::campaign).containsExactly(SPRING, AUTUMN);
    }

    @Test
    void aVisitWithoutACampaignIsNoTouch() {
        visit(0, null);

        assertThat(log.changed()).isEmpty();
    }

    @Test
    void anotherCustomersSessionIsNotJoined() {
        visit(0, SPRING);
        log.visit(new UUID(9, 9), new CustomerId(new UUID(2, 2)), TEN, SPRING);

        assertThat(log.changed()).hasSize(2);
    }

    @Test
    void knownSessionsAreContinuedAcrossBatches() {
        Session known = new Session(new UUID(7, 7), ANA, SPRING, TEN.minusSeconds(60), TEN);
        SessionLog next = new SessionLog(List.of(known));
        next.visit(new UUID(8, 8), ANA, TEN.plusSeconds(60), SPRING);

        assertThat(next.changed())
                .containsExactly(
                        new Session(
                                new UUID(7, 7),
                                ANA,
                                SPRING,
                                TEN.minusSeconds(60),
                                TEN.plusSeconds(60)));
    }

    @Test
    void visitsCloseTogetherAreOneSessionInWhateverOrderTheyCome() {
        for (long seed = 1; seed <= 300; seed++) {
            Random random = new Random(seed);
            List<Integer> minutes = new ArrayList<>(List.of(0, 10, 20, 25, 30));
            Collections.shuffle(minutes, random);
            SessionLog shuffled = new SessionLog(List.of());
            for (int i = 0; i < minutes.size(); i++) {
                shuffled.visit(new UUID(0, i), ANA, minute(minutes.get(i)), SPRING);
            }
            assertThat(shuffled.changed())
                    .as("seed %d", seed)
                    .singleElement()
                    .satisfies(s -> {
                        assertThat(s.startedAt()).isEqualTo(TEN);
                        assertThat(s.lastAt()).isEqualTo(minute(30));
                    });
        }
    }

    private void visit(int minutes, @Nullable Campaign campaign) {
        log.visit(new UUID(0, events++), ANA, minute(minutes), campaign);
    }

    private static Instant minute(int minutes) {
        return TEN.plusSeconds(60L * minutes);
    }
}
