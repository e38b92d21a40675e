package io.throughline.bench;

import io.throughline.bench.Series.Both;
import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.contracts.policy.ContactPolicy.Cap;
import io.throughline.contracts.policy.ContactPolicy.QuietHours;
import io.throughline.contracts.policy.ContactPolicy.Scope;
import io.throughline.governance.GateAnswer;
import io.throughline.governance.GateRequest;
import io.throughline.governance.redis.RedisGate;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Request;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/**
 * A decision of the contact gate, {@code reserve} from Java to Redis and back, beside a script that
 * runs the same commands and decides nothing.
 */
final class GateBenchmark implements Benchmark {

    private static final int CONCURRENCY = 64;
    private static final int ROUNDS = 7;
    private static final int FEW = 10_000;
    private static final int MANY = 1_000_000;

    /** More still, where asked for: ten million take some 6 GB of memory. */
    private static final Optional<Integer> MORE =
            Workbench.customersAskedFor().filter(more -> more > MANY);

    /** Without a factor in common with any of these, so that it leads to each of them once. */
    private static final long STRIDE = 7_368_787;

    private static final int CONTACTS = 10;
    private static final int WARM_UP_ROUND = 40_000;
    private static final int WARM_UP_ROUNDS = 12;

    /** Each of the few is asked about twice a round, and is as at first in the next. */
    private static final int A_ROUND = 2 * FEW;

    private static final int HALF_LOAD_CUSTOMERS = 200_000;
    private static final Duration HALF_LOAD = Duration.ofSeconds(4);
    private static final int HALF_LOAD_ROUNDS = 3;

    private static final List<ZoneId> ZONES =
            ZoneId.getAvailableZoneIds().stream()
                    .filter(zone -> zone.startsWith("Europe/"))
                    .sorted()
                    .limit(40)
                    .map(ZoneId::of)
                    .toList();

    private static final double MOST_ROUND_TRIPS = 1.01;
    private static final double LEAST_RATIO = 0.8;
    private static final double MOST_MILLIS = 1;
    private static final double MOST_BYTES = 500;

    /** TIME, GET, SET: the value is read and written as it is. */
    private static final String SAME_COMMANDS =
            """
            redis.call('TIME')
            redis.call('SET', KEYS[1], redis.call('GET', KEYS[1]), 'PX', ARGV[1])
            return 1
            """;

    private static final String TTL = Long.toString(Duration.ofDays(30).toMillis());

    /** Addresses about whom nobody said anything. */
    private static final List<String> ADDRESSES =
            IntStream.range(0, 1_000).mapToObj("+346001%05d"::formatted).toList();

    @Override
    public String name() {
        return "gate";
    }

    @Override
    public String about() {
        return "a decision of the contact gate, beside plain Redis with the same commands";
    }

    @Override
    public List<Figure> run(Workbench bench) throws InterruptedException {
        return new Run(bench, bench.client(bench.redis().url())).figures();
    }

    /** One run with its parts. */
    private static final class Run {

        private final Workbench bench;
        private final Redis redis;
        private final RedisGate gate;
        private final Population population;
        private final ContactPolicy policy = policy();
        private final AtomicLong messages = new AtomicLong();

        Run(Workbench bench, Redis redis) {
            this.bench = bench;
            this.redis = redis;
            this.gate = bench.gate(redis);
            this.population = new Population(redis, gate);
        }

