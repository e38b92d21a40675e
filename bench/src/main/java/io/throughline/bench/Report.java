package io.throughline.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * All figures of a run, as a table for people and as JSON for machines.
 *
 * @param cores processors that the run could use
 */
record Report(Instant at, int cores, String java, List<Figure> figures) {

    void print(PrintStream out) {
        out.printf(
                "%n%-12s %-58s %12s %12s %7s %10s%n",
                "benchmark", "what", "measured", "limit", "ratio", "budget");
        for (Figure figure : figures) {
            out.printf(
                    "%-12s %-58s %12s %12s %7s %10s%n",
                    figure.benchmark(),
                    figure.what(),
                    number(figure.value()) + " " + figure.unit(),
                    number(figure.limit()),
                    ratio(figure.ratio()),
                    budget(figure));
        }
    }

    void write(Path file) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        new ObjectMapper()
                .findAndRegisterModules()
                .enable(SerializationFeature.INDENT_OUTPUT)
                .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
                .writeValue(file.toFile(), this);
    }

    private static String budget(Figure figure) {
        Double budget = figure.budget();
        if (budget == null) {
            return "";
        }
        String bound = (figure.limit() == null ? "<= " : ">= ") + number(budget);
        return Boolean.TRUE.equals(figure.met()) ? bound : bound + " !";
    }

    private static String ratio(@Nullable Double ratio) {
        return ratio == null ? "" : String.format(Locale.ROOT, "%.2f", ratio);
    }

    private static String number(@Nullable Double value) {
        if (value == null) {
            return "";
        }
        return String.format(
                Locale.ROOT, value >= 1000 ? "%,.0f" : value >= 10 ? "%.1f" : "%.2f", value);
    }
}
