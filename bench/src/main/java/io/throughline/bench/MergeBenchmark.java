package io.throughline.bench;

import com.fasterxml.jackson.databind.JsonNode;
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
import io.throughline.local.demo.ShopApi;
import io.throughline.local.launcher.StackProcess;
import io.vertx.core.buffer.Buffer;
import java.net.URI;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * From the sending of an event that makes one customer of two until she is one everywhere: her
 * profile, her journeys, what the gate denies, who is behind her addresses, her decisions.
 */
final class MergeBenchmark implements Benchmark {

    private static final int WARM_UP = 100;
    private static final int PROBES = 200;
    private static final int HYDRATED_AT_ONCE = 100;
    private static final int IN_A_BATCH = 100;
    private static final int OK = 200;
    private static final Duration BACKLOG_PATIENCE = Duration.ofSeconds(90);

    private static final double MOST_MILLIS = 1_000;

    private static final String JOURNEY = "bench-merge";
    private static final String ENTRY = "Bench Merge Entered";

    /** By the primary key. */
    private static final String ALIAS =
            "SELECT 1 FROM customer_aliases WHERE merged = ?::uuid AND survivor = ?::uuid";

    @Override
    public String name() {
        return "merge-everywhere";
    }

    @Override
    public String about() {
        return "from an event that makes one customer of two until she is one on every service";
    }

    @Override
    public List<Figure> run(Workbench bench) throws Exception {
        StackProcess stack = bench.stack();
        try (Broker broker = new Broker(stack.settings().kafka());
                Run run = new Run(bench, stack)) {
            run.prepare(broker);
            bench.say("one after the other, on an idle stack");
            List<Figure> figures = run.figures();
            bench.settled(broker, BACKLOG_PATIENCE);
            return figures;
        }
    }

    /** Where it has to be known. */
    private enum Place {
        IDENTITY("one profile at identity"),
        GATE("denied by what the other one said"),
        JOURNEY("her journeys are one list"),
        CHANNEL("channel knows the survivor"),
        ATTRIBUTION("her decisions are one list");

        private final String words;

        Place(String words) {
            this.words = words;
        }
    }

    /** A subscriber with a user id, and a browser of which nobody knows yet that it is hers. */
    private record Pair(Person person, CustomerId subscriber, CustomerId browser) {}

    private static final class Run implements AutoCloseable {

        private final Workbench bench;
        private final Shop shop;
        private final ShopApi identity;
        private final ShopApi journey;
        private final ShopApi attribution;
        private final Database channel;
        private final RedisGate gate;
        private final HttpLine line;
        private final ContactPolicy policy = ContactPolicy.initial();
        private final List<Person> people = Person.Group.MERGED.people(WARM_UP + PROBES);
        private final Map<Place, Latencies> latencies = new EnumMap<>(Place.class);
        private Latencies slowest = new Latencies();
        private Latencies acknowledged = new Latencies();
        private List<Pair> pairs = List.of();

        Run(Workbench bench, StackProcess stack) throws SQLException {
            this.bench = bench;
            this.shop = new Shop(stack.gateway());
            this.identity = api(stack, Service.IDENTITY);
            this.journey = api(stack, Service.JOURNEY);
            this.attribution = api(stack, Service.ATTRIBUTION);
            this.gate = bench.gate(bench.client(stack.settings().redis()));
            this.line = HttpLine.to(bench.vertx(), stack.port(Service.IDENTITY));
            this.channel = new Database(stack.settings(), Service.CHANNEL);
        }

        private static ShopApi api(StackProcess stack, Service service) {
            return new ShopApi(URI.create("http://127.0.0.1:" + stack.port(service)));
        }