        List<Figure> figures() throws InterruptedException {
            List<Figure> figures = new ArrayList<>(bytes());
            warmUp();
            bench.say("%d rounds with %,d customers".formatted(ROUNDS, FEW));
            Processor ours = processor();
            Processor limits = processor();
            population.forgetStatistics();
            Both few =
                    Series.alternating(
                            ROUNDS,
                            () -> population.fill(FEW, CONTACTS),
                            () -> ours.during(() -> closed(reserving(FEW), A_ROUND)),
                            () -> limits.during(() -> closed(sameCommands(FEW), A_ROUND)));
            double within = population.microsecondsOf("fcall");
            double withinLimit = population.microsecondsOf("evalsha");
            figures.add(
                    Figure.perSecond(
                                    "decisions, %d at once".formatted(CONCURRENCY),
                                    few.ours().perSecond())
                            .beside(few.limit().perSecond())
                            .ratioAtLeast(LEAST_RATIO));
            figures.add(
                    Figure.millis("p99 of these", few.ours().percentile(99))
                            .beside(few.limit().percentile(99)));
            figures.add(
                    Figure.of(
                                    "processor time for each, caller and Redis",
                                    ours.microsecondsEach(),
                                    "us")
                            .beside(limits.microsecondsEach()));
            figures.add(Figure.of("time within Redis for each", within, "us").beside(withinLimit));
            figures.add(halfLoad(few.ours().perSecond() / 2));
            figures.addAll(many(few, MANY));
            if (MORE.isPresent()) {
                figures.addAll(many(few, MORE.orElseThrow()));
            }
            figures.add(roundTrips());
            return figures;
        }

        /** Of customers in zones of their own, of which this process knows nothing. */
        private Figure roundTrips() throws InterruptedException {
            bench.say("customers in %d zones".formatted(ZONES.size()));
            population.fill(HALF_LOAD_CUSTOMERS, CONTACTS, ZONES);
            population.forgetStatistics();
            closed(reserving(HALF_LOAD_CUSTOMERS), A_ROUND);
            return Figure.of(
                            "round trips a decision, customers of %d zones".formatted(ZONES.size()),
                            population.callsOf("fcall") / A_ROUND,
                            "")
                    .atMost(MOST_ROUND_TRIPS);
        }

        private Processor processor() {
            return new Processor(
                    List.of(ProcessHandle.current(), bench.redis().process().handle()));
        }

        private List<Figure> bytes() {
            List<Figure> figures = new ArrayList<>();
            for (int contacts : List.of(0, CONTACTS, 50)) {
                population.fill(1, contacts);
                Figure figure =
                        Figure.of(
                                "memory of a customer with %d contacts".formatted(contacts),
                                (double) population.bytesOfOne(),
                                "B");
                figures.add(contacts == CONTACTS ? figure.atMost(MOST_BYTES) : figure);
            }
            population.fill(1, CONTACTS - 1);
            Population.await(gate.reserve(List.of(request(0)), policy));
            figures.add(
                    Figure.of(
                            "the same with %d, one of them being handed over".formatted(CONTACTS),
                            (double) population.bytesOfOne(),
                            "B"));
            return figures;
        }

        private void warmUp() throws InterruptedException {
            bench.say("warming up");
            Series.warmUp(
                    WARM_UP_ROUNDS,
                    () -> {
                        population.fill(HALF_LOAD_CUSTOMERS, CONTACTS);
                        return closed(reserving(HALF_LOAD_CUSTOMERS), WARM_UP_ROUND);
                    });
            Series.warmUp(
                    WARM_UP_ROUNDS, () -> closed(sameCommands(HALF_LOAD_CUSTOMERS), WARM_UP_ROUND));
        }

        private Figure halfLoad(double perSecond) throws InterruptedException {
            bench.say("half of that load at a steady rate");
            Both half =
                    Series.alternating(
                            HALF_LOAD_ROUNDS,
                            () -> population.fill(HALF_LOAD_CUSTOMERS, CONTACTS),
                            () -> steady(reserving(HALF_LOAD_CUSTOMERS), perSecond),
                            () -> steady(sameCommands(HALF_LOAD_CUSTOMERS), perSecond));
            return Figure.millis(
                            "p99 at half of that load, %,.0f /s".formatted(perSecond),
                            half.ours().percentile(99))
                    .beside(half.limit().percentile(99))
                    .atMost(MOST_MILLIS);
        }

