package io.throughline.attribution.http;

import io.throughline.attribution.lift.Comparison;
import io.throughline.attribution.lift.Interval;
import io.throughline.attribution.lift.LiftReport;
import io.throughline.attribution.lift.Rate;
import io.throughline.attribution.lift.Sample;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a journey caused, by its holdout.
 *
 * @param from customers assigned from then
 * @param to customers assigned until before then; what they did since counts up to now
 * @param currency of revenue; absent for conversion
 * @param difference treated minus held out, as a share or in the currency per assigned customer;
 *     absent where the sample ratio blocks it
 * @param interval 95 % confidence of the difference; absent where the data give none
 * @param relativeLift treated over held out, minus one
 * @param pValue two-sided
 * @param crossed customers who were in both arms because two profiles became one; each counts where
 *     it was first
 */
record LiftBody(
        String journey,
        Instant from,
        Instant to,
        String metric,
        @Nullable String currency,
        Arm treated,
        Arm heldOut,
        @Nullable Double difference,
        @Nullable Interval interval,
        @Nullable Double relativeLift,
        @Nullable Interval relativeInterval,
        @Nullable Double pValue,
        @Nullable String method,
        long crossed,
        SampleRatioCheck sampleRatio,
        String statement)
        implements Tabular {

    /**
     * One arm.
     *
     * @param assigned customers, reached or not
     * @param revenuePerCustomer zeros included; absent for conversion
     */
    record Arm(
            long assigned,
            long converted,
            double conversionRate,
            @Nullable Double revenuePerCustomer) {

        static Arm of(Rate rate, @Nullable Sample revenue) {
            return new Arm(
                    rate.assigned(),
                    rate.converted(),
                    rate.value(),
                    revenue == null ? null : revenue.mean());
        }
    }

    /**
     * Whether the arms have the sizes that they should have.
     *
     * @param checked false where it is not known how large a share was to be held out
     * @param blocks whether the difference is kept back
     */
    record SampleRatioCheck(boolean checked, @Nullable Double pValue, boolean blocks) {}

    static LiftBody of(
            String journey,
            Asked.Range range,
            Asked.Metric metric,
            @Nullable String currency,
            LiftReport report) {
        Comparison comparison = report.comparison();
        return new LiftBody(
                journey,
                range.from(),
                range.to(),
                metric.word(),
                currency,
                Arm.of(report.treated(), report.treatedRevenue()),
                Arm.of(report.heldOut(), report.heldOutRevenue()),
                comparison == null ? null : comparison.difference(),
                comparison == null ? null : comparison.interval(),
                comparison == null ? null : comparison.relative(),
                comparison == null ? null : comparison.relativeInterval(),
                comparison == null ? null : comparison.pValue(),
                comparison == null ? null : comparison.method().word(),
                report.crossed(),
                ratio(report),
                report.statement());
    }

    private static SampleRatioCheck ratio(LiftReport report) {
        return report.ratio() == null
                ? new SampleRatioCheck(false, null, false)
                : new SampleRatioCheck(true, report.ratio().pValue(), report.ratio().blocks());
    }

    @Override
    public List<String> columns() {
        return List.of(
                "journey",
                "metric",
                "currency",
                "treated",
                "treated_converted",
                "held_out",
                "held_out_converted",
                "treated_mean",
                "held_out_mean",
                "difference",
                "low",
                "high",
                "relative_lift",
                "p_value",
                "sample_ratio_p_value");
    }

    @Override
    public List<List<@Nullable Object>> rows() {
        return List.of(
                Tabular.row(
                        journey,
                        metric,
                        currency,
                        treated.assigned(),
                        treated.converted(),
                        heldOut.assigned(),
                        heldOut.converted(),
                        mean(treated),
                        mean(heldOut),
                        difference,
                        interval == null ? null : interval.low(),
                        interval == null ? null : interval.high(),
                        relativeLift,
                        pValue,
                        sampleRatio.pValue()));
    }

    private static double mean(Arm arm) {
        Double revenue = arm.revenuePerCustomer();
        return revenue == null ? arm.conversionRate() : revenue;
    }
}
