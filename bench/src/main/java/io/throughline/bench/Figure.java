package io.throughline.bench;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * One measured figure.
 *
 * @param benchmark the benchmark's name
 * @param what what was measured
 * @param value in {@code unit}
 * @param limit the raw limit measured in the same run, in the same unit; absent for a latency
 * @param budget what the design asks for: a least ratio to the limit where there is one, a greatest
 *     value otherwise
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Figure(
        String benchmark,
        String what,
        double value,
        String unit,
        @Nullable Double limit,
        @Nullable Double budget) {

    static Figure throughput(
            String benchmark, String what, double value, double limit, double leastRatio) {
        return new Figure(benchmark, what, value, "/s", limit, leastRatio);
    }

    static Figure latency(String benchmark, String what, double millis, @Nullable Double greatest) {
        return new Figure(benchmark, what, millis, "ms", null, greatest);
    }

    static Figure plain(String benchmark, String what, double value, String unit) {
        return new Figure(benchmark, what, value, unit, null, null);
    }

    /** Value over limit; absent without a limit. */
    public @Nullable Double ratio() {
        return limit == null ? null : value / limit;
    }

    /** Whether the budget is kept; absent without a budget. */
    public @Nullable Boolean met() {
        Double ratio = ratio();
        if (budget == null) {
            return null;
        }
        return ratio == null ? value <= budget : ratio >= budget;
    }
}
