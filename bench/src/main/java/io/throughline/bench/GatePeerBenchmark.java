package io.throughline.bench;

import io.throughline.bench.Series.Both;
import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.contracts.policy.ContactPolicy.Cap;
import io.throughline.contracts.policy.ContactPolicy.QuietHours;
import io.throughline.contracts.policy.ContactPolicy.Scope;
import io.throughline.governance.GateAnswer;
import io.throughline.governance.GateRequest;
import io.throughline.governance.redis.RedisGate;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Decisions of the contact gate beside those of what a Java shop would take for its caps otherwise:
 * token buckets in Redis. Both are asked for the same customers, as many at a time, and refuse the
 * same third of what is asked. The gate does more for each: it looks at consent, silences and quiet
 * hours besides, counts in exact rolling windows where a bucket lets twice its capacity through
 * within one, knows the message again that was counted already, and says when it would be allowed.
 */
final class GatePeerBenchmark implements Benchmark {

    private static final int CONCURRENCY = 64;
    private static final int ROUNDS = 7;
    private static final int CUSTOMERS = 10_000;

    /** The most that the caps leave of a day. */
    private static final int A_DAY = 2;

    /** One more than that for each. */
    private static final int A_ROUND = (A_DAY + 1) * CUSTOMERS;

    private static final int CONTACTS = 10;
    private static final int WARM_UP_ROUNDS = 12;
    private static final int CHOOSING_ROUNDS = 3;
    private static final double LEAST_RATIO = 1.5;

    /** Of the peer: one for all, one for each event loop, as many as the gate's client may have. */
    private static final List<Integer> CONNECTIONS = List.of(1, Workbench.EVENT_LOOPS, 8);

    @Override
    public String name() {
        return "gate-peer";
    }

    @Override
    public String about() {
        return "a decision of the contact gate, beside three bandwidths of bucket4j in Redis";
    }

    @Override
    public List<Figure> run(Workbench bench) throws InterruptedException {
        return new Run(bench).figures();
    }

    private static final class Run {

        private final Workbench bench;
        private final RedisGate gate;
        private final Population population;
        private final ContactPolicy policy = policy();
        private final AtomicLong messages = new AtomicLong();

        Run(Workbench bench) {
            this.bench = bench;
            var redis = bench.client(bench.redis().url());
            this.gate = bench.gate(redis);
            this.population = new Population(redis, gate);
        }

        List<Figure> figures() throws InterruptedException {
            bench.say("warming up");
            Series.warmUp(
                    WARM_UP_ROUNDS,
                    () -> {
                        population.fill(CUSTOMERS, CONTACTS);
                        return closed(this::reserve);
                    });
            int connections = fastest();
            try (Buckets peer = buckets(connections)) {
                return measured(peer, connections);
            }
        }

        private Buckets buckets(int connections) {
            return new Buckets(bench.redis().url(), CUSTOMERS, connections, Workbench.EVENT_LOOPS);
        }

        /** With how many connections the peer is fastest here. */
        private int fastest() throws InterruptedException {
            int fastest = 0;
            double most = 0;
            for (int connections : CONNECTIONS) {
                try (Buckets peer = buckets(connections)) {
                    Series.warmUp(WARM_UP_ROUNDS, () -> filled(peer));
                    List<Outcome> rounds = new ArrayList<>();
                    for (int i = 0; i < CHOOSING_ROUNDS; i++) {
                        rounds.add(filled(peer));
                    }
                    double perSecond = new Series(rounds).perSecond();
                    bench.say(
                            "bucket4j with %d connections: %,.0f /s"
                                    .formatted(connections, perSecond));
                    if (perSecond > most) {
                        most = perSecond;
                        fastest = connections;
                    }
                }
            }
            return fastest;
        }

        private Outcome filled(Buckets peer) throws InterruptedException {
            peer.fill();
            return closed((n, answered) -> consume(peer, n, answered));
        }

        private List<Figure> measured(Buckets peer, int connections) throws InterruptedException {
            bench.say("%d rounds with %,d customers".formatted(ROUNDS, CUSTOMERS));
            Processor ours = processor();
            Processor theirs = processor();
            Both both =
                    Series.alternating(
                            ROUNDS,
                            () -> {
                                population.fill(CUSTOMERS, CONTACTS);
                                peer.fill();
                            },
                            () -> ours.during(() -> closed(this::reserve)),
                            () ->
                                    theirs.during(() ->
                                            closed((n, answered) -> consume(peer, n, answered))));
            return List.of(
                    Figure.perSecond(
                                    "decisions, a third denied, %d at once".formatted(CONCURRENCY),
                                    both.ours().perSecond())
                            .beside(both.limit().perSecond())
                            .ratioAtLeast(LEAST_RATIO),
                    Figure.millis("p50 of these", both.ours().percentile(50))
                            .beside(both.limit().percentile(50)),
                    Figure.millis("p99 of these", both.ours().percentile(99))
                            .beside(both.limit().percentile(99)),
                    Figure.of(
                                    "processor time for each, caller and Redis",
                                    ours.microsecondsEach(),
                                    "us")
                            .beside(theirs.microsecondsEach()),
                    Figure.of("memory of a customer", (double) population.bytesOfOne(), "B")
                            .beside((double) peer.bytesOfOne()),
                    Figure.of("connections of bucket4j, the fastest number", connections, ""));
        }

        private Processor processor() {
            return new Processor(
                    List.of(ProcessHandle.current(), bench.redis().process().handle()));
        }

        private Outcome closed(Lane.Operation operation) throws InterruptedException {
            return Load.closed(Lane.of(bench.vertx(), CONCURRENCY, operation), A_ROUND)
                    .withoutFailures("not just the last third was denied");
        }

        private void reserve(long n, Lane.Answered answered) {
            gate.reserve(List.of(request(n % CUSTOMERS)), policy)
                    .subscribe()
                    .with(
                            answers ->
                                    answered.as(
                                            isDue(n)
                                                    ? answers.getFirst()
                                                            instanceof GateAnswer.Allowed
                                                    : answers.getFirst()
                                                            instanceof GateAnswer.Denied),
                            failure -> answered.as(false));
        }

        private static void consume(Buckets peer, long n, Lane.Answered answered) {
            var _ =
                    peer.consumed((int) (n % CUSTOMERS))
                            .whenComplete((allowed, failure) ->
                                    answered.as(failure == null && allowed == isDue(n)));
        }

        /** Whether the n-th is within what the caps leave. */
        private static boolean isDue(long n) {
            return n < (long) A_DAY * CUSTOMERS;
        }

        private GateRequest request(long n) {
            return new GateRequest(
                    Population.customer(n),
                    Population.message(messages.incrementAndGet()),
                    Channel.SMS,
                    Category.MARKETING,
                    null,
                    "cart-abandonment",
                    "+346001%05d".formatted(n));
        }
    }

    /** Two a day, five a week, twelve a month, and quiet hours that are not now. */
    private static ContactPolicy policy() {
        LocalTime soon = LocalTime.now(ZoneOffset.UTC).plusHours(9);
        return new ContactPolicy(
                1,
                List.of(
                        new Cap(Scope.GLOBAL, null, A_DAY, Duration.ofDays(1)),
                        new Cap(Scope.GLOBAL, null, 5, Duration.ofDays(7)),
                        new Cap(Scope.GLOBAL, null, 12, Duration.ofDays(30))),
                null,
                new QuietHours(soon, soon.plusHours(6), Set.of(Channel.SMS)),
                "UTC",
                Map.of(),
                Set.of(),
                List.of());
    }
}
