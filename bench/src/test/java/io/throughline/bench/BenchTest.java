package io.throughline.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class BenchTest {

    @Test
    void withoutANameAllAreMeasured() {
        assertThat(Bench.chosen(List.of())).contains(Bench.ALL);
    }

    @Test
    void withANameOnlyThatOneIs() {
        assertThat(Bench.chosen(List.of("gate")))
                .hasValueSatisfying(
                        one -> assertThat(one).extracting(Benchmark::name).containsExactly("gate"));
    }

    @Test
    void anUnknownNameIsAnsweredWithTheNamesThereAre() {
        assertThat(Bench.chosen(List.of("speed"))).isEmpty();
        assertThat(Bench.chosen(List.of("gate", "journey"))).isEmpty();
        assertThat(Bench.usage("speed"))
                .startsWith("There is no benchmark speed.")
                .contains("ingestion", "gate", "journey", "opt-out", "conversion")
                .contains("readable", "merge-everywhere", "resolution", "segment-fill", "import");
    }

    @Test
    void theSoakRunsOnlyByItsName() {
        assertThat(Bench.ALL).extracting(Benchmark::name).doesNotContain("soak");
        assertThat(Bench.chosen(List.of("soak")))
                .hasValueSatisfying(
                        one -> assertThat(one).extracting(Benchmark::name).containsExactly("soak"));
        assertThat(Bench.usage()).contains("soak");
    }

    @Test
    void aSoakThatFoundAViolationDoesNotEndWell() {
        SoakBenchmark soak = new SoakBenchmark();
        Figure figure = Figure.of("received again", 0, "").atMost(0);
        assertThat(soak.isKept(List.of(figure))).isTrue();
        assertThat(soak.isKept(List.of(figure, Figure.of("beyond a cap", 1, "").atMost(0))))
                .isFalse();
    }
}
