package io.throughline.attribution.lift;

import java.util.stream.IntStream;
import org.hipparchus.distribution.continuous.ChiSquaredDistribution;

/**
 * Whether the arms have the sizes that the assignment should have given them. Where they have not,
 * something besides chance decided who is in which arm, and no difference between them means what
 * it seems to mean.
 *
 * @param pValue of Pearson's chi-square
 */
public record SampleRatio(double pValue) {

    /** Below this the lift is not reported. */
    public static final double BLOCKING = 0.001;

    /**
     * @param observed customers by arm, two arms or more
     * @param expected by arm, each positive, adding up to the same number
     */
    public static SampleRatio of(long[] observed, double[] expected) {
        double statistic =
                IntStream.range(0, observed.length)
                        .mapToDouble(i ->
                                (observed[i] - expected[i])
                                        * (observed[i] - expected[i])
                                        / expected[i])
                        .sum();
        var chiSquared = new ChiSquaredDistribution(observed.length - 1.0);
        return new SampleRatio(1 - chiSquared.cumulativeProbability(statistic));
    }

    public boolean blocks() {
        return pValue < BLOCKING;
    }
}
