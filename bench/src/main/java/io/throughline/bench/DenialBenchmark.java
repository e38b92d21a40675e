package io.throughline.bench;

import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.governance.ConsentWrite;
import io.throughline.governance.CustomerHistory;
import io.throughline.governance.GateAnswer;
import io.throughline.governance.GateRequest;
import io.throughline.governance.redis.RedisGate;
import io.throughline.local.Service;
import io.throughline.local.launcher.StackProcess;
import io.vertx.core.Context;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * From the sending of an opt-out or a conversion until the gate denies in another process, which is
 * this one, and until the sender has its answer.
 */
final class DenialBenchmark implements Benchmark {

    private static final int WARM_UP_ROUND = 500;
    private static final int WARM_UP_ROUNDS = 8;

    /** A round of warming up that gains less than this gains nothing. */
    private static final double GAIN = 0.05;

    private static final int IDLE = 3_000;
    private static final int LEASED = 30;
    private static final int LOADED = 3_000;
    private static final Duration LONGEST_PART = Duration.ofSeconds(45);
    private static final Duration LOAD_WARM_UP = Duration.ofSeconds(8);
    private static final Duration BACKLOG_PATIENCE = Duration.ofSeconds(90);
    private static final int TRIES_OF_RULES = 100;
    private static final int HYDRATED_AT_ONCE = 100;
    private static final int OK = 200;
    private static final int TRY_AGAIN = 503;
    private static final long BETWEEN_SAMPLES_MILLIS = 2;
    private static final long ANSWER_SECONDS = 20;

    private static final double MOST_IDLE_MILLIS = 10;
    private static final double MOST_LOADED_MILLIS = 50;

    private static final String JOURNEY = "bench-denial";

    private final Denial denial;

    DenialBenchmark(Denial denial) {
        this.denial = denial;
    }

    @Override
    public String name() {
        return denial.word();
    }

    @Override
    public String about() {
        return "from the sending of %s until another process is denied, and until the answer"
                .formatted(denial == Denial.OPT_OUT ? "an opt-out" : "a conversion");
    }

    @Override
    public List<Figure> run(Workbench bench) throws Exception {
        StackProcess stack = bench.stack();
        try (Broker broker = new Broker(stack.settings().kafka());
                Run run = new Run(bench, stack)) {
            run.prepare();
            bench.settled(broker, BACKLOG_PATIENCE);
            bench.say("one after the other, on an idle stack");
            List<Figure> figures = new ArrayList<>(run.measured("idle", IDLE, MOST_IDLE_MILLIS));
            figures.add(run.leased());
            figures.addAll(run.loaded());
            bench.settled(broker, BACKLOG_PATIENCE);
            return figures;
        }
    }

    /**
     * A customer at the gate.
     *
     * @param message one that would be allowed before
     */
    private record Subject(Person person, GateRequest message) {}

    /** Both in nanoseconds from the sending. */
    private record Sample(long denied, long acknowledged) {}

    private final class Run implements AutoCloseable {

        private final Workbench bench;
        private final StackProcess stack;
        private final Shop shop;
        private final RedisGate gate;
        private final Context watching;
        private final HttpLine line;
        private final ContactPolicy policy = ContactPolicy.initial();
        private final Deque<Subject> subjects = new ArrayDeque<>();
        private final AtomicInteger triedAgain = new AtomicInteger();

        Run(Workbench bench, StackProcess stack) {
            this.bench = bench;
            this.stack = stack;
            this.shop = new Shop(stack.gateway());
            this.gate = bench.gate(bench.client(stack.settings().redis()));
            this.watching = bench.vertx().getOrCreateContext();
            this.line = HttpLine.to(bench.vertx(), stack.port(Service.IDENTITY));
        }

