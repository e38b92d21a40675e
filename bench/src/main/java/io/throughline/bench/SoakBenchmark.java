package io.throughline.bench;

import io.throughline.bench.checker.Acknowledgement;
import io.throughline.bench.checker.Cap;
import io.throughline.bench.checker.Checker;
import io.throughline.bench.checker.History;
import io.throughline.bench.checker.Planted;
import io.throughline.bench.checker.Promise;
import io.throughline.bench.checker.Receipt;
import io.throughline.bench.checker.Violation;
import io.throughline.local.infrastructure.Home;
import io.throughline.local.launcher.StackProcess;
import io.throughline.local.launcher.StackProcess.JavaOptions;
import io.throughline.local.simulators.Mail;
import io.throughline.local.simulators.Simulators;
import io.throughline.local.simulators.Sms;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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
    private static final int IN_A_BATCH = 100;
    private static final int MOST_SHOWN = 20;

    private static final JavaOptions OPTIONS =
            new JavaOptions(
                    List.of("-Xmx1g", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"), List.of());

    private static final List<Cap> CAPS =
            List.of(
                    new Cap(new Cap.Scope.Everything(), 3, Duration.ofSeconds(20)),
                    new Cap(new Cap.Scope.Everything(), 12, Duration.ofDays(1)),
                    new Cap(new Cap.Scope.OnChannel("sms"), 2, Duration.ofSeconds(20)),
                    new Cap(new Cap.Scope.EachJourney(), 2, Duration.ofMinutes(1)));

    /** The same for the product. */
    private static final String POLICY =
            """
            {"caps": [
               {"scope": "global", "max": 3, "per": "PT20S"},
               {"scope": "global", "max": 12, "per": "P1D"},
               {"scope": "channel", "channel": "sms", "max": 2, "per": "PT20S"},
               {"scope": "journey", "max": 2, "per": "PT1M"}],
             "defaultTimeZone": "Europe/Madrid",
             "consent": {"email": "opt-out", "sms": "opt-out"},
             "optOutCoversTransactional": ["sms"],
             "silences": [{"on": "%s", "period": "%s", "covers": "all-journeys"}]}
            """
                    .formatted(Denial.ORDER, SoakTraffic.SILENCE);

    /** What tells a message from every other: the event that led to it, and the journey. */
    private static final Pattern MARK = Pattern.compile("Soak ([0-9a-f]+) by ([a-z0-9-]+)");

    private static final Map<String, String> JOURNEYS =
            Map.of(
                    "soak-sms-now", "  - send: { channel: sms, template: soak }",
                    "soak-sms-then", "  - wait: PT1S\n  - send: { channel: sms, template: soak }",
                    "soak-mail-now", "  - send: { channel: email, template: soak }",
                    "soak-mail-then",
                            "  - wait: PT1S\n  - send: { channel: email, template: soak }",
                    "soak-either",
                            "  - send: { channel: sms, template: soak, unless-denied: { then: [ { send: { channel: email, template: soak } } ] } }");

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
        return new Run(bench, settings, stack, processes).figures();
    }

    private static final class Run {

        private final Workbench bench;
        private final SoakSettings settings;
        private final StackProcess stack;
        private final SoakProcesses processes;
        private final Simulators outside;
        private final List<Person> people;
        private final Map<String, String> owners = new HashMap<>();
        private final List<Receipt> received = new ArrayList<>();
        private long texts;
        private long mails;
        private long others;

        Run(Workbench bench, SoakSettings settings, StackProcess stack, SoakProcesses processes) {
            this.bench = bench;
            this.settings = settings;
            this.stack = stack;
            this.processes = processes;
            this.outside = stack.simulators();
            this.people = Person.Group.SOAKED.people(settings.customers());
        }

        List<Figure> figures() throws Exception {
            SoakTraffic traffic = new SoakTraffic(processes.identities(), outside, people);
            try (Broker broker = new Broker(stack.settings().kafka())) {
                prepare();
                bench.settled(broker, BACKLOG_PATIENCE);
                bench.say("starting a second process of each service");
                processes.startSeconds();
                soak(traffic);
                processes.allBack();
                bench.settled(broker, BACKLOG_PATIENCE);
                Thread.sleep(SoakTraffic.SILENCE);
                collect();
            }
            return judged(traffic);
        }

        private void prepare() throws InterruptedException {
            Shop shop = new Shop(stack.gateway());
            var _ = shop.api().manage("PUT", "/api/contact-policy", "application/json", POLICY);
            String mark = "Soak {{ event.properties.token }} by {{ journey.key }}";
            shop.api()
                    .template(
                            "soak",
                            List.of(
                                    Map.of("channel", "sms", "text", mark),
                                    Map.of(
                                            "channel",
                                            "email",
                                            "subject",
                                            mark,
                                            "text",
                                            "Hello.",
                                            "html",
                                            "<p>Hello.</p>")));
            JOURNEYS.forEach((key, steps) ->
                    shop.api()
                            .journey(
                                    key,
                                    """
                                    journey: %s
                                    category: marketing
                                    entry: { on: Soak Offer, again-after: PT0S }
                                    steps:
                                    %s
                                    """
                                            .formatted(key, steps)));
            bench.say("making %,d customers".formatted(people.size()));
            List<Integer> firsts = new ArrayList<>();
            for (int from = 0; from < people.size(); from += IN_A_BATCH) {
                firsts.add(from);
            }
            var _ = Shop.forAll(firsts, from -> introduced(shop, from));
            for (Person person : people) {
                owners.put(digits(person.phone()), person.user());
                owners.put(mailOf(person), person.user());
            }
            Thread.sleep(RULES_KNOWN);
        }

        private int introduced(Shop shop, int from) {
            List<Map<String, Object>> batch =
                    people.subList(from, Math.min(people.size(), from + IN_A_BATCH)).stream()
                            .map(Run::identify)
                            .toList();
            shop.api().site("batch", Map.of("batch", batch));
            return from;
        }

        private static Map<String, Object> identify(Person person) {
            return Map.of(
                    "type",
                    "identify",
                    "userId",
                    person.user(),
                    "traits",
                    Map.of("phone", person.phone(), "email", mailOf(person)));
        }

        private static String mailOf(Person person) {
            return person.user() + "@example.com";
        }

        private void soak(SoakTraffic traffic) throws InterruptedException {
            bench.say("soaking for %d s".formatted(settings.duration().toSeconds()));
            Random random = new Random(settings.seed());
            Instant began = Instant.now();
            Instant end = began.plus(settings.duration());
            Instant kill = nextKill(began, random);
            Instant collect = began.plus(COLLECT);
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
                        collect();
                        collect = now.plus(COLLECT);
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

        private void collect() {
            for (Sms sms : outside.smsAfter(texts)) {
                texts++;
                note(digits(sms.to()), "sms", sms.text(), sms.receivedAt());
            }
            for (Mail mail : outside.mailsAfter(mails)) {
                mails++;
                note(mail.to(), "email", mail.subject(), mail.receivedAt());
            }
        }

        /** What has no mark is no journey's message, as the answer to a stop. */
        private void note(String address, String channel, String text, Instant at) {
            Matcher mark = MARK.matcher(text);
            String owner = owners.getOrDefault(address, address);
            if (mark.find()) {
                received.add(
                        new Receipt(
                                owner,
                                channel,
                                mark.group(2),
                                mark.group(1) + "/" + mark.group(2),
                                at));
            } else {
                others++;
            }
        }

        private static String digits(String number) {
            return number.replace("+", "");
        }

        private List<Figure> judged(SoakTraffic traffic) {
            History seen = new History(List.copyOf(traffic.acknowledged()), received, CAPS);
            if (settings.planted()) {
                seen = planted(seen);
            }
            List<Violation> violations = new Checker(UNDERWAY).violations(seen);
            violations.stream()
                    .limit(MOST_SHOWN)
                    .forEach(violation -> bench.say(violation.toString()));
            List<Figure> figures = new ArrayList<>();
            figures.add(count("customers", people.size()));
            figures.add(count("events acknowledged", traffic.events()));
            figures.add(count("requests never answered", traffic.unanswered()));
            figures.add(count("texts of journeys received", onChannel("sms")));
            figures.add(count("mails of journeys received", onChannel("email")));
            figures.add(count("answers to stops received", others));
            figures.add(count("stops", those(seen, Acknowledgement.Stop.class)));
            figures.add(count("opt-ins", those(seen, Acknowledgement.OptIn.class)));
            figures.add(count("conversions", those(seen, Acknowledgement.Conversion.class)));
            figures.add(count("processes killed", processes.kills()));
            figures.add(count("processes that did not come back", processes.notBack()).atMost(0));
            figures.add(count("times Redis was lost", processes.emptied()));
            for (Promise promise : Promise.values()) {
                long broken = violations.stream().filter(v -> v.promise() == promise).count();
                figures.add(count("%s: %s".formatted(promise, promise.words()), broken).atMost(0));
            }
            return figures;
        }

        private History planted(History seen) {
            History falsified = seen;
            for (Promise promise : Promise.values()) {
                falsified =
                        new Planted(falsified, UNDERWAY)
                                .breaking(promise, new Random(settings.seed()))
                                .orElse(falsified);
            }
            return falsified;
        }

        private long onChannel(String channel) {
            return received.stream().filter(each -> each.channel().equals(channel)).count();
        }

        private static long those(History history, Class<? extends Acknowledgement> kind) {
            return history.acknowledged().stream().filter(kind::isInstance).count();
        }

        private static Figure count(String what, long number) {
            return Figure.of(what, (double) number, "");
        }
    }
}
