package io.throughline.attribution.http;

import io.throughline.attribution.credit.CreditTally;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * In how many conversions each channel took part, whoever gets the credit.
 *
 * @param conversions all that stand, those without a touch included
 */
record AssistedReport(
        Instant from,
        Instant to,
        Duration lookback,
        String touches,
        @Nullable String journey,
        long conversions,
        List<Channel> channels)
        implements Tabular {

    /**
     * One channel's part.
     *
     * @param touched conversions with at least one touch of it in the look-back
     * @param last those in which it was the last touch
     * @param assisted those in which another channel was
     * @param touchedRate of all conversions
     * @param assistedRate of all conversions
     */
    record Channel(
            String channel,
            long touched,
            long last,
            long assisted,
            double touchedRate,
            double assistedRate) {}

    static AssistedReport of(
            Asked.Range range,
            Duration lookback,
            String touches,
            @Nullable String journey,
            CreditTally tally) {
        long conversions = tally.totals().conversions();
        return new AssistedReport(
                range.from(),
                range.to(),
                lookback,
                touches,
                journey,
                conversions,
                tally.assists().stream()
                        .map(a ->
                                new Channel(
                                        a.channel(),
                                        a.touched(),
                                        a.last(),
                                        a.assisted(),
                                        (double) a.touched() / conversions,
                                        (double) a.assisted() / conversions))
                        .toList());
    }

    @Override
    public List<String> columns() {
        return List.of(
                "channel",
                "conversions",
                "touched",
                "last",
                "assisted",
                "touched_rate",
                "assisted_rate");
    }

    @Override
    public List<List<@Nullable Object>> rows() {
        return channels.stream()
                .map(c ->
                        Tabular.row(
                                c.channel(),
                                conversions,
                                c.touched(),
                                c.last(),
                                c.assisted(),
                                c.touchedRate(),
                                c.assistedRate()))
                .toList();
    }
}