        /** What grows with the number of customers would show here. */
        private List<Figure> many(Both few, int customers) throws InterruptedException {
            population.fill(1, CONTACTS);
            long before = population.bytesOfAll();
            bench.say("putting %,d customers there".formatted(customers));
            population.fill(customers, CONTACTS, so -> bench.say("%,d are there".formatted(so)));
            double bytes = (double) (population.bytesOfAll() - before) / customers;
            bench.say("%d rounds with %,d customers".formatted(ROUNDS, customers));
            Both many =
                    Series.alternating(
                            ROUNDS,
                            () -> {},
                            () -> closed(reserving(customers), A_ROUND),
                            () -> closed(sameCommands(customers), A_ROUND));
            return List.of(
                    Figure.perSecond(
                                    "decisions with %,d customers, beside %,d"
                                            .formatted(customers, FEW),
                                    many.ours().perSecond())
                            .beside(few.ours().perSecond()),
                    Figure.perSecond(
                                    "the same commands with %,d, likewise".formatted(customers),
                                    many.limit().perSecond())
                            .beside(few.limit().perSecond()),
                    Figure.of(
                            "all that Redis takes for one of %,d".formatted(customers),
                            bytes,
                            "B"));
        }

        private Outcome closed(Lane.Operation operation, int total) throws InterruptedException {
            return Load.closed(Lane.of(bench.vertx(), CONCURRENCY, operation), total)
                    .withoutFailures("not every decision was an allowed one");
        }

        private Outcome steady(Lane.Operation operation, double perSecond)
                throws InterruptedException {
            return Load.open(Lane.of(bench.vertx(), CONCURRENCY, operation), perSecond, HALF_LOAD)
                    .withoutFailures("not every decision was an allowed one");
        }

        private Lane.Operation reserving(int customers) {
            return (n, answered) ->
                    gate.reserve(List.of(request(scattered(n, customers))), policy)
                            .subscribe()
                            .with(
                                    answers ->
                                            answered.as(
                                                    answers.getFirst()
                                                            instanceof GateAnswer.Allowed),
                                    failure -> answered.as(false));
        }

        /** Each of them once, and never its neighbour next, whom a cache might have already. */
        private static long scattered(long n, int customers) {
            return n * STRIDE % customers;
        }

        private GateRequest request(long n) {
            return new GateRequest(
                    Population.customer(n),
                    Population.message(messages.incrementAndGet()),
                    Channel.SMS,
                    Category.MARKETING,
                    null,
                    "cart-abandonment",
                    ADDRESSES.get((int) (n % ADDRESSES.size())));
        }

        private Lane.Operation sameCommands(int customers) {
            String script = population.script(SAME_COMMANDS);
            return (n, answered) -> {
                CustomerId customer = Population.customer(scattered(n, customers));
                redis.batch(
                                List.of(
                                        Request.cmd(Command.EVALSHA)
                                                .arg(script)
                                                .arg(1)
                                                .arg(RedisGate.keyOf(customer))
                                                .arg(TTL),
                                        Request.cmd(Command.GET)
                                                .arg(ADDRESSES.get((int) (n % ADDRESSES.size())))))
                        .onComplete(answer -> answered.as(answer.succeeded()));
            };
        }
    }

    /** Four caps, as a shop might have them and none of which holds here, and quiet hours. */
    private static ContactPolicy policy() {
        LocalTime soon = LocalTime.now(ZoneOffset.UTC).plusHours(9);
        return new ContactPolicy(
                1,
                List.of(
                        new Cap(Scope.GLOBAL, null, 20, Duration.ofDays(1)),
                        new Cap(Scope.GLOBAL, null, 40, Duration.ofDays(7)),
                        new Cap(Scope.GLOBAL, null, 80, Duration.ofDays(30)),
                        new Cap(Scope.CHANNEL, Channel.SMS, 20, Duration.ofDays(1))),
                null,
                new QuietHours(soon, soon.plusHours(6), Set.of(Channel.SMS)),
                "UTC",
                Map.of(),
                Set.of(),
                List.of());
    }
}
