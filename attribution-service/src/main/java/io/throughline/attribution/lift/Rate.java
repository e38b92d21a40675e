package io.throughline.attribution.lift;

/**
 * How many of an arm's customers converted at least once.
 *
 * @param assigned customers assigned to the arm, reached or not
 */
public record Rate(long assigned, long converted) {

    public Rate {
        if (assigned < 1 || converted < 0 || converted > assigned) {
            throw new IllegalArgumentException(
                    converted + " of " + assigned + " customers cannot have converted");
        }
    }

    public double value() {
        return (double) converted / assigned;
    }

    long others() {
        return assigned - converted;
    }
}
