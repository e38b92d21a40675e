package io.throughline.bench;

import io.throughline.local.Service;
import io.throughline.local.launcher.StackProcess;
import io.throughline.local.simulators.Simulators;
import io.throughline.local.simulators.Sms;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongFunction;

/**
 * From the sending of a customer's event by HTTP until {@code submit_sm} is at the SMSC, through
 * all four services.
 */
final class JourneyBenchmark implements Benchmark {

    private static final int WARM_UP = 200;
    private static final int WARM_UPS = 10;

    /** A round of warming up that gains less than this gains nothing. */
    private static final double GAIN = 0.9;

    private static final int ROUNDS_WITHOUT_GAIN = 2;
    private static final int PROBES = 500;
    private static final double PROBES_A_SECOND = 25;
    private static final int CAMPAIGN = 1_000;
    private static final double CAMPAIGN_A_SECOND = 50;
    private static final double INGESTED_A_SECOND = 300;
    private static final int CONNECTIONS = 8;
    private static final Duration BACKLOG_PATIENCE = Duration.ofSeconds(90);
    private static final Duration LAST_SMS = Duration.ofSeconds(30);

    private static final double MOST_MILLIS = 250;

    private static final String PROBE = "Bench Probe";
    private static final String LAUNCH = "Bench Campaign";

    @Override
    public String name() {
        return "journey";
    }

    @Override
    public String about() {
        return "from a customer's event to submit_sm at the SMSC, through all services";
    }

    @Override
    public List<Figure> run(Workbench bench) throws Exception {
        StackProcess stack = bench.stack();
        try (Broker broker = new Broker(stack.settings().kafka())) {
            Run run = new Run(bench, stack);
            run.prepare();
            bench.settled(broker, BACKLOG_PATIENCE);
            bench.say("%,.0f events a second on an idle stack".formatted(PROBES_A_SECOND));
            List<Figure> figures = new ArrayList<>(run.idle());
            bench.settled(broker, BACKLOG_PATIENCE);
            bench.say(
                    "the same while %,.0f customers a second enter a campaign and %,.0f other events come in"
                            .formatted(CAMPAIGN_A_SECOND, INGESTED_A_SECOND));
            figures.addAll(run.whileACampaignRuns());
            bench.settled(broker, BACKLOG_PATIENCE);
            return figures;
        }
    }

    private static final class Run {

        private static final int WARMING = WARM_UP * WARM_UPS;

        private final Workbench bench;
        private final StackProcess stack;
        private final Shop shop;
        private final Simulators outside;
        private final List<Person> probed = Person.Group.PROBED.people(WARMING + PROBES + PROBES);
        private final List<Person> campaign = Person.Group.CAMPAIGN.people(CAMPAIGN);

        Run(Workbench bench, StackProcess stack) {
            this.bench = bench;
            this.stack = stack;
            this.shop = new Shop(stack.gateway());
            this.outside = stack.simulators();
        }

        void prepare() throws Exception {
            bench.say(
                    "making %,d customers who opted in".formatted(probed.size() + campaign.size()));
            for (List<Person> people : List.of(probed, campaign)) {
                shop.introduce(people);
                shop.optIn(people);
            }
            shop.api().template("bench", List.of(Map.of("channel", "sms", "text", "Hello.")));
            activate("bench-probe", PROBE);
            activate("bench-campaign", LAUNCH);
            bench.say("warming up");
            Thread.sleep(Duration.ofSeconds(2));
            warmUp();
        }

        /** Until it does not get faster any more: the compilers are not what is measured. */
        private void warmUp() throws InterruptedException {
            double best = Double.MAX_VALUE;
            int withoutGain = 0;
            for (int i = 0; i < WARM_UPS && withoutGain < ROUNDS_WITHOUT_GAIN; i++) {
                double now = probe(probed.subList(i * WARM_UP, (i + 1) * WARM_UP)).percentile(50);
                withoutGain = now < best * GAIN ? 0 : withoutGain + 1;
                best = Math.min(best, now);
            }
        }

