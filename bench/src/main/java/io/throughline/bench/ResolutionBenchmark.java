package io.throughline.bench;

import io.throughline.contracts.Envelope;
import io.throughline.contracts.Identifier;
import io.throughline.contracts.Topics;
import io.throughline.contracts.ingest.AcceptedEvent;
import io.throughline.contracts.ingest.AcceptedEvent.Kind;
import io.throughline.contracts.json.EventCodec;
import io.throughline.local.Service;
import io.throughline.local.launcher.StackProcess;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Accepted events in the log until all of them are applied: most are of somebody known, some bring
 * a new device and a few make one customer of two; with few customers and with many.
 */
final class ResolutionBenchmark implements Benchmark {

    /** As many as asked for: more take longer to be put there than to be measured. */
    static final int MANY = Workbench.customersAskedFor().orElse(1_000_000);

    private static final int FEW = 10_000;
    private static final int ROUNDS = 5;
    private static final int A_ROUND = 6_000;
    private static final int WARM_UP_ROUNDS = 8;

    /** Of twenty events so many bring a new device, and so many merge; the rest is known. */
    private static final int OF = 20;

    private static final int NEW = 3;
    private static final int MERGES = 1;

    /** Visitors without a name, of whom each is merged once. */
    private static final int VISITORS = (ROUNDS + WARM_UP_ROUNDS) * 2 * A_ROUND / OF * MERGES + OF;

    private static final Duration SETTLED = Duration.ofSeconds(60);
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final long LOOK_AGAIN_MILLIS = 50;
    private static final double LEAST_RATIO = 0.8;
    private static final String RESOLVING = "identity-events";

    /** A prime, so that all customers come in turn, and none near the last. */
    private static final long STRIDE = 7_919_083;

    /** Who else would take the processors, and as whom each reads what identity tells. */
    private static final Map<Service, String> OTHERS =
            Map.of(
                    Service.JOURNEY, "throughline-journey",
                    Service.CHANNEL, "channel-customers",
                    Service.ATTRIBUTION, "throughline-attribution");

    private static final String APPLIED = "SELECT count(*) FROM accepted_messages WHERE source = ?";

    @Override
    public String name() {
        return "resolution";
    }

    @Override
    public String about() {
        return "a mixed stream of events until it is applied, with few customers and with many";
    }

    @Override
    public List<Figure> run(Workbench bench) throws Exception {
        StackProcess stack = bench.stack();
        try (Broker broker = new Broker(stack.settings().kafka());
                Run run = new Run(bench, stack)) {
            alone(stack, broker);
            List<Figure> figures = run.figures(broker);
            together(stack, broker);
            return figures;
        }
    }

    /** What waits from before is left out, and no other service works meanwhile. */
    private static void alone(StackProcess stack, Broker broker)
            throws ExecutionException, InterruptedException {
        each(List.of(Service.values()), stack::hold);
        broker.skip(RESOLVING);
        stack.release(Service.IDENTITY);
    }

    /** The others go on, without what came meanwhile. */
    private static void together(StackProcess stack, Broker broker)
            throws ExecutionException, InterruptedException {
        for (String group : OTHERS.values()) {
            broker.skip(group);
        }
        each(List.copyOf(OTHERS.keySet()), stack::release);
    }

    /** At the same time: an orderly end takes each of them some seconds. */
    private static void each(List<Service> services, Consumer<Service> work)
            throws InterruptedException {
        Shop.forAll(
                services,
                service -> {
                    work.accept(service);
                    return service;
                });
    }

    /** Whom the n-th event is about. */
    static long nth(long n, long customers) {
        return n * STRIDE % customers;
    }

    private static final class Run implements AutoCloseable {

        private final Workbench bench;
        private final Database identity;
        private final KafkaProducer<String, byte[]> producer;
        private final EventCodec codec = new EventCodec();
        private long devices;
        private long visitors;
        private long begun;
        private int rounds;

        Run(Workbench bench, StackProcess stack) throws SQLException {
            this.bench = bench;
            this.identity = new Database(stack.settings(), Service.IDENTITY);
            this.producer =
                    new KafkaProducer<>(
                            Map.of(
                                    ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                                    stack.settings().kafka(),
                                    ProducerConfig.COMPRESSION_TYPE_CONFIG,
                                    "lz4",
                                    ProducerConfig.LINGER_MS_CONFIG,
                                    1),
                            new StringSerializer(),
                            new ByteArraySerializer());
        }

