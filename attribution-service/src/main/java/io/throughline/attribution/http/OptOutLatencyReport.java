package io.throughline.attribution.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.throughline.attribution.store.Misses;
import io.throughline.attribution.store.Misses.Spread;
import io.throughline.attribution.store.OptOutTimes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How soon opt-outs were in force, against the objective that is published for it.
 *
 * @param objective for the 99th percentile from the request until the gate refuses
 * @param met absent where nobody opted out
 * @param acknowledgedToInForce nothing, while no opt-out is acknowledged before it is in force
 * @param pastRecall messages that an opt-out came too late for and that nobody could take back, the
 *     newest of them
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record OptOutLatencyReport(
        Instant from,
        Instant to,
        Duration objective,
        @Nullable Boolean met,
        long optOuts,
        @Nullable Spread requestToInForce,
        @Nullable Spread acknowledgedToInForce,
        List<Line> lines,
        List<Misses.Miss> pastRecall)
        implements Tabular {

    /** Opt-outs of one channel by one means, as in {@code keyword} or {@code preference-centre}. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Line(
            String channel,
            String means,
            long optOuts,
            boolean met,
            @Nullable Spread requestToInForce,
            @Nullable Spread acknowledgedToInForce) {}

    static OptOutLatencyReport of(
            Asked.Range range,
            Duration objective,
            List<OptOutTimes.Times> times,
            List<Misses.Miss> pastRecall) {
        List<Line> lines = new ArrayList<>();
        OptOutTimes.Times all = new OptOutTimes.Times(null, null, 0, null, null);
        for (OptOutTimes.Times some : times) {
            String channel = some.channel();
            String means = some.means();
            if (channel == null || means == null) {
                all = some;
            } else {
                lines.add(
                        new Line(
                                channel,
                                means,
                                some.count(),
                                met(some.requestToInForce(), objective),
                                some.requestToInForce(),
                                some.acknowledgedToInForce()));
            }
        }
        return new OptOutLatencyReport(
                range.from(),
                range.to(),
                objective,
                all.count() == 0 ? null : met(all.requestToInForce(), objective),
                all.count(),
                all.requestToInForce(),
                all.acknowledgedToInForce(),
                lines,
                pastRecall);
    }

    private static boolean met(@Nullable Spread spread, Duration objective) {
        return spread == null || spread.p99().compareTo(objective) <= 0;
    }

    @Override
    public List<String> columns() {
        return List.of(
                "channel",
                "means",
                "opt_outs",
                "met",
                "request_to_in_force_p50_seconds",
                "request_to_in_force_p99_seconds",
                "request_to_in_force_worst_seconds",
                "acknowledged_to_in_force_p99_seconds",
                "acknowledged_to_in_force_worst_seconds");
    }

    @Override
    public List<List<@Nullable Object>> rows() {
        return lines.stream()
                .map(l ->
                        Tabular.row(
                                l.channel(),
                                l.means(),
                                l.optOuts(),
                                l.met(),
                                seconds(l.requestToInForce(), Spread::p50),
                                seconds(l.requestToInForce(), Spread::p99),
                                seconds(l.requestToInForce(), Spread::worst),
                                seconds(l.acknowledgedToInForce(), Spread::p99),
                                seconds(l.acknowledgedToInForce(), Spread::worst)))
                .toList();
    }

    private static @Nullable Object seconds(
            @Nullable Spread spread, Function<Spread, Duration> which) {
        return spread == null ? null : SuppressionMissReport.seconds(which.apply(spread));
    }
}
