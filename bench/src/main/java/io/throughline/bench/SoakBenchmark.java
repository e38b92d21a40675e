package io.throughline.bench;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;

import io.throughline.bench.checker.Checker;
import io.throughline.bench.checker.History;
import io.throughline.bench.checker.Planted;
import io.throughline.bench.checker.Promise;
import io.throughline.bench.checker.Receipt;
import io.throughline.bench.checker.Violation;
import io.throughline.local.Service;
import io.throughline.local.infrastructure.Home;
import io.throughline.local.launcher.StackProcess;
import io.throughline.local.launcher.StackProcess.JavaOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Whether the promises hold while processes are killed and Redis is lost, judged from outside: by
 * what was acknowledged, and by what came to the carriers.
 */
final class SoakBenchmark implements Benchmark {

    /**
     * A hand-over ends within its lease of 250 ms; the rest is for a machine on which the simulator
     * waits for a processor before it stamps what came.
     */
    private static final Duration UNDERWAY = Duration.ofSeconds(1);

    private static final Duration BACKLOG_PATIENCE = Duration.ofMinutes(3);
    private static final Duration RULES_KNOWN = Duration.ofSeconds(5);
    private static final Duration COLLECT = Duration.ofSeconds(2);
    private static final double VISITS_A_SECOND = 30;
    private static final int KILL_AFTER_AT_LEAST_MILLIS = 3_000;
    private static final int KILL_SPREAD_MILLIS = 6_000;
    private static final Duration TELL = Duration.ofSeconds(30);
    private static final int TRIES_TO_COLLECT = 5;
    private static final int MOST_SHOWN = 20;

