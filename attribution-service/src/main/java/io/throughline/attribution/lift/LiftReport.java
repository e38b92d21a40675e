package io.throughline.attribution.lift;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a journey caused, as far as its holdout can tell.
 *
 * @param treated rate of the treated arm, by customers as assigned
 * @param crossed customers who were in both arms, because two profiles became one; each counts
 *     where it was first
 * @param ratio absent where it is not known how the arms should have come out
 * @param comparison absent where the ratio blocks it
 * @param statement what it means, for people
 */
public record LiftReport(
        Rate treated,
        Rate heldOut,
        @Nullable Sample treatedRevenue,
        @Nullable Sample heldOutRevenue,
        long crossed,
        @Nullable SampleRatio ratio,
        @Nullable Comparison comparison,
        String statement) {

    /**
     * Conversion rates compared.
     *
     * @param expectedHeldOut customers that should have been held out; NaN where that is not known
     */
    public static LiftReport ofConversion(
            Rate treated, Rate heldOut, long crossed, double expectedHeldOut) {
        SampleRatio ratio = ratio(treated, heldOut, expectedHeldOut);
        Comparison comparison = blocked(ratio) ? null : Compare.rates(treated, heldOut);
        String sizes =
                String.format(
                        Locale.ROOT,
                        "%.2f %% of %d treated customers converted and %.2f %% of %d held out",
                        100 * treated.value(),
                        treated.assigned(),
                        100 * heldOut.value(),
                        heldOut.assigned());
        return new LiftReport(
                treated,
                heldOut,
                null,
                null,
                crossed,
                ratio,
                comparison,
                statement(sizes, comparison, 100, " points", heldOut.assigned()));
    }

    /**
     * Revenue per assigned customer compared.
     *
     * @param currency of both samples
     * @param expectedHeldOut customers that should have been held out; NaN where that is not known
     */
    public static LiftReport ofRevenue(
            Rate treated,
            Rate heldOut,
            Sample treatedRevenue,
            Sample heldOutRevenue,
            String currency,
            long crossed,
            double expectedHeldOut) {
        SampleRatio ratio = ratio(treated, heldOut, expectedHeldOut);
        Comparison comparison =
                blocked(ratio) ? null : Compare.means(treatedRevenue, heldOutRevenue);
        String sizes =
                String.format(
                        Locale.ROOT,
                        "%d treated customers brought %.4f %s each and %d held out brought %.4f %s",
                        treated.assigned(),
                        treatedRevenue.mean(),
                        currency,
                        heldOut.assigned(),
                        heldOutRevenue.mean(),
                        currency);
        return new LiftReport(
                treated,
                heldOut,
                treatedRevenue,
                heldOutRevenue,
                crossed,
                ratio,
                comparison,
                statement(sizes, comparison, 1, " " + currency, heldOut.assigned()));
    }

    private static @Nullable SampleRatio ratio(Rate treated, Rate heldOut, double expected) {
        long all = treated.assigned() + heldOut.assigned();
        return expected > 0 && expected < all
                ? SampleRatio.of(
                        new long[] {treated.assigned(), heldOut.assigned()},
                        new double[] {all - expected, expected})
                : null;
    }

    private static boolean blocked(@Nullable SampleRatio ratio) {
        return ratio != null && ratio.blocks();
    }

    private static String statement(
            String sizes,
            @Nullable Comparison comparison,
            double scale,
            String unit,
            long heldOut) {
        if (comparison == null) {
            return "The arms do not have the sizes that the holdout should have given them, so"
                    + " something besides chance decided who was treated, and no difference is"
                    + " reported: look for customers who enter without being assigned.";
        }
        Interval interval = comparison.interval();
        if (interval == null) {
            return sizes + "; from this few customers, no interval can be given.";
        }
        String difference =
                String.format(
                        Locale.ROOT,
                        "; the difference is %+.4g%s, with 95 %% confidence between %+.4g and %+.4g.",
                        scale * comparison.difference(),
                        unit,
                        scale * interval.low(),
                        scale * interval.high());
        return sizes + difference + meaning(interval, heldOut);
    }

    private static String meaning(Interval interval, long heldOut) {
        if (!interval.excludes(0)) {
            return " That includes no difference at all: these "
                    + heldOut
                    + " held-out customers do not show that the journey changes anything.";
        }
        return interval.low() > 0
                ? " The journey brought more than would have come without it."
                : " The journey brought less than would have come without it.";
    }
}
