package io.throughline.bench;

import io.throughline.bench.Series.Both;
import io.throughline.contracts.Topics;
import io.throughline.local.Service;
import io.throughline.local.infrastructure.Ports;
import io.throughline.local.infrastructure.Tethered;
import io.throughline.local.launcher.StackProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Events accepted, durable in Kafka before the answer, beside a bare endpoint that only produces
 * what it is sent.
 */
final class IngestionBenchmark implements Benchmark {

    static final int CONNECTIONS = 128;
    static final int CUSTOMERS = 2_000;

    private static final int ROUNDS = 6;
    private static final Duration ROUND = Duration.ofSeconds(4);
    private static final Duration WARM_UP_ROUND = Duration.ofSeconds(4);
    private static final int WARM_UP_ROUNDS = 12;
    private static final Duration TOGETHER = Duration.ofSeconds(10);
    private static final Duration START = Duration.ofMinutes(1);
    private static final Duration GRACE = Duration.ofSeconds(20);

    private static final double LEAST_RATIO = 0.7;

    private static final String BARE = "bench/bare-endpoint";
    private static final String BARE_TOPIC = "throughline.bench.bare";
    private static final String RESOLVING = "identity-events";

    @Override
    public String name() {
        return "ingestion";
    }

    @Override
    public String about() {
        return "events accepted and durable, beside a bare endpoint that only produces to Kafka";
    }

    @Override
    public List<Figure> run(Workbench bench) throws Exception {
        StackProcess stack = bench.stack();
        try (Broker broker = new Broker(stack.settings().kafka())) {
            return new Run(bench, stack, broker).figures();
        }
    }

    private static final class Run {

        private final Workbench bench;
        private final StackProcess stack;
        private final Broker broker;
        private final List<Person> crowd = Person.Group.INGESTED.people(CUSTOMERS);

        Run(Workbench bench, StackProcess stack, Broker broker) {
            this.bench = bench;
            this.stack = stack;
            this.broker = broker;
        }

        List<Figure> figures() throws Exception {
            bench.say("making %,d customers".formatted(CUSTOMERS));
            new Shop(stack.gateway()).introduce(crowd);
            bench.settled(broker, Duration.ofMinutes(1));
            broker.createTopic(BARE_TOPIC, broker.partitionsOf(Topics.EVENTS));

            int barePort = Ports.free();
            Tethered bare =
                    bench.started(stack.application(BARE, bareEnvironment(barePort)), GRACE);
            List<Figure> figures = new ArrayList<>();
            double limit = alone(barePort, bare, figures);
            bare.stop(GRACE);
            together(limit, figures);
            return figures;
        }

        /** Acceptance with nothing behind it, and the bare endpoint, in turn. */
        private double alone(int barePort, Tethered bare, List<Figure> figures) throws Exception {
            bench.say("starting identity with only its door open, and the bare endpoint");
            stack.hold(Service.IDENTITY);
            Tethered door =
                    bench.started(
                            stack.application(Service.IDENTITY.module(), doorEnvironment()), GRACE);
            int doorPort = stack.port(Service.IDENTITY);
            awaitReady(door, "GET", doorPort, "/q/health/ready");
            awaitReady(bare, "POST", barePort, "/bare");
            new Shop(URI.create("http://127.0.0.1:" + doorPort)).introduce(crowd);

            List<HttpLine> toDoor = HttpLine.several(bench.vertx(), doorPort, CONNECTIONS);
            List<HttpLine> toBare = HttpLine.several(bench.vertx(), barePort, CONNECTIONS);
            List<Lane> accepting = HttpLine.lanes(toDoor, new TrackRequests("/v1/track", crowd));
            List<Lane> producing = HttpLine.lanes(toBare, new TrackRequests("/bare", crowd));

            bench.say("warming up");
            Series.warmUp(WARM_UP_ROUNDS, () -> Load.closed(accepting, WARM_UP_ROUND));
            Series.warmUp(WARM_UP_ROUNDS, () -> Load.closed(producing, WARM_UP_ROUND));
            bench.say("%d rounds of %d s each".formatted(ROUNDS, ROUND.toSeconds()));
            Processor doorsProcessor = new Processor(List.of(door.handle()));
            Processor baresProcessor = new Processor(List.of(bare.handle()));
            Both both =
                    Series.alternating(
                            ROUNDS,
                            () -> {},
                            () ->
                                    doorsProcessor.during(() ->
                                            Load.closed(accepting, ROUND)
                                                    .withoutFailures("acceptance")),
                            () ->
                                    baresProcessor.during(() ->
                                            Load.closed(producing, ROUND)
                                                    .withoutFailures("the bare endpoint")));
            toDoor.forEach(HttpLine::close);
            toBare.forEach(HttpLine::close);
            door.stop(GRACE);

            figures.add(
                    Figure.perSecond(
                                    "events accepted, nothing behind the log, %d connections"
                                            .formatted(CONNECTIONS),
                                    both.ours().perSecond())
                            .beside(both.limit().perSecond())
                            .ratioAtLeast(LEAST_RATIO));
            figures.add(
                    Figure.millis("p50 of these", both.ours().percentile(50))
                            .beside(both.limit().percentile(50)));
            figures.add(
                    Figure.millis("p99 of these", both.ours().percentile(99))
                            .beside(both.limit().percentile(99)));
            figures.add(
                    Figure.of(
                                    "processor time of the process for each",
                                    doorsProcessor.microsecondsEach(),
                                    "us")
                            .beside(baresProcessor.microsecondsEach()));
            return both.limit().perSecond();
        }