    /**
     * Kafka waits for a member that was killed as long as its session may be silent. With its
     * default of 45 seconds hardly anything would be under way while somebody is killed.
     */
    private static final JavaOptions OPTIONS =
            new JavaOptions(
                    List.of("-Xmx1g", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
                    List.of(
                            "-Dkafka.session.timeout.ms=6000",
                            "-Dkafka.heartbeat.interval.ms=1500"));

    @Override
    public String name() {
        return "soak";
    }

    @Override
    public String about() {
        return "whether stops, silences and caps hold while eight processes are killed at random";
    }

    @Override
    public boolean isKept(List<Figure> figures) {
        return figures.stream().allMatch(figure -> figure.met() == null || figure.met());
    }

    @Override
    public List<Figure> run(Workbench bench) throws Exception {
        SoakSettings settings = SoakSettings.of(System.getenv(), System.nanoTime());
        bench.say("seed %d, %s".formatted(settings.seed(), settings));
        Home root = Home.of(System.getenv(), Path.of(""));
        Path directory = root.root().resolve("bench").resolve("soak");
        StackProcess stack = bench.keep(StackProcess.start(directory, OPTIONS)).awaitReady();
        SoakProcesses processes =
                new SoakProcesses(
                        bench, stack, root.elsewhere(directory.resolve("redis")).prepared());
        Path evidence = directory.resolve("violations.txt");
        return new Run(bench, settings, stack, processes, evidence).figures();
    }

    private static final class Run {

        private final Workbench bench;
        private final SoakSettings settings;
        private final StackProcess stack;
        private final SoakProcesses processes;
        private final Path evidence;
        private final SoakShop shop;
        private final List<Person> people;

        Run(
                Workbench bench,
                SoakSettings settings,
                StackProcess stack,
                SoakProcesses processes,
                Path evidence) {
            this.bench = bench;
            this.settings = settings;
            this.stack = stack;
            this.processes = processes;
            this.evidence = evidence;
            this.shop = new SoakShop(stack.gateway());
            this.people = Person.Group.SOAKED.people(settings.customers());
        }

        List<Figure> figures() throws Exception {
            try (Broker broker = new Broker(stack.settings().kafka());
                    Carriers carriers = new Carriers(stack.simulators(), people)) {
                shop.open();
                bench.say("making %,d customers".formatted(people.size()));
                shop.introduce(people, so -> bench.say("%,d are there".formatted(so)));
                Thread.sleep(RULES_KNOWN);
                bench.settled(broker, BACKLOG_PATIENCE);
                bench.say("starting a second process of each service");
                processes.startSeconds();
                SoakTraffic traffic =
                        new SoakTraffic(processes, stack.simulators(), carriers, people);
                soak(traffic, carriers);
                bench.say("waiting until all are back and nothing is under way any more");
                processes.allBack();
                bench.settled(broker, BACKLOG_PATIENCE);
                Thread.sleep(SoakTraffic.SILENCE);
                collected(carriers);
                return judged(traffic, carriers);
            }
        }

        private void soak(SoakTraffic traffic, Carriers carriers) throws InterruptedException {
            bench.say("soaking for %d s".formatted(settings.duration().toSeconds()));
            Random random = new Random(settings.seed());
            Instant began = Instant.now();
            Instant end = began.plus(settings.duration());
            Instant kill = nextKill(began, random);
            Instant collect = began.plus(COLLECT);
            Instant tell = began.plus(TELL);
            int emptied = 0;
            try (ExecutorService visitors = Executors.newVirtualThreadPerTaskExecutor()) {
                for (Instant now = began; now.isBefore(end); now = Instant.now()) {
                    long seed = random.nextLong();
                    visitors.execute(() -> visit(traffic, seed));
                    if (now.isAfter(kill)) {
                        processes.killOne(random);
                        kill = nextKill(now, random);
                    }
                    if (now.isAfter(collect)) {
                        var _ = isCollected(carriers);
                        collect = now.plus(COLLECT);
                    }
                    if (now.isAfter(tell)) {
                        tell(traffic, carriers, Duration.between(began, now));
                        tell = now.plus(TELL);
                    }
                    // After a third of the time, and after two.
                    if (Duration.between(began, now).multipliedBy(3).toMillis()
                            > settings.duration().toMillis() * (emptied + 1)) {
                        emptied++;
                        bench.say("Redis loses everything");
                        processes.emptyRedis();
                    }
                    Thread.sleep((long) (1000 / VISITS_A_SECOND));
                }
                traffic.end();
            }
        }

        private static Instant nextKill(Instant now, Random random) {
            return now.plusMillis(KILL_AFTER_AT_LEAST_MILLIS + random.nextInt(KILL_SPREAD_MILLIS));
        }

        private static void visit(SoakTraffic traffic, long seed) {
            try {
                traffic.visit(seed);
            } catch (InterruptedException ending) {
                Thread.currentThread().interrupt();
            }
        }

        private void tell(SoakTraffic traffic, Carriers carriers, Duration since) {
            bench.say(
                    "%d s: %,d acknowledgements, %,d messages received, %d processes killed"
                            .formatted(
                                    since.toSeconds(),
                                    traffic.acknowledged().size(),
                                    carriers.received().size(),
                                    kills()));
        }

        private int kills() {
            return Arrays.stream(Service.values()).mapToInt(processes::kills).sum();
        }

        /** Whether the simulators answered; they keep what came for the next time. */
        private static boolean isCollected(Carriers carriers) {
            try {
                carriers.collect();
                return true;
            } catch (UncheckedIOException hanging) {
                return false;
            }
        }

        private static void collected(Carriers carriers) {
            for (int left = TRIES_TO_COLLECT; !isCollected(carriers); left--) {
                if (left == 0) {
                    throw new IllegalStateException(
                            "the simulators do not tell what they received");
                }
            }
        }

        private List<Figure> judged(SoakTraffic traffic, Carriers carriers) throws IOException {
            List<Receipt> received = carriers.received();
            History seen =
                    new History(List.copyOf(traffic.acknowledged()), received, SoakShop.CAPS);
            Checker checker = new Checker(UNDERWAY);
            List<Violation> found = checker.violations(seen);
            List<Violation> ofPlanted = checker.violations(planted(seen));
            if (settings.planted()) {
                bench.say("%d violations before any is planted".formatted(found.size()));
            }
            List<Violation> violations = settings.planted() ? ofPlanted : found;
            show(violations);
            List<Figure> figures = new ArrayList<>();
            figures.add(count("customers", people.size()));
            for (SoakTraffic.Counted each : SoakTraffic.Counted.values()) {
                figures.add(count(each.words(), traffic.count(each)));
            }
            for (Service service : Service.values()) {
                figures.add(
                        count(
                                "kills of a process of %s".formatted(service.label()),
                                processes.kills(service)));
            }
            figures.add(count("processes that did not come back", processes.notBack()).atMost(0));
            figures.add(count("times Redis was lost", processes.emptied()));
            figures.add(
                    Figure.millis(
                            "the longest time the simulators did not answer",
                            carriers.stalls().longest().toNanos() / 1e6));
            received.stream()
                    .collect(
                            groupingBy(
                                    receipt -> receipt.journey() + " on " + receipt.channel(),
                                    TreeMap::new,
                                    counting()))
                    .forEach((what, number) -> figures.add(count("received of " + what, number)));
            figures.add(count("received without a journey", carriers.others()));
            shop.told()
                    .forEach((what, number) ->
                            figures.add(count("the product says: " + what, number)));
            for (Promise promise : Promise.values()) {
                figures.add(
                        count("%s: %s".formatted(promise, promise.words()), of(promise, violations))
                                .atMost(0));
            }
            long missed =
                    Arrays.stream(Promise.values())
                            .filter(promise -> of(promise, ofPlanted) <= of(promise, found))
                            .count();
            figures.add(
                    count("promises of which the judge missed a planted violation", missed)
                            .atMost(0));
            return figures;
        }

        private static long of(Promise promise, List<Violation> violations) {
            return violations.stream().filter(v -> v.promise() == promise).count();
        }

        private void show(List<Violation> violations) throws IOException {
            List<String> lines = violations.stream().map(Violation::toString).toList();
            Files.write(evidence, lines);
            lines.stream().limit(MOST_SHOWN).forEach(bench::say);
            bench.say("%d violations, written to %s".formatted(lines.size(), evidence));
        }

        private History planted(History seen) {
            History falsified = seen;
            for (Promise promise : Promise.values()) {
                Optional<History> broken =
                        new Planted(falsified, UNDERWAY)
                                .breaking(promise, new Random(settings.seed()));
                bench.say(
                        broken.isPresent()
                                ? "planted a violation of %s".formatted(promise)
                                : "nothing lends itself to a violation of %s".formatted(promise));
                falsified = broken.orElse(falsified);
            }
            return falsified;
        }

        private static Figure count(String what, long number) {
            return Figure.of(what, (double) number, "");
        }
    }
}