        void prepare(Broker broker) throws Exception {
            bench.say("making %,d pairs of customers".formatted(people.size()));
            activate();
            inBatches(people, Run::identify);
            List<CustomerId> subscribers = customers(people, Person::identifier);
            inBatches(people, person -> viewed(person, "Shop"));
            List<CustomerId> browsers = customers(people, Run::browser);
            bench.settled(broker, BACKLOG_PATIENCE);
            pairs =
                    IntStream.range(0, people.size())
                            .mapToObj(i ->
                                    new Pair(people.get(i), subscribers.get(i), browsers.get(i)))
                            .toList();
            shop.optIn(people);
            optOut();
            hydrate();
            inBatches(people, person -> entered("userId", person.user()));
            inBatches(people, person -> entered("anonymousId", person.device()));
            bench.settled(broker, BACKLOG_PATIENCE);
            bench.say("warming up");
            pairs.subList(0, WARM_UP).forEach(this::probe);
        }

        /** Who is in it has an instance and a decision, so a merge shows in both. */
        private void activate() throws InterruptedException {
            shop.api().template(JOURNEY, List.of(Map.of("channel", "sms", "text", "Hello.")));
            shop.api()
                    .journey(
                            JOURNEY,
                            """
                            journey: %s
                            category: marketing
                            entry: { on: %s }
                            steps:
                              - wait: P1D
                              - send: { channel: sms, template: %s }
                            """
                                    .formatted(JOURNEY, ENTRY, JOURNEY));
            Thread.sleep(Duration.ofSeconds(2));
        }

        private void inBatches(List<Person> all, Function<Person, Map<String, Object>> call)
                throws InterruptedException {
            List<List<Person>> batches = new ArrayList<>();
            for (int from = 0; from < all.size(); from += IN_A_BATCH) {
                batches.add(all.subList(from, Math.min(all.size(), from + IN_A_BATCH)));
            }
            Shop.forAll(
                    batches,
                    batch -> {
                        shop.api()
                                .site("batch", Map.of("batch", batch.stream().map(call).toList()));
                        return batch;
                    });
        }

        private List<CustomerId> customers(List<Person> all, Function<Person, String> identifier)
                throws InterruptedException {
            return Shop.forAll(
                    all,
                    person -> {
                        String text = identifier.apply(person);
                        Watcher.until(
                                        "somebody holds " + text,
                                        () -> shop.api().customer(text) != null)
                                .join();
                        return CustomerId.of(Objects.requireNonNull(shop.api().customer(text)));
                    });
        }

        private void optOut() throws InterruptedException {
            Shop.forAll(
                    people,
                    person ->
                            shop.api()
                                    .manage(
                                            "PUT",
                                            "/api/consents",
                                            "application/json",
                                            """
                                            {"identifier":"%s","channel":"sms","state":"opted_out","source":"bench"}\
                                            """
                                                    .formatted(browser(person))));
        }

        /** What the channel service would tell the gate before the first message to each. */
        private void hydrate() {
            List<CustomerHistory> histories = new ArrayList<>();
            for (Pair pair : pairs) {
                histories.addAll(histories(pair.subscriber(), ConsentState.OPTED_IN));
                histories.addAll(histories(pair.browser(), ConsentState.OPTED_OUT));
            }
            for (int from = 0; from < histories.size(); from += HYDRATED_AT_ONCE) {
                int to = Math.min(histories.size(), from + HYDRATED_AT_ONCE);
                Population.await(gate.hydrate(histories.subList(from, to)));
            }
        }

        private static List<CustomerHistory> histories(CustomerId customer, ConsentState state) {
            ConsentWrite said =
                    new ConsentWrite(
                            customer,
                            null,
                            Channel.SMS,
                            null,
                            state,
                            Instant.now().minus(Duration.ofDays(1)));
            return List.of(
                    new CustomerHistory.Permissions(
                            customer, List.of(said), List.of(), null, List.of()),
                    new CustomerHistory.Contacts(customer, List.of()));
        }