        /** As a user has it on one machine: all four services work on what is accepted. */
        private void together(double limit, List<Figure> figures) throws Exception {
            bench.say("the same with resolution and all other services at work");
            broker.skip(RESOLVING);
            stack.release(Service.IDENTITY);
            int port = stack.port(Service.IDENTITY);
            new Shop(URI.create("http://127.0.0.1:" + port)).introduce(crowd);
            List<HttpLine> lines = HttpLine.several(bench.vertx(), port, CONNECTIONS);
            List<Lane> accepting = HttpLine.lanes(lines, new TrackRequests("/v1/track", crowd));
            Series.warmUp(WARM_UP_ROUNDS, () -> Load.closed(accepting, WARM_UP_ROUND));
            long before = broker.read(RESOLVING);
            Outcome outcome = Load.closed(accepting, TOGETHER).withoutFailures("acceptance");
            double resolved = (broker.read(RESOLVING) - before) / (outcome.took().toNanos() / 1e9);
            lines.forEach(HttpLine::close);
            figures.add(
                    Figure.perSecond(
                                    "events accepted while all services work on them",
                                    outcome.perSecond())
                            .beside(limit));
            figures.add(Figure.millis("p50 of these", outcome.latencies().percentile(50)));
            figures.add(Figure.millis("p99 of these", outcome.latencies().percentile(99)));
            figures.add(Figure.perSecond("events resolved meanwhile", resolved));
        }

        private Map<String, String> bareEnvironment(int port) {
            return Map.of(
                    "QUARKUS_HTTP_PORT", Integer.toString(port),
                    "KAFKA_BOOTSTRAP_SERVERS", stack.settings().kafka());
        }

        /** An instance that takes events in and leaves their resolution to others. */
        private Map<String, String> doorEnvironment() {
            Map<String, String> environment = new HashMap<>(stack.environment(Service.IDENTITY));
            environment.put("MP_MESSAGING_INCOMING_EVENTS_ENABLED", "false");
            environment.put("MP_MESSAGING_INCOMING_CATALOGUE_ENABLED", "false");
            return environment;
        }
    }

    private static void awaitReady(Tethered process, String method, int port, String path)
            throws InterruptedException {
        HttpClient http = HttpClient.newHttpClient();
        HttpRequest request =
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                        .timeout(Duration.ofSeconds(5))
                        .method(method, BodyPublishers.noBody())
                        .build();
        long end = System.nanoTime() + START.toNanos();
        while (process.isAlive() && System.nanoTime() < end) {
            try {
                if (http.send(request, BodyHandlers.discarding()).statusCode() == 200) {
                    return;
                }
            } catch (IOException notYet) {
                // It is asked again.
            }
            Thread.sleep(100);
        }
        throw new IllegalStateException("not ready: " + path + " on " + port);
    }
}
