package io.throughline.attribution.http;

import io.throughline.attribution.credit.CreditModel;
import io.throughline.attribution.credit.CreditTally;
import io.throughline.contracts.Money;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which touches get how much of the conversions' credit.
 *
 * @param touches whether messages count as {@code sent} or only once {@code engaged}
 * @param journey whose goals are counted; absent for all conversions of the shop
 */
record AttributionReport(
        Instant from,
        Instant to,
        Duration lookback,
        String touches,
        @Nullable String journey,
        @Nullable String event,
        Totals totals,
        List<Model> models)
        implements Tabular {

    /**
     * What each of the tables adds up to.
     *
     * @param direct conversions without a touch in the look-back; they are the line {@code direct}
     * @param reversed conversions taken back whole; they count nowhere else
     */
    record Totals(long conversions, List<Money> value, long direct, long reversed) {}

    record Model(String model, List<Line> byChannel, List<Line> byJourney, List<Line> byCampaign) {}

    /**
     * A line of a table.
     *
     * @param attributed false for the conversions that no touch led to
     * @param conversions in which it had a part
     * @param credit conversions it is given, in millionths exact
     */
    record Line(
            String key,
            boolean attributed,
            long conversions,
            BigDecimal credit,
            List<Money> value) {}

    static AttributionReport of(
            Asked.Range range,
            Duration lookback,
            String touches,
            @Nullable String journey,
            @Nullable String event,
            CreditTally tally) {
        CreditTally.Totals totals = tally.totals();
        return new AttributionReport(
                range.from(),
                range.to(),
                lookback,
                touches,
                journey,
                event,
                new Totals(
                        totals.conversions(),
                        money(totals.value()),
                        totals.direct(),
                        totals.reversed()),
                tally.models().stream().map(model -> model(tally, model)).toList());
    }

    @Override
    public List<String> columns() {
        return List.of(
                "model", "by", "key", "attributed", "conversions", "credit", "currency", "value");
    }

    @Override
    public List<List<@Nullable Object>> rows() {
        List<List<@Nullable Object>> rows = new ArrayList<>();
        for (Model model : models) {
            rows(rows, model.model(), CreditTally.By.CHANNEL, model.byChannel());
            rows(rows, model.model(), CreditTally.By.JOURNEY, model.byJourney());
            rows(rows, model.model(), CreditTally.By.CAMPAIGN, model.byCampaign());
        }
        return rows;
    }

    /** Conversions and credit stand in a line's first row only, so that a column adds up. */
    private static void rows(
            List<List<@Nullable Object>> rows, String model, CreditTally.By by, List<Line> lines) {
        for (Line line : lines) {
            boolean first = true;
            for (Money value : line.value()) {
                rows.add(
                        Tabular.row(
                                model,
                                by.word(),
                                line.key(),
                                line.attributed(),
                                first ? line.conversions() : null,
                                first ? line.credit() : null,
                                value.currency(),
                                value.amount()));
                first = false;
            }
            if (first) {
                rows.add(
                        Tabular.row(
                                model,
                                by.word(),
                                line.key(),
                                line.attributed(),
                                line.conversions(),
                                line.credit(),
                                null,
                                null));
            }
        }
    }

    private static Model model(CreditTally tally, CreditModel model) {
        return new Model(
                model.word(),
                lines(tally, model, CreditTally.By.CHANNEL),
                lines(tally, model, CreditTally.By.JOURNEY),
                lines(tally, model, CreditTally.By.CAMPAIGN));
    }

    private static List<Line> lines(CreditTally tally, CreditModel model, CreditTally.By by) {
        return tally.lines(model, by).stream()
                .map(l ->
                        new Line(
                                l.key(),
                                l.attributed(),
                                l.conversions(),
                                l.credit(),
                                money(l.value())))
                .toList();
    }

    static List<Money> money(Map<String, BigDecimal> byCurrency) {
        return new TreeMap<>(byCurrency)
                .entrySet().stream().map(e -> new Money(e.getValue(), e.getKey())).toList();
    }
}
