package io.throughline.attribution.http;

import io.throughline.attribution.store.Funnels;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How far customers got in each journey in which something happened. */
record FunnelReport(Instant from, Instant to, List<Funnels.Funnel> journeys) implements Tabular {

    @Override
    public List<String> columns() {
        return List.of("journey", "stage", "reason", "count");
    }

    @Override
    public List<List<@Nullable Object>> rows() {
        List<List<@Nullable Object>> rows = new ArrayList<>();
        for (Funnels.Funnel f : journeys) {
            rows.add(Tabular.row(f.journey(), "entered", null, f.entered()));
            rows.add(Tabular.row(f.journey(), "held-out", null, f.heldOut()));
            rows.add(Tabular.row(f.journey(), "sent", null, f.sent()));
            rows.add(Tabular.row(f.journey(), "delivered", null, f.delivered()));
            rows.add(Tabular.row(f.journey(), "failed", null, f.failed()));
            rows.add(Tabular.row(f.journey(), "unknown", null, f.unknown()));
            rows.add(Tabular.row(f.journey(), "opened", null, f.opened()));
            rows.add(Tabular.row(f.journey(), "clicked", null, f.clicked()));
            rows.add(Tabular.row(f.journey(), "converted", null, f.converted()));
            rows.add(Tabular.row(f.journey(), "ghost-send", null, f.ghostSends()));
            reasons(rows, f.journey(), "left", f.left());
            reasons(rows, f.journey(), "suppressed", f.suppressed());
            reasons(rows, f.journey(), "withheld", f.withheld());
        }
        return rows;
    }

    private static void reasons(
            List<List<@Nullable Object>> rows,
            String journey,
            String stage,
            Map<String, Long> reasons) {
        reasons.forEach((reason, count) -> rows.add(Tabular.row(journey, stage, reason, count)));
    }
}