        private void activate(String key, String event) {
            shop.api()
                    .journey(
                            key,
                            """
                            journey: %s
                            category: marketing
                            entry: { on: %s }
                            steps:
                              - send: { channel: sms, template: bench }
                            """
                                    .formatted(key, event));
        }

        List<Figure> idle() throws InterruptedException {
            return figures("idle", probe(probed.subList(WARMING, WARMING + PROBES)));
        }

        List<Figure> whileACampaignRuns() throws InterruptedException {
            List<Person> crowd = Person.Group.INGESTED.people(IngestionBenchmark.CUSTOMERS);
            shop.introduce(crowd);
            Duration duration = Duration.ofMillis((long) (CAMPAIGN * 1000 / CAMPAIGN_A_SECOND));
            try (Background launched =
                            new Background(go ->
                                    send(
                                            CAMPAIGN_A_SECOND,
                                            duration,
                                            n -> event(campaign.get((int) n), LAUNCH)));
                    Background ingested =
                            new Background(go ->
                                    send(
                                            INGESTED_A_SECOND,
                                            duration,
                                            new TrackRequests("/v1/track", crowd)))) {
                List<Figure> figures =
                        figures(
                                "while a campaign runs",
                                probe(probed.subList(WARMING + PROBES, probed.size())));
                launched.ended().withoutFailures("the campaign's events");
                ingested.ended().withoutFailures("the other events");
                return figures;
            }
        }

        /** Sends each person's event and waits until each has got the message. */
        private Latencies probe(List<Person> people) throws InterruptedException {
            outside.clear();
            Map<String, Instant> sent = new ConcurrentHashMap<>();
            send(
                            PROBES_A_SECOND,
                            Duration.ofMillis((long) (people.size() * 1000 / PROBES_A_SECOND)),
                            n -> {
                                Person person = people.get((int) n);
                                Buffer request = event(person, PROBE);
                                sent.put(person.phone(), Instant.now());
                                return request;
                            })
                    .withoutFailures("the events that lead to a message");
            Map<String, Instant> received = received(sent.keySet());
            Latencies latencies = new Latencies();
            sent.forEach((phone, at) ->
                    latencies.record(Duration.between(at, received.get(phone)).toNanos()));
            return latencies;
        }

        private Map<String, Instant> received(Set<String> phones) throws InterruptedException {
            long end = System.nanoTime() + LAST_SMS.toNanos();
            while (System.nanoTime() < end) {
                Map<String, Instant> received = new HashMap<>();
                for (Sms sms : outside.sms()) {
                    String phone = sms.to().startsWith("+") ? sms.to() : "+" + sms.to();
                    received.put(phone, sms.receivedAt());
                }
                if (received.keySet().containsAll(phones)) {
                    return received;
                }
                Thread.sleep(500);
            }
            throw new IllegalStateException(
                    "not every event led to a message within %d s".formatted(LAST_SMS.toSeconds()));
        }

        private Outcome send(double perSecond, Duration duration, LongFunction<Buffer> requests)
                throws InterruptedException {
            List<HttpLine> lines =
                    HttpLine.several(bench.vertx(), stack.port(Service.IDENTITY), CONNECTIONS);
            try {
                return Load.open(HttpLine.lanes(lines, requests), perSecond, duration);
            } finally {
                lines.forEach(HttpLine::close);
            }
        }

        private static Buffer event(Person person, String name) {
            return Http.request(
                    "POST",
                    "/v1/track",
                    Http.SITE,
                    """
                    {"userId":"%s","event":"%s","properties":{"value":41.50,"currency":"EUR"}}\
                    """
                            .formatted(person.user(), name));
        }

        private static List<Figure> figures(String when, Latencies latencies) {
            return List.of(
                    Figure.millis(
                            "event to submit_sm, %s, p50".formatted(when),
                            latencies.percentile(50)),
                    Figure.millis(
                                    "event to submit_sm, %s, p99".formatted(when),
                                    latencies.percentile(99))
                            .atMost(MOST_MILLIS));
        }
    }
}
