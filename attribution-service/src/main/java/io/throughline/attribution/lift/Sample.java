package io.throughline.attribution.lift;

/**
 * A quantity per assigned customer of an arm, those with zero included.
 *
 * @param assigned customers assigned to the arm, reached or not
 * @param variance unbiased, over {@code assigned − 1}; NaN where there are fewer than two customers
 */
public record Sample(long assigned, double mean, double variance) {

    public Sample {
        if (assigned < 1) {
            throw new IllegalArgumentException("an arm has at least one customer");
        }
    }

    double squaredError() {
        return variance / assigned;
    }
}
