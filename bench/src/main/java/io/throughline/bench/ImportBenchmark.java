package io.throughline.bench;

import com.fasterxml.jackson.databind.JsonNode;
import io.throughline.local.Service;
import io.throughline.local.demo.ShopApi;
import io.throughline.local.launcher.StackProcess;
import io.vertx.redis.client.Redis;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A file of customers, each with identifiers, traits and a consent, until it is taken in; beside
 * the same rows inserted into a table without a key.
 */
final class ImportBenchmark implements Benchmark {

    private static final int WARM_UP = 10_000;
    private static final int ROWS = 50_000;
    private static final int ROWS_A_PART = 10_000;
    private static final int ROWS_AT_ONCE = 500;
    private static final int COLUMNS = 9;
    private static final double MILLION = 1_000_000;
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final String JSON = "application/json";

    private static final String HEADER =
            "user_id,email,phone,trait.first_name,trait.plan,trait.points:number,timezone,consent.email,consent_at\n";

    @Override
    public String name() {
        return "import";
    }

    @Override
    public String about() {
        return "a file of customers until it is taken in, beside plain inserts of the same rows";
    }

    @Override
    public List<Figure> run(Workbench bench) throws Exception {
        StackProcess stack = bench.stack();
        try (Database identity = new Database(stack.settings(), Service.IDENTITY);
                Broker broker = new Broker(stack.settings().kafka())) {
            bench.settled(broker, Duration.ofSeconds(30));
            Run run = new Run(bench, stack, identity);
            bench.say("warming up with %,d rows".formatted(WARM_UP));
            run.taken(0, WARM_UP);
            return run.figures();
        }
    }

    private static final class Run {

        private final Workbench bench;
        private final ShopApi api;
        private final Database identity;
        private final Redis redis;

        Run(Workbench bench, StackProcess stack, Database identity) {
            this.bench = bench;
            this.api = new Shop(stack.gateway()).api();
            this.identity = identity;
            this.redis = bench.client(stack.settings().redis());
        }

        List<Figure> figures() throws SQLException, InterruptedException {
            double limit = ROWS / inserted();
            bench.say("%,d rows".formatted(ROWS));
            long before = bytes();
            long beforeInRedis = bytesInRedis();
            double seconds = taken(WARM_UP, WARM_UP + ROWS);
            double perSecond = ROWS / seconds;
            return List.of(
                    Figure.perSecond("rows taken in, all services at work", perSecond)
                            .beside(limit),
                    Figure.of("that is, for a million", MILLION / perSecond, "s"),
                    Figure.of(
                            "such a customer in PostgreSQL, indexes too",
                            (double) (bytes() - before) / ROWS,
                            "B"),
                    Figure.of(
                            "the same in Redis",
                            (double) (bytesInRedis() - beforeInRedis) / ROWS,
                            "B"));
        }

        /** How long it takes, from the word to start until all is taken in. */
        double taken(int from, int to) throws InterruptedException {
            String id =
                    api.manage(
                                    "POST",
                                    "/api/imports",
                                    JSON,
                                    "{\"format\":\"csv\",\"source\":\"bench\"}")
                            .path("id")
                            .asText();
            for (int part = 0; from + part * ROWS_A_PART < to; part++) {
                int begin = from + part * ROWS_A_PART;
                api.manage(
                        "PUT",
                        "/api/imports/%s/parts/%d".formatted(id, part),
                        "application/octet-stream",
                        (part == 0 ? HEADER : "") + rows(begin, Math.min(to, begin + ROWS_A_PART)));
            }
            api.manage("POST", "/api/imports/%s/start".formatted(id), JSON, "");
            return seconds(finished(id, to - from));
        }

        private JsonNode finished(String id, int rows) throws InterruptedException {
            long end = System.nanoTime() + PATIENCE.toNanos();
            JsonNode found = api.get("/api/imports/" + id);
            while (found.path("finishedAt").isMissingNode() || found.path("finishedAt").isNull()) {
                if (System.nanoTime() > end) {
                    throw new IllegalStateException("not taken in: " + found);
                }
                Thread.sleep(250);
                found = api.get("/api/imports/" + id);
            }
            if (found.path("customersCreated").asInt() != rows
                    || found.path("consents").asInt() != rows) {
                throw new IllegalStateException("not as expected: " + found);
            }
            return found;
        }

        private static double seconds(JsonNode taken) {
            return Duration.between(
                                    Instant.parse(taken.path("startedAt").asText()),
                                    Instant.parse(taken.path("finishedAt").asText()))
                            .toMillis()
                    / 1e3;
        }

        private static String rows(int from, int to) {
            StringBuilder text = new StringBuilder();
            for (int n = from; n < to; n++) {
                text.append(row(n)).append('\n');
            }
            return text.toString();
        }

        private static String row(int n) {
            String number = Seed.digits(n);
            return "import-%s,import-%s@example.com,+346%s,Ana,gold,%d,Europe/Madrid,opted_in,2025-03-01T10:00:00Z"
                    .formatted(number, number, number, n);
        }

        /**
         * Seconds for as many rows, by arrays and some hundred a transaction, as they are taken.
         */
        private double inserted() throws SQLException {
            identity.change(
                    """
                    CREATE TABLE bench_rows (user_id text, email text, phone text, first_name text, plan text,
                                             points text, timezone text, consent text, consent_at text)
                    """);
            long began = System.nanoTime();
            for (int from = WARM_UP; from < WARM_UP + ROWS; from += ROWS_AT_ONCE) {
                List<String[]> rows =
                        IntStream.range(from, from + ROWS_AT_ONCE)
                                .mapToObj(n -> row(n).split(",", -1))
                                .toList();
                Object[] columns = new Object[COLUMNS];
                for (int i = 0; i < COLUMNS; i++) {
                    int column = i;
                    columns[i] =
                            identity.array(
                                    rows.stream().map(row -> row[column]).toArray(String[]::new));
                }
                int kept =
                        identity.change(
                                "INSERT INTO bench_rows SELECT * FROM unnest(?, ?, ?, ?, ?, ?, ?, ?, ?)",
                                columns);
                if (kept != ROWS_AT_ONCE) {
                    throw new IllegalStateException("rows were not inserted: " + kept);
                }
            }
            double seconds = (System.nanoTime() - began) / 1e9;
            identity.change("DROP TABLE bench_rows");
            return seconds;
        }

        private long bytes() throws SQLException {
            return identity.number(
                    """
                    SELECT sum(pg_total_relation_size(name::regclass))
                      FROM unnest(ARRAY['customers', 'identifiers', 'sightings', 'timeline', 'consents',
                                        'consent_ledger', 'address_consents', 'segment_customers']) AS name
                    """);
        }

        private long bytesInRedis() {
            return new Population(redis, bench.gate(redis)).bytesOfAll();
        }
    }
}
