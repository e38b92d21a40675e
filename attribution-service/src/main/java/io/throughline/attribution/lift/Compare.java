package io.throughline.attribution.lift;

import java.util.stream.IntStream;
import org.hipparchus.distribution.continuous.NormalDistribution;
import org.hipparchus.distribution.continuous.TDistribution;
import org.hipparchus.distribution.discrete.HypergeometricDistribution;
import org.hipparchus.util.FastMath;
import org.jspecify.annotations.Nullable;

/**
 * The difference between two arms. All intervals are for one look at a fixed sample: a report that
 * is read every day until it pleases has a higher error than it says.
 */
public final class Compare {

    /** Below this many conversions or non-conversions in an arm the normal curve misleads. */
    private static final long FEW = 10;

    private static final NormalDistribution NORMAL = new NormalDistribution();
    private static final double Z = NORMAL.inverseCumulativeProbability(0.975);

    private Compare() {}

    /**
     * Conversion rates: Wald's interval, or where an arm has fewer than ten on either side
     * Newcombe's (1998, method 10), which holds its level there, with Fisher's exact test.
     */
    public static Comparison rates(Rate treated, Rate heldOut) {
        double difference = treated.value() - heldOut.value();
        boolean few = isFew(treated) || isFew(heldOut);
        Interval interval = few ? newcombe(treated, heldOut) : wald(treated, heldOut);
        double pValue =
                few ? fisher(treated, heldOut) : normal(difference, error(treated, heldOut));
        return new Comparison(
                difference,
                interval,
                pValue,
                relative(treated.value(), heldOut.value()),
                relativeInterval(
                        treated.value(), heldOut.value(), variance(treated), variance(heldOut), Z),
                few ? Comparison.Method.EXACT : Comparison.Method.WALD);
    }

    /**
     * Means per assigned customer, by Welch. Without two customers in each arm, or where neither
     * arm varies at all, there is a difference but no interval.
     */
    public static Comparison means(Sample treated, Sample heldOut) {
        double difference = treated.mean() - heldOut.mean();
        double error = Math.sqrt(treated.squaredError() + heldOut.squaredError());
        if (!(error > 0)) {
            return new Comparison(
                    difference,
                    null,
                    null,
                    relative(treated.mean(), heldOut.mean()),
                    null,
                    Comparison.Method.WELCH);
        }
        TDistribution t = new TDistribution(degreesOfFreedom(treated, heldOut));
        double half = t.inverseCumulativeProbability(0.975) * error;
        return new Comparison(
                difference,
                new Interval(difference - half, difference + half),
                2 * t.cumulativeProbability(-Math.abs(difference / error)),
                relative(treated.mean(), heldOut.mean()),
                relativeInterval(
                        treated.mean(),
                        heldOut.mean(),
                        treated.squaredError(),
                        heldOut.squaredError(),
                        t.inverseCumulativeProbability(0.975)),
                Comparison.Method.WELCH);
    }

    /** Welch and Satterthwaite. */
    private static double degreesOfFreedom(Sample treated, Sample heldOut) {
        double vt = treated.squaredError();
        double vc = heldOut.squaredError();
        return (vt + vc)
                * (vt + vc)
                / (vt * vt / (treated.assigned() - 1) + vc * vc / (heldOut.assigned() - 1));
    }

    private static boolean isFew(Rate rate) {
        return Math.min(rate.converted(), rate.others()) < FEW;
    }

    private static double variance(Rate rate) {
        return rate.value() * (1 - rate.value()) / rate.assigned();
    }

    private static double error(Rate treated, Rate heldOut) {
        return Math.sqrt(variance(treated) + variance(heldOut));
    }

    private static Interval wald(Rate treated, Rate heldOut) {
        double difference = treated.value() - heldOut.value();
        double half = Z * error(treated, heldOut);
        return new Interval(difference - half, difference + half);
    }

    private static double normal(double difference, double error) {
        return 2 * NORMAL.cumulativeProbability(-Math.abs(difference / error));
    }

    private static Interval newcombe(Rate treated, Rate heldOut) {
        Interval t = wilson(treated);
        Interval c = wilson(heldOut);
        double pt = treated.value();
        double pc = heldOut.value();
        return new Interval(
                pt - pc - Math.hypot(pt - t.low(), c.high() - pc),
                pt - pc + Math.hypot(t.high() - pt, pc - c.low()));
    }

    private static Interval wilson(Rate rate) {
        double n = rate.assigned();
        double p = rate.value();
        double centre = (p + Z * Z / (2 * n)) / (1 + Z * Z / n);
        double half = Z / (1 + Z * Z / n) * Math.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n));
        return new Interval(Math.max(0, centre - half), Math.min(1, centre + half));
    }

    /** Two-sided: all tables with the same margins that are no likelier than the one seen. */
    private static double fisher(Rate treated, Rate heldOut) {
        var tables =
                new HypergeometricDistribution(
                        Math.toIntExact(treated.assigned() + heldOut.assigned()),
                        Math.toIntExact(treated.converted() + heldOut.converted()),
                        Math.toIntExact(treated.assigned()));
        double seen = tables.logProbability((int) treated.converted());
        double sum =
                IntStream.rangeClosed(tables.getSupportLowerBound(), tables.getSupportUpperBound())
                        .mapToDouble(tables::logProbability)
                        .filter(log -> log <= seen + 1e-7)
                        .map(FastMath::exp)
                        .sum();
        return Math.min(1, sum);
    }

    private static @Nullable Double relative(double treated, double heldOut) {
        return heldOut > 0 ? treated / heldOut - 1 : null;
    }

    /** Delta method on the logarithm of the ratio. */
    private static @Nullable Interval relativeInterval(
            double treated,
            double heldOut,
            double treatedSquaredError,
            double heldOutSquaredError,
            double quantile) {
        double error =
                Math.sqrt(
                        treatedSquaredError / (treated * treated)
                                + heldOutSquaredError / (heldOut * heldOut));
        if (!(treated > 0 && heldOut > 0 && error > 0)) {
            return null;
        }
        double log = Math.log(treated / heldOut);
        return new Interval(Math.expm1(log - quantile * error), Math.expm1(log + quantile * error));
    }
}
