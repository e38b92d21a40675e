package io.throughline.attribution.lift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.assertj.core.data.Offset;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CompareTest {

    /**
     * Hillstrom's e-mail test (64,000 customers): arm sizes, conversions, mean spends, intervals
     * and p-values as published. The published tables leave the variances out; these are the ones
     * that the three published Welch intervals determine, so that the p-values, the centres and the
     * third interval check the arithmetic.
     */
    private static final Sample NONE = new Sample(21_306, 0.652789, hillstromVariance(0));

    private static final Sample MEN = new Sample(21_307, 1.422617, hillstromVariance(1));
    private static final Sample WOMEN = new Sample(21_387, 1.077202, hillstromVariance(2));

    @Test
    void hillstromsSpendIsReproduced() {
        Comparison men = Compare.means(MEN, NONE);
        assertThat(men.difference()).isCloseTo(0.769827, within(2e-6));
        assertInterval(men.interval(), 0.485140, 1.054515, within(2e-6));
        assertThat(men.pValue()).isCloseTo(1.1638e-7, within(2e-11));

        Comparison women = Compare.means(WOMEN, NONE);
        assertInterval(women.interval(), 0.168957, 0.679868, within(2e-6));
        assertThat(women.pValue()).isCloseTo(1.1294e-3, within(2e-7));

        Comparison between = Compare.means(MEN, WOMEN);
        assertInterval(between.interval(), 0.032561, 0.658268, within(2e-6));
    }

    @Test
    void hillstromsConversionIsReproduced() {
        Comparison men = Compare.rates(new Rate(21_307, 267), new Rate(21_306, 122));

        assertThat(men.method()).isEqualTo(Comparison.Method.WALD);
        assertThat(men.difference()).isCloseTo(0.00680501, within(5e-9));
        assertInterval(men.interval(), 0.00500017, 0.00860984, within(6e-9));
    }

    @Test
    void hillstromsArmsHaveTheSizesTheyShould() {
        SampleRatio ratio =
                SampleRatio.of(
                        new long[] {21_306, 21_307, 21_387},
                        new double[] {64_000 / 3.0, 64_000 / 3.0, 64_000 / 3.0});

        assertThat(ratio.pValue()).isCloseTo(0.904, within(5e-4));
        assertThat(ratio.blocks()).isFalse();
    }

    @ParameterizedTest(name = "{0} held out of {1}, expected share {2}: blocks {3}")
    @CsvSource({
        "100, 1000, 0.1, false",
        "115, 1000, 0.1, false",
        "135, 1000, 0.1, true",
        "66,  1000, 0.1, true",
    })
    void armsOfTheWrongSizeBlockTheReport(long heldOut, long all, double share, boolean blocks) {
        SampleRatio ratio =
                SampleRatio.of(
                        new long[] {all - heldOut, heldOut},
                        new double[] {all * (1 - share), all * share});

        assertThat(ratio.blocks()).isEqualTo(blocks);
    }

    /** Newcombe (1998), table II, method 10. */
    @ParameterizedTest(name = "{0}/{1} against {2}/{3}")
    @CsvSource({
        " 9, 10,  3, 10,  0.1705,  0.8090",
        "10, 10,  0, 20,  0.6791,  1.0000",
        "10, 10,  0, 10,  0.6075,  1.0000",
        " 5, 56,  0, 29, -0.0381,  0.1926",
    })
    void fewConversionsGetAnIntervalThatHoldsItsLevel(
            long a, long n, long b, long m, double low, double high) {
        Comparison comparison = Compare.rates(new Rate(n, a), new Rate(m, b));

        assertThat(comparison.method()).isEqualTo(Comparison.Method.EXACT);
        assertInterval(comparison.interval(), low, high, within(1e-4));
    }

    @ParameterizedTest(name = "{0}/{1} against {2}/{3}: p = {4}")
    @CsvSource({
        "3, 4,   1, 4,  0.485714", // the lady tasting tea, two-sided
        "1, 12, 9, 12,  0.002759",
        "0, 5,   0, 5,  1.0",
        "1, 1,   0, 1,  1.0",
    })
    void fewConversionsAreTestedExactly(long a, long n, long b, long m, double p) {
        assertThat(Compare.rates(new Rate(n, a), new Rate(m, b)).pValue())
                .isCloseTo(p, within(1e-6));
    }

    @Test
    void oneCustomerInAnArmGivesADifferenceAndNoInterval() {
        Comparison comparison =
                Compare.means(new Sample(40, 2.0, 1.5), new Sample(1, 1.0, Double.NaN));

        assertThat(comparison.difference()).isEqualTo(1.0);
        assertThat(comparison.relative()).isEqualTo(1.0);
        assertThat(comparison.interval()).isNull();
        assertThat(comparison.pValue()).isNull();
        assertThat(comparison.relativeInterval()).isNull();
    }

    @Test
    void aHeldOutArmThatBoughtNothingHasNoRelativeLift() {
        Comparison comparison = Compare.means(new Sample(100, 2.0, 1.5), new Sample(100, 0.0, 0.0));

        assertThat(comparison.relative()).isNull();
        assertThat(comparison.relativeInterval()).isNull();
        assertThat(comparison.interval()).isNotNull();
    }

    @Test
    void theRelativeIntervalIsSymmetricOnTheLogarithm() {
        Comparison comparison = Compare.rates(new Rate(10_000, 600), new Rate(10_000, 500));

        // ln(1.2) ± 1.959964 · √(0.94/600 + 0.95/500)
        assertInterval(comparison.relativeInterval(), 0.069212, 0.346786, within(1e-6));
    }

    /**
     * Revenue as it is: most customers buy nothing, the others something skewed. The standard error
     * of the coverage over 4,000 runs is 0.35 points.
     */
    @Test
    void ninetyFivePercentIntervalsOfMeansCoverAPlantedEffectThatOften() {
        int runs = 4_000;
        int covered = 0;
        for (int seed = 1; seed <= runs; seed++) {
            Random random = new Random(seed * 7_919L);
            Sample treated = revenue(random, 600, 0.36);
            Sample heldOut = revenue(random, 300, 0.30);
            Interval interval = interval(Compare.means(treated, heldOut));
            covered += interval.excludes((0.36 - 0.30) * 20) ? 0 : 1;
        }
        assertThat((double) covered / runs).isBetween(0.94, 0.96);
    }

    @Test
    void ninetyFivePercentIntervalsOfRatesCoverAPlantedEffectThatOften() {
        int runs = 4_000;
        int covered = 0;
        for (int seed = 1; seed <= runs; seed++) {
            Random random = new Random(seed * 104_729L);
            Rate treated = new Rate(900, converted(random, 900, 0.12));
            Rate heldOut = new Rate(300, converted(random, 300, 0.08));
            covered += interval(Compare.rates(treated, heldOut)).excludes(0.04) ? 0 : 1;
        }
        assertThat((double) covered / runs).isBetween(0.94, 0.96);
    }

    private static Interval interval(Comparison comparison) {
        Interval interval = comparison.interval();
        assertThat(interval).isNotNull();
        return interval == null ? new Interval(Double.NaN, Double.NaN) : interval;
    }

    private static void assertInterval(
            @Nullable Interval interval, double low, double high, Offset<Double> offset) {
        assertThat(interval).isNotNull();
        if (interval != null) {
            assertThat(interval.low()).isCloseTo(low, offset);
            assertThat(interval.high()).isCloseTo(high, offset);
        }
    }

    private static long converted(Random random, int customers, double rate) {
        return random.doubles(customers).filter(x -> x < rate).count();
    }

    /** Exponential with mean 20 for those who buy. */
    private static Sample revenue(Random random, int customers, double rate) {
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < customers; i++) {
            double revenue =
                    random.nextDouble() < rate ? -20 * Math.log1p(-random.nextDouble()) : 0;
            sum += revenue;
            squares += revenue * revenue;
        }
        double mean = sum / customers;
        return new Sample(customers, mean, (squares - customers * mean * mean) / (customers - 1));
    }

    /** From SE²(m−n) = v(m) + v(n) and its two companions; 1.96005 is t at some 40,000 degrees. */
    private static double hillstromVariance(int arm) {
        double mn = Math.pow((1.054515 - 0.485140) / 2 / 1.960030, 2);
        double wn = Math.pow((0.679868 - 0.168957) / 2 / 1.960030, 2);
        double mw = Math.pow((0.658268 - 0.032561) / 2 / 1.960030, 2);
        return switch (arm) {
            case 0 -> (mn + wn - mw) / 2 * 21_306;
            case 1 -> (mn + mw - wn) / 2 * 21_307;
            default -> (wn + mw - mn) / 2 * 21_387;
        };
    }
}