        void prepare() throws InterruptedException {
            List<Person> people =
                    denial.people()
                            .people(
                                    WARM_UP_ROUND * WARM_UP_ROUNDS
                                            + IDLE
                                            + LEASED
                                            + LOADED
                                            + TRIES_OF_RULES);
            bench.say("making %,d customers".formatted(people.size()));
            shop.introduce(people);
            List<CustomerId> customers = shop.customers(people);
            for (int i = 0; i < people.size(); i++) {
                Subject subject =
                        new Subject(people.get(i), message(customers.get(i), people.get(i)));
                subjects.add(subject);
            }
            for (int from = 0; from < customers.size(); from += HYDRATED_AT_ONCE) {
                hydrate(
                        customers.subList(
                                from, Math.min(customers.size(), from + HYDRATED_AT_ONCE)));
            }
            shop.api().template(JOURNEY, List.of(Map.of("channel", "sms", "text", "Still there?")));
            shop.api()
                    .journey(
                            JOURNEY,
                            """
                            journey: %s
                            category: marketing
                            entry: { on: Never Happens }
                            goal: { on: %s, within: P3D, value: event.properties.total, silence: P2D }
                            steps:
                              - send: { channel: sms, template: %s }
                            """
                                    .formatted(JOURNEY, Denial.ORDER, JOURNEY));
            bench.say("warming up");
            awaitRules();
            warmUp();
        }

        /** Until a round is not faster than the one before. */
        private void warmUp() {
            double before = Double.MAX_VALUE;
            for (int round = 0; round < WARM_UP_ROUNDS; round++) {
                Latencies denied = new Latencies();
                for (int i = 0; i < WARM_UP_ROUND; i++) {
                    denied.record(sample(line, subjects.remove()).denied());
                }
                double median = denied.percentile(50);
                if (median > before * (1 - GAIN)) {
                    return;
                }
                before = median;
            }
        }

        private void hydrate(List<CustomerId> customers) {
            Population.await(
                    gate.hydrate(customers.stream().flatMap(c -> histories(c).stream()).toList()));
        }

        /** What is a conversion comes to identity a moment after the journey was activated. */
        private void awaitRules() throws InterruptedException {
            for (int i = 0; i < TRIES_OF_RULES; i++) {
                Subject subject = subjects.remove();
                CompletableFuture<Integer> status = new CompletableFuture<>();
                line.send(denial.request(subject.person()), status::complete);
                status.join();
                if (isDenied(answer(subject))) {
                    return;
                }
                Thread.sleep(100);
            }
            throw new IllegalStateException("what was to deny does not");
        }

        List<Figure> measured(String when, int count, double most) throws InterruptedException {
            Latencies denied = new Latencies();
            Latencies acknowledged = new Latencies();
            long end = System.nanoTime() + LONGEST_PART.toNanos();
            for (int i = 0; i < count && System.nanoTime() < end; i++) {
                Sample sample = sample(line, subjects.remove());
                denied.record(sample.denied());
                acknowledged.record(sample.acknowledged());
                Thread.sleep(BETWEEN_SAMPLES_MILLIS);
            }
            bench.say(
                    "%,d samples; %d requests had to be sent again"
                            .formatted(denied.count(), triedAgain.getAndSet(0)));
            return List.of(
                    Figure.millis(
                            "denied elsewhere, %s, p50".formatted(when), denied.percentile(50)),
                    Figure.millis(
                                    "denied elsewhere, %s, p99".formatted(when),
                                    denied.percentile(99))
                            .atMost(most),
                    Figure.millis(
                            "denied elsewhere, %s, p99.9".formatted(when), denied.percentile(99.9)),
                    Figure.millis("answered, %s, p50".formatted(when), acknowledged.percentile(50)),
                    Figure.millis("answered, %s, p99".formatted(when), acknowledged.percentile(99)),
                    Figure.millis(
                            "answered, %s, p99.9".formatted(when), acknowledged.percentile(99.9)));
        }

        /** A message that was just allowed must be over before the answer may come. */
        Figure leased() throws InterruptedException {
            List<CompletableFuture<Sample>> samples = new ArrayList<>();
            List<HttpLine> lines =
                    HttpLine.several(bench.vertx(), stack.port(Service.IDENTITY), LEASED);
            for (HttpLine each : lines) {
                Subject subject = subjects.remove();
                Population.await(gate.reserve(List.of(subject.message()), policy));
                samples.add(begin(each, subject));
            }
            Latencies acknowledged = new Latencies();
            samples.forEach(sample -> acknowledged.record(joined(sample).acknowledged()));
            lines.forEach(HttpLine::close);
            return Figure.millis(
                    "answered while a message is being handed over, p50",
                    acknowledged.percentile(50));
        }

