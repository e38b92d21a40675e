package io.throughline.bench;

import io.throughline.contracts.CustomerId;
import io.throughline.local.Service;
import io.throughline.local.demo.ShopApi;
import io.throughline.local.launcher.StackProcess;
import java.net.URI;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * From the sending of an event that says something of a customer until her profile says it: to who
 * asks identity, and in the copy that a journey's steps read.
 */
final class ReadableBenchmark implements Benchmark {

    private static final int WARM_UP = 300;
    private static final int PROBES = 300;
    private static final double INGESTED_A_SECOND = 300;
    private static final Duration LONGEST_LOAD = Duration.ofSeconds(60);
    private static final int CONNECTIONS = 8;
    private static final int OK = 200;
    private static final Duration BACKLOG_PATIENCE = Duration.ofSeconds(90);

    private static final double MOST_MILLIS = 1_000;

    /** By the primary key. */
    private static final String COPY =
            "SELECT 1 FROM customers WHERE id = ?::uuid AND traits ->> 'probe' = ?";

    @Override
    public String name() {
        return "readable";
    }

    @Override
    public String about() {
        return "from a customer's event until her profile says it, at identity and in journey's copy";
    }

    @Override
    public List<Figure> run(Workbench bench) throws Exception {
        StackProcess stack = bench.stack();
        try (Broker broker = new Broker(stack.settings().kafka());
                Run run = new Run(bench, stack)) {
            run.prepare();
            bench.settled(broker, BACKLOG_PATIENCE);
            bench.say("one after the other, on an idle stack");
            List<Figure> figures = new ArrayList<>(run.figures("idle", WARM_UP));
            bench.say("the same while %,.0f events a second come in".formatted(INGESTED_A_SECOND));
            figures.addAll(run.loaded());
            bench.settled(broker, BACKLOG_PATIENCE);
            return figures;
        }
    }

    private static final class Run implements AutoCloseable {

        private final Workbench bench;
        private final StackProcess stack;
        private final Shop shop;
        private final ShopApi identity;
        private final Database journey;
        private final HttpLine line;
        private final List<Person> people = Person.Group.READ.people(WARM_UP + 2 * PROBES);
        private List<CustomerId> customers = List.of();

        Run(Workbench bench, StackProcess stack) throws SQLException {
            this.bench = bench;
            this.stack = stack;
            this.shop = new Shop(stack.gateway());
            int port = stack.port(Service.IDENTITY);
            this.identity = new ShopApi(URI.create("http://127.0.0.1:" + port));
            this.line = HttpLine.to(bench.vertx(), port);
            this.journey = new Database(stack.settings(), Service.JOURNEY);
        }

        void prepare() throws InterruptedException {
            bench.say("making %,d customers".formatted(people.size()));
            shop.introduce(people);
            customers = shop.customers(people);
            bench.say("warming up");
            probe(0, WARM_UP, new Latencies(), new Latencies());
        }

        List<Figure> loaded() throws InterruptedException {
            List<Person> crowd = Person.Group.INGESTED.people(IngestionBenchmark.CUSTOMERS);
            shop.introduce(crowd);
            List<HttpLine> lines =
                    HttpLine.several(bench.vertx(), stack.port(Service.IDENTITY), CONNECTIONS);
            List<Lane> lanes = HttpLine.lanes(lines, new TrackRequests("/v1/track", crowd));
            try (Background load =
                    new Background(go -> Load.open(lanes, INGESTED_A_SECOND, LONGEST_LOAD, go))) {
                List<Figure> figures = figures("under load", WARM_UP + PROBES);
                load.ended().withoutFailures("the other events");
                return figures;
            } finally {
                lines.forEach(HttpLine::close);
            }
        }

        List<Figure> figures(String when, int from) throws InterruptedException {
            Latencies read = new Latencies();
            Latencies copied = new Latencies();
            probe(from, PROBES, read, copied);
            return List.of(
                    Figure.millis("event to profile, %s, p50".formatted(when), read.percentile(50)),
                    Figure.millis("event to profile, %s, p99".formatted(when), read.percentile(99))
                            .atMost(MOST_MILLIS),
                    Figure.millis(
                            "event to journey's copy, %s, p50".formatted(when),
                            copied.percentile(50)),
                    Figure.millis(
                                    "event to journey's copy, %s, p99".formatted(when),
                                    copied.percentile(99))
                            .atMost(MOST_MILLIS));
        }

        private void probe(int from, int count, Latencies read, Latencies copied) {
            for (int i = from; i < from + count; i++) {
                String customer = customers.get(i).toString();
                String value = "probe-" + i;
                long began = System.nanoTime();
                send(people.get(i), value);
                CompletableFuture<Long> inProfile =
                        Watcher.until(
                                "the profile says what the event said",
                                () ->
                                        identity.get("/api/customers/" + customer)
                                                .path("traits")
                                                .path("probe")
                                                .asText()
                                                .equals(value));
                CompletableFuture<Long> inCopy =
                        Watcher.until(
                                "journey's copy says what the event said",
                                () -> journey.finds(COPY, customer, value));
                read.record(inProfile.join() - began);
                copied.record(inCopy.join() - began);
            }
        }

        /** Returns when it is accepted. */
        private void send(Person person, String value) {
            CompletableFuture<Integer> status = new CompletableFuture<>();
            line.send(
                    Http.request(
                            "POST",
                            "/v1/identify",
                            Http.SITE,
                            """
                            {"userId":"%s","traits":{"probe":"%s"}}\
                            """
                                    .formatted(person.user(), value)),
                    status::complete);
            if (status.join() != OK) {
                throw new IllegalStateException("answered with " + status.join());
            }
        }

        @Override
        public void close() throws SQLException {
            line.close();
            journey.close();
        }
    }
}