        List<Figure> figures(Broker broker) throws Exception {
            Seed seed = new Seed(bench);
            seed.upTo(FEW);
            bench.say("making %,d visitors without a name".formatted(VISITORS));
            apply(LongStream.range(0, VISITORS).mapToObj(Run::visit).toList());
            bench.say("warming up");
            Series.warmUp(WARM_UP_ROUNDS, () -> round(FEW));
            bench.say("%d rounds with %,d customers".formatted(ROUNDS, FEW));
            Series few = rounds(broker, FEW);
            double bytes = seed.upTo(MANY);
            // The tables do not fit into what PostgreSQL had in memory, so it is begun anew.
            round(MANY);
            bench.say("%d rounds with %,d customers".formatted(ROUNDS, MANY));
            Series many = rounds(broker, MANY);
            List<Figure> figures = new ArrayList<>();
            figures.add(
                    Figure.perSecond(
                            "events resolved with %,d customers".formatted(FEW), few.perSecond()));
            figures.add(
                    Figure.perSecond(
                                    "the same with %,d, beside %,d".formatted(MANY, FEW),
                                    many.perSecond())
                            .beside(few.perSecond())
                            .ratioAtLeast(LEAST_RATIO));
            if (bytes > 0) {
                figures.add(
                        Figure.of(
                                "a customer of three identifiers in PostgreSQL, with indexes",
                                bytes,
                                "B"));
            }
            return figures;
        }

        private Series rounds(Broker broker, int customers) throws Exception {
            bench.settledOf(broker, RESOLVING, SETTLED);
            List<Outcome> outcomes = new ArrayList<>();
            for (int i = 0; i < ROUNDS; i++) {
                outcomes.add(round(customers));
            }
            return new Series(outcomes);
        }

        private Outcome round(int customers) throws InterruptedException {
            return apply(
                    LongStream.range(0, A_ROUND).mapToObj(ignored -> event(customers)).toList());
        }

        private record Said(Kind kind, List<Identifier> identifiers) {}

        private static Said visit(long n) {
            return new Said(Kind.PAGE, List.of(visitor(n)));
        }

        private Said event(int customers) {
            long n = begun++;
            long customer = nth(n, customers);
            // Another one each time all have had their turn, or the same would become large.
            int which = (int) ((n + n / customers) % OF);
            if (which < MERGES) {
                return new Said(Kind.IDENTIFY, List.of(Seed.user(customer), visitor(visitors++)));
            }
            if (which < MERGES + NEW) {
                return new Said(
                        Kind.PAGE,
                        List.of(
                                Seed.user(customer),
                                new Identifier("anonymous_id", "bench-new-device-" + devices++)));
            }
            return new Said(Kind.TRACK, Seed.identifiers(customer));
        }

        private static Identifier visitor(long n) {
            return new Identifier("anonymous_id", "bench-visitor-" + n);
        }

        /** Puts them into the log and waits until all are applied. */
        private Outcome apply(List<Said> events) throws InterruptedException {
            String source = "bench-" + rounds++;
            Latencies counted = new Latencies();
            List<ProducerRecord<String, byte[]>> records = new ArrayList<>(events.size());
            for (int i = 0; i < events.size(); i++) {
                records.add(record(events.get(i), source, i));
                counted.record(0);
            }
            long began = System.nanoTime();
            List<Future<RecordMetadata>> written = records.stream().map(producer::send).toList();
            producer.flush();
            if (written.stream().anyMatch(record -> record.state() != Future.State.SUCCESS)) {
                throw new IllegalStateException("the log did not take every event");
            }
            awaitApplied(source, events.size());
            return new Outcome(Duration.ofNanos(System.nanoTime() - began), counted, 0);
        }

        private void awaitApplied(String source, int count) throws InterruptedException {
            long end = System.nanoTime() + PATIENCE.toNanos();
            while (applied(source) < count) {
                if (System.nanoTime() > end) {
                    throw new IllegalStateException(
                            "%d of %d events are applied after %d s"
                                    .formatted(applied(source), count, PATIENCE.toSeconds()));
                }
                Thread.sleep(LOOK_AGAIN_MILLIS);
            }
        }

        private long applied(String source) {
            try {
                return identity.number(APPLIED, source);
            } catch (SQLException refused) {
                throw new IllegalStateException("identity's tables cannot be read", refused);
            }
        }

        private ProducerRecord<String, byte[]> record(Said said, String source, int n) {
            Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
            AcceptedEvent event =
                    new AcceptedEvent(
                            source + "-" + n,
                            source,
                            said.kind(),
                            "Product Viewed",
                            said.identifiers(),
                            Map.of("product_id", "88213", "price", 41.5, "currency", "EUR"),
                            Map.of(),
                            Map.of("ip", "203.0.113.7"),
                            now,
                            now,
                            null,
                            null);
            ProducerRecord<String, byte[]> record =
                    new ProducerRecord<>(Topics.EVENTS, event.partitionKey(), codec.value(event));
            codec.headers(new Envelope<>(UUID.randomUUID(), "/throughline/bench", now, event))
                    .forEach((name, value) ->
                            record.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
            return record;
        }

        @Override
        public void close() throws SQLException {
            producer.close(Duration.ofSeconds(2));
            identity.close();
        }
    }
}
