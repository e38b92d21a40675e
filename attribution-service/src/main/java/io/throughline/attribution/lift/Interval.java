package io.throughline.attribution.lift;

/** A two-sided 95 % confidence interval. */
public record Interval(double low, double high) {

    /** Whether the interval excludes a value, as in: no difference. */
    public boolean excludes(double value) {
        return value < low || value > high;
    }
}
