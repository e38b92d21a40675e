package io.throughline.attribution.http;

import io.throughline.attribution.store.Deliveries;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What carriers made of messages, by day (UTC) and channel. */
record DeliverabilityReport(Instant from, Instant to, List<Deliveries.Delivered> days)
        implements Tabular {

    @Override
    public List<String> columns() {
        return List.of("day", "channel", "tried", "sent", "delivered", "failed", "unknown");
    }

    @Override
    public List<List<@Nullable Object>> rows() {
        return days.stream()
                .map(d ->
                        Tabular.row(
                                d.day(),
                                d.channel(),
                                d.tried(),
                                d.sent(),
                                d.delivered(),
                                d.failed(),
                                d.unknown()))
                .toList();
    }
}
