package io.throughline.bench;

import com.fasterxml.jackson.databind.JsonNode;
import io.throughline.local.demo.ShopApi;
import io.throughline.local.launcher.StackProcess;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** A new segment, until every customer has been looked at. */
final class SegmentBenchmark implements Benchmark {

    private static final String SEGMENT = "/api/segments/bench-fill";
    private static final Duration BACKLOG_PATIENCE = Duration.ofSeconds(30);
    private static final Duration PATIENCE = Duration.ofMinutes(15);
    private static final double MOST_SECONDS = 300;
    private static final double MILLION = 1_000_000;

    @Override
    public String name() {
        return "segment-fill";
    }

    @Override
    public String about() {
        return "a new segment over the customers of resolution, a tenth of whom enter it";
    }

    @Override
    public List<Figure> run(Workbench bench) throws Exception {
        StackProcess stack = bench.stack();
        try (Broker broker = new Broker(stack.settings().kafka())) {
            bench.settled(broker, BACKLOG_PATIENCE);
            new Seed(bench).upTo(ResolutionBenchmark.MANY);
            ShopApi api = new Shop(stack.gateway()).api();
            bench.say("filling a segment");
            api.manage(
                    "PUT",
                    SEGMENT,
                    "application/json",
                    """
                    {"when": "customer.serial.endsWith('7')"}\
                    """);
            JsonNode segment = filled(api);
            JsonNode fill = segment.path("fill");
            double seconds =
                    Duration.between(
                                            Instant.parse(fill.path("startedAt").asText()),
                                            Instant.parse(fill.path("finishedAt").asText()))
                                    .toMillis()
                            / 1e3;
            double total = fill.path("total").asDouble();
            return List.of(
                    Figure.perSecond("customers looked at", total / seconds),
                    Figure.of("that is, for a million", MILLION * seconds / total, "s")
                            .atMost(MOST_SECONDS),
                    Figure.of(
                            "of %,.0f entered".formatted(total),
                            segment.path("size").asDouble(),
                            ""));
        }
    }

    private static JsonNode filled(ShopApi api) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        JsonNode segment = api.get(SEGMENT);
        while (!segment.path("fill").path("state").asText().equals("filled")) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("not filled: " + segment.path("fill"));
            }
            Thread.sleep(500);
            segment = api.get(SEGMENT);
        }
        return segment;
    }
}