        List<Figure> figures() {
            slowest = new Latencies();
            acknowledged = new Latencies();
            for (Place place : Place.values()) {
                latencies.put(place, new Latencies());
            }
            pairs.subList(WARM_UP, pairs.size()).forEach(this::probe);
            List<Figure> figures = new ArrayList<>();
            figures.add(Figure.millis("answered, p50", acknowledged.percentile(50)));
            figures.add(Figure.millis("answered, p99", acknowledged.percentile(99)));
            latencies.forEach((place, found) -> {
                figures.add(Figure.millis(place.words + ", p50", found.percentile(50)));
                figures.add(Figure.millis(place.words + ", p99", found.percentile(99)));
            });
            figures.add(Figure.millis("one everywhere, p50", slowest.percentile(50)));
            figures.add(
                    Figure.millis("one everywhere, p99", slowest.percentile(99))
                            .atMost(MOST_MILLIS));
            return figures;
        }

        private void probe(Pair pair) {
            GateRequest message = message(pair);
            if (isDenied(message)) {
                throw new IllegalStateException("denied before the merge: " + pair);
            }
            long began = System.nanoTime();
            CompletableFuture<Integer> status = new CompletableFuture<>();
            line.send(together(pair.person()), status::complete);
            Map<Place, CompletableFuture<Long>> seen = new EnumMap<>(Place.class);
            for (Place place : Place.values()) {
                seen.put(place, Watcher.until(place.words, () -> isOneAt(place, pair, message)));
            }
            if (status.join() != OK) {
                throw new IllegalStateException("answered with " + status.join());
            }
            acknowledged.record(System.nanoTime() - began);
            long last = 0;
            for (Map.Entry<Place, CompletableFuture<Long>> at : seen.entrySet()) {
                long took = at.getValue().join() - began;
                latencies.computeIfAbsent(at.getKey(), place -> new Latencies()).record(took);
                last = Math.max(last, took);
            }
            slowest.record(last);
        }

        /** The older of the two is who remains. */
        private boolean isOneAt(Place place, Pair pair, GateRequest message) throws SQLException {
            String survivor = pair.subscriber().toString();
            String merged = pair.browser().toString();
            return switch (place) {
                case IDENTITY ->
                        identity.get("/api/customers/" + merged)
                                .path("id")
                                .asText()
                                .equals(survivor);
                case GATE -> isDenied(message);
                case JOURNEY ->
                        journey.get(
                                                "/api/journeys/%s/instances?customer=%s"
                                                        .formatted(JOURNEY, survivor))
                                        .path("items")
                                        .size()
                                == 2;
                case CHANNEL -> channel.finds(ALIAS, merged, survivor);
                case ATTRIBUTION ->
                        instances(
                                                attribution.get(
                                                        "/api/customers/%s/decisions"
                                                                .formatted(survivor)))
                                        .size()
                                == 2;
            };
        }

        private static Set<String> instances(JsonNode decisions) {
            Set<String> instances = new HashSet<>();
            decisions
                    .path("items")
                    .forEach(decision -> instances.add(decision.path("instance").asText()));
            return instances;
        }

        private boolean isDenied(GateRequest message) {
            return Population.await(gate.peek(List.of(message), policy)).getFirst()
                    instanceof GateAnswer.Denied;
        }

        private static GateRequest message(Pair pair) {
            return new GateRequest(
                    pair.subscriber(),
                    new MessageId(UUID.randomUUID()),
                    Channel.SMS,
                    Category.MARKETING,
                    null,
                    JOURNEY,
                    pair.person().phone());
        }

        private static Map<String, Object> identify(Person person) {
            return Map.of(
                    "type", "identify",
                    "userId", person.user(),
                    "traits", Map.of("phone", person.phone()));
        }

        private static Map<String, Object> viewed(Person person, String page) {
            return Map.of("type", "page", "anonymousId", person.device(), "name", page);
        }

        private static Map<String, Object> entered(String by, String id) {
            return Map.of("type", "track", by, id, "event", ENTRY);
        }

        private static Buffer together(Person person) {
            return Http.request(
                    "POST",
                    "/v1/identify",
                    Http.SITE,
                    """
                    {"userId":"%s","anonymousId":"%s"}\
                    """
                            .formatted(person.user(), person.device()));
        }

        private static String browser(Person person) {
            return "anonymous_id:" + person.device();
        }

        @Override
        public void close() throws SQLException {
            line.close();
            channel.close();
        }
    }
}
