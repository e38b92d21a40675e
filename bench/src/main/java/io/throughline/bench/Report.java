package io.throughline.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.throughline.bench.Figure.Budget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * All figures of a run, as a table for people and as JSON for machines.
 *
 * @param cores processors that the run could use
 * @param loadBefore the system's load average of the minute before; negative where it tells none
 */
record Report(Instant at, int cores, double loadBefore, String java, List<Result> results) {

    private static final ObjectMapper JSON =
            JsonMapper.builder()
                    .addModule(new JavaTimeModule())
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
                    .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
                    .build();

    private static final String ROW = "  %-62s %12s %12s %6s  %s%n";

    /** What one benchmark gave. */
    record Result(String benchmark, Duration took, List<Figure> figures) {}

    String table() {
        StringBuilder table = new StringBuilder();
        for (Result result : results) {
            table.append("%n%s (%d s)%n".formatted(result.benchmark(), result.took().toSeconds()));
            table.append(ROW.formatted("", "measured", "limit", "ratio", "budget"));
            for (Figure figure : result.figures()) {
                table.append(row(figure));
            }
        }
        return table.toString();
    }

    void write(Path file) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        JSON.writeValue(file.toFile(), this);
    }

    private static String row(Figure figure) {
        Double limit = figure.limit();
        Double ratio = figure.ratio();
        return ROW.formatted(
                        figure.what(),
                        number(figure.value()) + " " + figure.unit(),
                        limit == null ? "" : number(limit) + " " + figure.unit(),
                        ratio == null ? "" : String.format(Locale.ROOT, "%.2f", ratio),
                        budget(figure))
                .stripTrailing()
                .concat(System.lineSeparator());
    }

    private static String budget(Figure figure) {
        String bound =
                switch (figure.budget()) {
                    case null -> "";
                    case Budget.RatioAtLeast(double ratio) -> "ratio >= " + number(ratio);
                    case Budget.AtMost(double most) -> "<= " + number(most) + " " + figure.unit();
                };
        Boolean met = figure.met();
        return met == null ? bound : bound + (met ? "  met" : "  MISSED");
    }

    private static String number(@Nullable Double value) {
        if (value == null) {
            return "";
        }
        double size = Math.abs(value);
        return String.format(
                Locale.ROOT, size >= 1000 ? "%,.0f" : size >= 10 ? "%.1f" : "%.2f", value);
    }
}