        List<Figure> loaded() throws InterruptedException {
            List<Person> crowd = Person.Group.INGESTED.people(IngestionBenchmark.CUSTOMERS);
            shop.introduce(crowd);
            List<HttpLine> lines =
                    HttpLine.several(
                            bench.vertx(),
                            stack.port(Service.IDENTITY),
                            IngestionBenchmark.CONNECTIONS);
            bench.say("the same while events come in as fast as they are taken");
            List<Lane> lanes = HttpLine.lanes(lines, new TrackRequests("/v1/track", crowd));
            try (Background load =
                    new Background(go -> Load.closed(lanes, n -> go.getAsBoolean()))) {
                Thread.sleep(LOAD_WARM_UP);
                List<Figure> figures =
                        new ArrayList<>(measured("under load", LOADED, MOST_LOADED_MILLIS));
                figures.add(Figure.perSecond("events taken meanwhile", load.ended().perSecond()));
                return figures;
            } finally {
                lines.forEach(HttpLine::close);
            }
        }

        private Sample sample(HttpLine over, Subject subject) {
            return joined(begin(over, subject));
        }

        private CompletableFuture<Sample> begin(HttpLine over, Subject subject) {
            CompletableFuture<Long> acknowledged = new CompletableFuture<>();
            CompletableFuture<Long> denied = new CompletableFuture<>();
            long began = System.nanoTime();
            send(over, subject, began, acknowledged);
            watching.runOnContext(ignored -> watch(subject, began, denied));
            return denied.thenCombine(acknowledged, Sample::new)
                    .orTimeout(ANSWER_SECONDS, TimeUnit.SECONDS);
        }

        /** As a sender does, once more when told to; the time runs on from the first sending. */
        private void send(
                HttpLine over, Subject subject, long began, CompletableFuture<Long> acknowledged) {
            over.send(
                    denial.request(subject.person()),
                    status -> {
                        switch (status) {
                            case OK -> acknowledged.complete(System.nanoTime() - began);
                            case TRY_AGAIN -> {
                                triedAgain.incrementAndGet();
                                send(over, subject, began, acknowledged);
                            }
                            default ->
                                    acknowledged.completeExceptionally(
                                            new IllegalStateException("answered with " + status));
                        }
                    });
        }

        /** Asks until it is denied. */
        private void watch(Subject subject, long began, CompletableFuture<Long> denied) {
            gate.peek(List.of(subject.message()), policy)
                    .subscribe()
                    .with(
                            answers -> {
                                if (isDenied(answers.getFirst())) {
                                    denied.complete(System.nanoTime() - began);
                                } else if (answers.getFirst() instanceof GateAnswer.Allowed) {
                                    watch(subject, began, denied);
                                } else {
                                    denied.completeExceptionally(
                                            new IllegalStateException(
                                                    "denied for another reason: " + answers));
                                }
                            },
                            denied::completeExceptionally);
        }

        private GateAnswer answer(Subject subject) {
            return Population.await(gate.peek(List.of(subject.message()), policy)).getFirst();
        }

        private boolean isDenied(GateAnswer answer) {
            return answer instanceof GateAnswer.Denied denied && denied.reason() == denial.reason();
        }

        @Override
        public void close() {
            line.close();
        }
    }

    private static Sample joined(CompletableFuture<Sample> sample) {
        try {
            return sample.join();
        } catch (CompletionException failed) {
            throw new IllegalStateException("a sample came to nothing", failed.getCause());
        }
    }

    private static GateRequest message(CustomerId customer, Person person) {
        return new GateRequest(
                customer,
                new MessageId(UUID.randomUUID()),
                Channel.SMS,
                Category.MARKETING,
                null,
                JOURNEY,
                person.phone());
    }

    /** What the channel service would tell the gate before the first message to this customer. */
    private static List<CustomerHistory> histories(CustomerId customer) {
        ConsentWrite optIn =
                new ConsentWrite(
                        customer,
                        null,
                        Channel.SMS,
                        null,
                        ConsentState.OPTED_IN,
                        Instant.now().minus(Duration.ofDays(30)));
        return List.of(
                new CustomerHistory.Permissions(
                        customer, List.of(optIn), List.of(), null, List.of()),
                new CustomerHistory.Contacts(customer, List.of()));
    }
}
