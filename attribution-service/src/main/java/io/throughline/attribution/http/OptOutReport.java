package io.throughline.attribution.http;

import io.throughline.attribution.store.Deliveries;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What customers said against messages, by day (UTC) and channel: opt-outs by answering or by a
 * message's own link, and complaints. Opt-outs told elsewhere are not among them.
 */
record OptOutReport(Instant from, Instant to, List<Deliveries.Objected> days) implements Tabular {

    @Override
    public List<String> columns() {
        return List.of("day", "channel", "sent", "delivered", "opt_outs", "complaints");
    }

    @Override
    public List<List<@Nullable Object>> rows() {
        return days.stream()
                .map(d ->
                        Tabular.row(
                                d.day(),
                                d.channel(),
                                d.sent(),
                                d.delivered(),
                                d.optOuts(),
                                d.complaints()))
                .toList();
    }
}
