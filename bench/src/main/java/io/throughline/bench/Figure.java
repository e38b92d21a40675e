package io.throughline.bench;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;

/**
 * One measured figure.
 *
 * @param what what was measured
 * @param value in {@code unit}
 * @param limit the same of the raw limit or the peer, measured in the same run; absent where there
 *     is none
 * @param budget what the design asks for; absent where it asks for nothing
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record Figure(
        String what, double value, String unit, @Nullable Double limit, @Nullable Budget budget) {

    /** What a figure must keep to be as good as the design asks for. */
    sealed interface Budget {

        /** At least so much of the limit. */
        record RatioAtLeast(double ratio) implements Budget {}

        /** At most so much, in the figure's unit. */
        record AtMost(double value) implements Budget {}
    }

    static Figure of(String what, double value, String unit) {
        return new Figure(what, value, unit, null, null);
    }

    static Figure perSecond(String what, double value) {
        return of(what, value, "/s");
    }

    static Figure millis(String what, double value) {
        return of(what, value, "ms");
    }

    Figure beside(double limit) {
        return new Figure(what, value, unit, limit, budget);
    }

    Figure ratioAtLeast(double ratio) {
        return new Figure(what, value, unit, limit, new Budget.RatioAtLeast(ratio));
    }

    Figure atMost(double most) {
        return new Figure(what, value, unit, limit, new Budget.AtMost(most));
    }

    /** Value over limit; absent without a limit. */
    @JsonProperty
    @Nullable Double ratio() {
        return limit == null ? null : value / limit;
    }

    /** Whether the budget is kept; absent without a budget. */
    @JsonProperty
    @Nullable Boolean met() {
        return switch (budget) {
            case null -> null;
            case Budget.AtMost(double most) -> value <= most;
            case Budget.RatioAtLeast(double least) -> {
                Double ratio = ratio();
                if (ratio == null) {
                    throw new IllegalStateException("a ratio needs a limit: " + what);
                }
                yield ratio >= least;
            }
        };
    }
}
