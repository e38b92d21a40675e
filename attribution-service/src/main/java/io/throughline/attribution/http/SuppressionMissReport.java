package io.throughline.attribution.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.throughline.attribution.store.Misses;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Messages that were handed over after a conversion or an opt-out had happened that would have kept
 * them back. As a table, the misses of this page.
 *
 * @param sources the slowest first
 * @param items those handed over last first
 * @param next give it as {@code cursor} to read on; absent at the end
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record SuppressionMissReport(
        Instant from,
        Instant to,
        long misses,
        long messages,
        long recalled,
        Misses.@Nullable Spread delay,
        List<Misses.Door> doors,
        List<Misses.Source> sources,
        List<Misses.Miss> items,
        @Nullable String next)
        implements Tabular {

    @Override
    public List<String> columns() {
        return List.of(
                "message",
                "customer",
                "channel",
                "journey",
                "kind",
                "event",
                "source",
                "happened_at",
                "received_at",
                "in_force_at",
                "handed_over_at",
                "door",
                "delay_seconds",
                "source_seconds",
                "network_seconds",
                "ingestion_seconds",
                "engine_seconds",
                "recall");
    }

    @Override
    public List<List<@Nullable Object>> rows() {
        return items.stream()
                .map(m ->
                        Tabular.row(
                                m.message(),
                                m.customer(),
                                m.channel(),
                                m.journey(),
                                m.kind(),
                                m.event(),
                                m.source(),
                                m.happenedAt(),
                                m.receivedAt(),
                                m.inForceAt(),
                                m.handedOverAt(),
                                m.door(),
                                seconds(m.delay()),
                                seconds(m.parts().source()),
                                seconds(m.parts().network()),
                                seconds(m.parts().ingestion()),
                                seconds(m.parts().engine()),
                                m.recall()))
                .toList();
    }

    static @Nullable BigDecimal seconds(@Nullable Duration duration) {
        return duration == null
                ? null
                : BigDecimal.valueOf(duration.toNanos() / 1_000, 6).stripTrailingZeros();
    }
}
