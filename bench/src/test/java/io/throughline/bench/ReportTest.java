package io.throughline.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.throughline.bench.Report.Result;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {

    private static final Report REPORT =
            new Report(
                    Instant.parse("2026-06-01T12:00:00Z"),
                    2,
                    0.1,
                    "25",
                    List.of(
                            new Result(
                                    "gate",
                                    Duration.ofSeconds(61),
                                    List.of(
                                            Figure.perSecond("decisions", 8_000)
                                                    .beside(10_000)
                                                    .ratioAtLeast(0.9),
                                            Figure.millis("p99", 0.125).atMost(1),
                                            Figure.of("memory", 350, "B")))));

    @Test
    void theTableNamesEachFigureWithItsLimitAndWhetherTheBudgetIsKept() {
        assertThat(
                        REPORT.table()
                                .lines()
                                .map(String::strip)
                                .map(line -> line.replaceAll(" +", " ")))
                .containsExactly(
                        "",
                        "gate (61 s)",
                        "measured limit ratio budget",
                        "decisions 8,000 /s 10,000 /s 0.80 ratio >= 0.90 MISSED",
                        "p99 0.13 ms <= 1.00 ms met",
                        "memory 350.0 B");
    }

    @Test
    void theJsonHasTheRatioAndTheVerdict(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("below/report.json");
        REPORT.write(file);
        JsonNode report = new ObjectMapper().readTree(file.toFile());
        assertThat(report.path("at").asText()).isEqualTo("2026-06-01T12:00:00Z");
        JsonNode decisions = report.path("results").path(0).path("figures").path(0);
        assertThat(decisions.path("ratio").asDouble()).isEqualTo(0.8);
        assertThat(decisions.path("met").asBoolean(true)).isFalse();
        assertThat(decisions.path("budget").path("ratio").asDouble()).isEqualTo(0.9);
        assertThat(report.path("results").path(0).path("figures").path(2).has("met")).isFalse();
    }
}
