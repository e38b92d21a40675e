package io.throughline.identity.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import io.throughline.chassis.http.Problem;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("What is under way")
class InFlightTest {

    private final InFlight inFlight = new InFlight(2, 100);
    private final List<UniEmitter<? super String>> underWay = new ArrayList<>();

    @Test
    void isRefusedWithATimeToComeBackWhereItIsTooMany() {
        take(1);
        take(1);
        assertThatThrownBy(() -> taken(1))
                .isInstanceOfSatisfying(
                        Problem.class,
                        problem -> {
                            assertThat(problem.status()).isEqualTo(429);
                            assertThat(problem.retryAfter()).isEqualTo(Duration.ofSeconds(1));
                        });
        underWay.getFirst().complete("done");
        assertThat(taken(1)).isEqualTo("taken");
    }

    @Test
    void isRefusedWhereItIsTooLargeTogether() {
        take(60);
        assertThatThrownBy(() -> taken(41)).isInstanceOf(Problem.class);
        assertThat(taken(40)).isEqualTo("taken");
    }

    @Test
    void isNotForgottenBecauseSomethingWasRefused() {
        take(60);
        take(1);
        for (int i = 0; i < 10; i++) {
            assertThatThrownBy(() -> taken(30)).isInstanceOf(Problem.class);
        }
        underWay.getLast().complete("done");
        assertThatThrownBy(() -> taken(41)).isInstanceOf(Problem.class);
    }

    @Test
    void leavesRoomAgainWhenItsCallerIsGone() {
        inFlight.within(100, () -> Uni.createFrom().<String>nothing())
                .subscribe()
                .with(done -> {}, failure -> {})
                .cancel();
        assertThat(taken(100)).isEqualTo("taken");
    }

    @Test
    void leavesRoomAgainWhenItFails() {
        for (int i = 0; i < 10; i++) {
            assertThatThrownBy(() ->
                            inFlight.within(
                                            100,
                                            () ->
                                                    Uni.createFrom()
                                                            .failure(
                                                                    new IllegalStateException(
                                                                            "away")))
                                    .await()
                                    .indefinitely())
                    .isInstanceOf(IllegalStateException.class);
        }
        assertThat(taken(100)).isEqualTo("taken");
    }

    private void take(int size) {
        inFlight.within(size, () -> Uni.createFrom().<String>emitter(underWay::add))
                .subscribe()
                .with(done -> {}, failure -> {});
    }

    private String taken(int size) {
        return inFlight.within(size, () -> Uni.createFrom().item("taken")).await().indefinitely();
    }
}
