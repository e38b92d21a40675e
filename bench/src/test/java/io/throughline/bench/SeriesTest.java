package io.throughline.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.throughline.bench.Series.Both;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class SeriesTest {

    /** So many answers within a second, each after a millisecond. */
    private static Outcome outcome(int perSecond) {
        Latencies latencies = new Latencies();
        for (int i = 0; i < perSecond; i++) {
            latencies.record(1_000_000);
        }
        return new Outcome(Duration.ofSeconds(1), latencies, 0);
    }

    private static Series of(int... rates) {
        return new Series(Arrays.stream(rates).mapToObj(SeriesTest::outcome).toList());
    }

    @Test
    void theMedianIsTheMiddleOrTheMeanOfTheTwoInTheMiddle() {
        assertThat(of(300, 100, 200).perSecond()).isEqualTo(200);
        assertThat(of(400, 100, 200, 300).perSecond()).isEqualTo(250);
        assertThatThrownBy(() -> of().perSecond()).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void roundsAlternateAndSoDoesWhoGoesFirst() throws Exception {
        List<String> order = new ArrayList<>();
        Both both =
                Series.alternating(
                        3,
                        () -> order.add("-"),
                        () -> noted(order, "ours"),
                        () -> noted(order, "limit"));
        assertThat(order)
                .containsExactly("-", "ours", "limit", "-", "limit", "ours", "-", "ours", "limit");
        assertThat(both.ours().rounds()).hasSize(3);
        assertThat(both.limit().rounds()).hasSize(3);
    }

    private static Outcome noted(List<String> order, String who) {
        order.add(who);
        return outcome(1);
    }

    @Test
    void warmingUpEndsWhenTwoRoundsBroughtNothing() throws Exception {
        Iterator<Double> rates =
                DoubleStream.of(100, 200, 201, 300, 299, 301, 1_000).boxed().iterator();
        List<Double> seen = new ArrayList<>();
        Series.warmUp(
                50,
                () -> {
                    double rate = rates.next();
                    seen.add(rate);
                    return outcome((int) rate);
                });
        assertThat(seen).containsExactly(100.0, 200.0, 201.0, 300.0, 299.0, 301.0);
    }

    @Test
    void warmingUpEndsAtItsBound() throws Exception {
        List<Integer> rounds = new ArrayList<>();
        Series.warmUp(
                4,
                () -> {
                    rounds.add(rounds.size());
                    return outcome(100 * rounds.size() * rounds.size());
                });
        assertThat(rounds).hasSize(4);
    }
}
