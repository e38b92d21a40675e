package io.throughline.bench;

import com.fasterxml.jackson.databind.JsonNode;
import io.throughline.local.LocalSettings;
import io.throughline.local.Service;
import io.throughline.local.demo.ShopApi;
import io.throughline.local.launcher.StackProcess;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

/**
 * The gate rebuilt from the ledgers and compared with them, as after a Redis that lost everything.
 * Every customer has said yes to email, every tenth no to SMS, and every second was written to
 * three times.
 */
final class RebuildBenchmark implements Benchmark {

    private static final String REBUILDS = "/api/gate/rebuilds";
    private static final String COUNT = "THROUGHLINE_BENCH_REBUILD";
    private static final Duration PATIENCE = Duration.ofMinutes(30);
    private static final Duration TOLD_EVERY = Duration.ofSeconds(2);
    private static final double MOST_SECONDS = 300;
    private static final double MILLION = 1_000_000;

    private static final String CONSENTS =
            """
            INSERT INTO consents (customer_id, channel, topic, state, at)
            SELECT i.customer_id, c.channel, '', c.state, now() - interval '90 days'
              FROM identifiers i
              JOIN (VALUES ('email', 'opted_in'), ('sms', 'opted_out')) AS c (channel, state)
                ON c.channel = 'email' OR i.value LIKE '%7'
             WHERE i.type = 'user_id' AND i.value LIKE 'seed-%'
            ON CONFLICT DO NOTHING
            """;

    /** The parameter is how many customers there are. */
    private static final String CONTACTS =
            """
            INSERT INTO messages (id, customer, channel, address, template, category, priority, variables, fallbacks,
                                  requested_at, deadline, state, not_before, counted_at, sent_at)
            SELECT gen_random_uuid(), %s, 'email', 'seed-' || lpad(n::text, 8, '0') || '@example.com', 'bench-rebuild',
                   'marketing', 50, '{}', '[]', now() - k * interval '1 day', now(), 'delivered', now(),
                   now() - k * interval '1 day', now() - k * interval '1 day'
              FROM generate_series(0, ?::bigint - 1, 2) n, generate_series(1, 3) k
            """
                    .formatted(Seed.ID_OF_N);

    @Override
    public String name() {
        return "rebuild";
    }

    @Override
    public String about() {
        return "the gate rebuilt from the ledgers, %s customers (a million unless set)"
                .formatted(COUNT);
    }

    @Override
    public List<Figure> run(Workbench bench) throws Exception {
        StackProcess stack = bench.stack();
        int count = count();
        new Seed(bench).upTo(count);
        permissions(stack.settings());
        contacts(stack.settings(), count);
        ShopApi api = new Shop(stack.gateway()).api();
        bench.client(stack.settings().redis())
                .send(Request.cmd(Command.FLUSHALL))
                .toCompletionStage()
                .toCompletableFuture()
                .join();
        bench.say("rebuilding the gate");
        long began = System.nanoTime();
        JsonNode work = api.manage("POST", REBUILDS, "application/json", "");
        String address = REBUILDS + "/" + work.path("id").asText();
        Progress progress = new Progress(bench);
        while (!work.hasNonNull("finishedAt")) {
            if (System.nanoTime() - began > PATIENCE.toNanos()) {
                throw new IllegalStateException("not rebuilt: " + work);
            }
            progress.tell(work);
            Thread.sleep(200);
            work = api.get(address);
        }
        double written = work.path("customers").asDouble();
        double seconds = progress.writing(began);
        double all = (System.nanoTime() - began) / 1e9;
        return List.of(
                Figure.perSecond("customers written", written / seconds),
                Figure.of("that is, for a million", MILLION * seconds / written, "s")
                        .atMost(MOST_SECONDS),
                Figure.perSecond("customers written and compared", written / all),
                Figure.of("differences", work.path("differences").asDouble(), "").atMost(0),
                Figure.of("unknown when it was through", work.path("unknown").asDouble(), "")
                        .atMost(0));
    }

    private static int count() {
        String said = System.getenv(COUNT);
        return said == null ? (int) MILLION : Integer.parseInt(said);
    }

    private static void permissions(LocalSettings settings) throws SQLException {
        try (Database identity = new Database(settings, Service.IDENTITY)) {
            identity.change(CONSENTS);
            identity.change("VACUUM ANALYZE consents");
        }
    }

    private static void contacts(LocalSettings settings, int count) throws SQLException {
        try (Database channel = new Database(settings, Service.CHANNEL)) {
            channel.change("DELETE FROM messages WHERE template = 'bench-rebuild'");
            channel.change(CONTACTS, count);
            channel.change("VACUUM ANALYZE messages");
        }
    }

    /** What the lines of progress say, and when the writing was through. */
    private static final class Progress {

        private final Workbench bench;
        private long told;
        private long written;

        Progress(Workbench bench) {
            this.bench = bench;
        }

        void tell(JsonNode work) {
            long now = System.nanoTime();
            String phase = work.path("phase").asText();
            if (written == 0 && phase.startsWith("verifying")) {
                written = now;
            }
            if (now - told > TOLD_EVERY.toNanos()) {
                told = now;
                bench.say(
                        "%s: %,d written, %,d compared"
                                .formatted(
                                        phase.replace('-', ' '),
                                        work.path("customers").asLong(),
                                        work.path("verified").asLong()));
            }
        }

        double writing(long began) {
            return ((written == 0 ? System.nanoTime() : written) - began) / 1e9;
        }
    }
}
