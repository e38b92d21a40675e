package io.throughline.attribution;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import io.restassured.specification.RequestSpecification;
import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.ContractEvent;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Envelope;
import io.throughline.contracts.Ids;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.customer.ConsentChanged;
import io.throughline.contracts.customer.CustomerErased;
import io.throughline.contracts.customer.CustomersMerged;
import io.throughline.contracts.customer.SilenceBegun;
import io.throughline.contracts.customer.SilenceLifted;
import io.throughline.contracts.message.JourneyRef;
import io.throughline.contracts.message.MessageEvent;
import io.throughline.contracts.message.Verdict;
import io.throughline.local.testing.EmbeddedInfrastructure;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The ledger of what slipped past, and how soon opt-outs were in force. Each test has a day. */
@QuarkusTest
@QuarkusTestResource(EmbeddedInfrastructure.class)
class SuppressionMissTest {

    private static final Duration SOON = Duration.ofSeconds(30);
    private static final AtomicInteger DAYS = new AtomicInteger();
    private static final int PEOPLE = 40;
    private static final String NEWS = "news";
    private static final List<Verdict> BOTH = List.of(passed("consent"), passed("silence"));

    @ConfigProperty(name = "kafka.bootstrap.servers")
    String brokers;

    @Inject MeterRegistry registry;
    @Inject Pool pool;

    private @Nullable Tellers open;
    private Instant day = Instant.EPOCH;
    private String journey = "";

    /** One line of the ledger, as far as a naive reader of the same story can tell. */
    private record Line(MessageId message, String kind, String door, Duration delay) {}

    /** What kept, or should have kept, messages back. */
    private record Kept(
            String kind,
            @Nullable Channel channel,
            @Nullable String topic,
            @Nullable String journey,
            Instant happened,
            Instant left,
            Instant received,
            Instant inForce,
            @Nullable Instant lifted,
            @Nullable Set<Category> categories) {}

    private record Message(MessageEvent.Sent sent, Instant handedOver, @Nullable String topic) {}

    private static final class Story {

        final List<ContractEvent> told = new ArrayList<>();
        final List<Kept> kept = new ArrayList<>();
        final List<Message> messages = new ArrayList<>();
    }

    @BeforeEach
    void anotherDay() {
        open = new Tellers(brokers);
        int number = DAYS.incrementAndGet();
        day = Instant.parse("2031-01-01T00:00:00Z").plus(Duration.ofDays(20L * number));
        journey = "slipped-" + number;
    }

    @AfterEach
    void hangUp() {
        tellers().close();
    }

    @Test
    void inWhateverOrderItIsToldTheLedgerIsWhatANaiveReaderFinds() {
        long seed = 20_261_126;
        Random random = new Random(seed);
        List<Envelope<?>> all = new ArrayList<>();
        Set<Line> expected = new HashSet<>();
        for (int i = 0; i < PEOPLE; i++) {
            Story story = story(random);
            expected.addAll(lines(story));
            story.told.forEach(event -> {
                Envelope<?> envelope =
                        new Envelope<>(UUID.randomUUID(), "/throughline/test", day, event);
                all.add(envelope);
                if (random.nextInt(4) == 0) {
                    all.add(envelope);
                }
            });
        }
        Collections.shuffle(all, random);
        all.forEach(envelope -> tellers().tellAgain(envelope));

        await().atMost(SOON)
                .untilAsserted(
                        () -> assertThat(ledger()).as("seed %d", seed).hasSameElementsAs(expected));

        assertThat(expected.stream().map(Line::door).distinct())
                .contains("source", "network", "ingestion", "engine");
        JsonPath report = report("");
        assertThat(report.getInt("misses")).isEqualTo(expected.size());
        List<Duration> delays = expected.stream().map(Line::delay).sorted().toList();
        assertThat(Duration.parse(report.getString("delay.worst"))).isEqualTo(delays.getLast());
        assertThat(Duration.parse(report.getString("delay.p50")))
                .isEqualTo(delays.get((delays.size() + 1) / 2 - 1));
        for (String door : List.of("source", "network", "ingestion", "engine")) {
            assertThat(report.getInt("doors.find { it.door == '" + door + "' }.misses"))
                    .as(door)
                    .isEqualTo((int) expected.stream().filter(l -> l.door().equals(door)).count());
        }
        assertThat(report.getList("sources.misses", Integer.class).stream().mapToInt(i -> i).sum())
                .isEqualTo(expected.size());
        String csv =
                viewer().accept("text/csv").get(path("&limit=200")).then().extract().asString();
        assertThat(csv)
                .startsWith("message,customer,channel,journey,kind,event,source,happened_at");
        assertThat(csv.lines().count()).isEqualTo(Math.min(200, expected.size()) + 1);
        assertThat(report("&channel=push").getInt("misses")).isZero();
        assertThat(report("&journey=none").getInt("misses")).isZero();
    }

    @Test
    void aMessageThatWasTakenBackSaysSo() {
        CustomerId ana = customer();
        Instant happened = day.plusSeconds(60);
        Message message =
                message(ana, Channel.SMS, null, Category.MARKETING, BOTH, happened.plusSeconds(30));
        tell(message.sent());
        tell(
                silence(
                        ana,
                        null,
                        happened,
                        happened.plusSeconds(58),
                        happened.plusSeconds(60),
                        happened.plusSeconds(61)));
        tell(
                new MessageEvent.Recalled(
                        message.sent().message(),
                        ana,
                        Channel.SMS,
                        message.sent().origin(),
                        "cancel_sm",
                        "conversion",
                        happened.plusSeconds(62)));

        await().atMost(SOON)
                .untilAsserted(() -> {
                    JsonPath report = report("");
                    assertThat(report.getInt("recalled")).isOne();
                    assertThat(report.getString("items[0].recall")).isEqualTo("recalled");
                    assertThat(report.getString("items[0].door")).isEqualTo("source");
                    assertThat(report.getString("items[0].event")).isEqualTo("Order Completed");
                    assertThat(report.getString("items[0].parts.network")).isEqualTo("PT2S");
                });
    }

    @Test
    void aMissIsCountedOnceAtItsDoorHoweverManySilencesItSlippedPast() {
        double before = counted("conversion", "network");
        CustomerId ana = customer();
        Instant happened = day.plusSeconds(60);
        Instant received = happened.plusSeconds(50);
        Message message =
                message(ana, Channel.SMS, null, Category.MARKETING, BOTH, happened.plusSeconds(10));
        tell(message.sent());
        for (int i = 0; i < 3; i++) {
            // It left at once, and was under way for most of a minute.
            tell(silence(ana, null, received, happened, received, received.plusSeconds(1 + i)));
        }

        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> {
                    assertThat(kindsCounted(message.sent().message()))
                            .containsExactly("conversion");
                    assertThat(counted("conversion", "network")).isGreaterThanOrEqualTo(before + 1);
                });
    }

    private double counted(String kind, String door) {
        return registry.counter("throughline.suppression.misses", "kind", kind, "door", door)
                .count();
    }

    private List<String> kindsCounted(MessageId message) {
        List<String> kinds = new ArrayList<>();
        pool.preparedQuery("SELECT counted FROM hand_overs WHERE message = $1")
                .execute(Tuple.of(message.value()))
                .await()
                .atMost(SOON)
                .forEach(row -> kinds.addAll(List.of(row.getArrayOfStrings("counted"))));
        return kinds;
    }

    @Test
    void anErasedCustomerIsInTheLedgerAsNobody() {
        CustomerId ana = customer();
        Message message =
                message(ana, Channel.SMS, null, Category.MARKETING, BOTH, day.plusSeconds(90));
        tell(message.sent());
        Instant happened = day.plusSeconds(60);
        tell(
                silence(
                        ana,
                        null,
                        happened,
                        null,
                        happened.plusSeconds(60),
                        happened.plusSeconds(61)));
        await().atMost(SOON).until(() -> report("").getInt("misses") == 1);

        tell(new CustomerErased(ana, List.of(), UUID.randomUUID(), Instant.now()));

        await().atMost(SOON)
                .untilAsserted(() -> {
                    String told = viewer().get(path("")).asString();
                    assertThat(told)
                            .doesNotContain(ana.toString(), message.sent().message().toString());
                });
    }

    @Test
    void howSoonOptOutsWereInForceIsHeldAgainstTheObjective() {
        CustomerId ana = customer();
        for (int i = 1; i <= 100; i++) {
            Instant asked = day.plusSeconds(60L * i);
            int millis = i == 100 ? 400 : i == 99 ? 20 : 5;
            tell(
                    new ConsentChanged(
                            ana,
                            Channel.EMAIL,
                            null,
                            ConsentState.OPTED_OUT,
                            null,
                            "preference-centre",
                            asked,
                            asked.plusMillis(millis + 1),
                            asked,
                            asked.plusMillis(millis)));
        }
        Instant stop = day.plusSeconds(7200);
        tell(unsubscribed(ana, stop));
        tell(inForce(ana, stop, stop.plusMillis(70)));

        await().atMost(SOON)
                .untilAsserted(() -> {
                    JsonPath report = latency();
                    assertThat(report.getInt("optOuts")).isEqualTo(101);
                    assertThat(report.getString("objective")).isEqualTo("PT0.05S");
                    assertThat(report.getString("requestToInForce.worst")).isEqualTo("PT0.4S");
                    assertThat(report.getString("acknowledgedToInForce.worst")).isEqualTo("PT0S");
                    assertThat(report.getBoolean("met")).isFalse();
                    assertThat(line(report, "email").get("met")).isEqualTo(true);
                    assertThat(line(report, "email").get("optOuts")).isEqualTo(100);
                    assertThat(line(report, "sms").get("means")).isEqualTo("keyword");
                    assertThat(line(report, "sms").get("met")).isEqualTo(false);
                });
        String csv = viewer().accept("text/csv").get(latencyPath()).then().extract().asString();
        assertThat(csv).contains("email,preference-centre,100,true,0.005,0.02,0.4");
    }

    private static Map<String, ?> line(JsonPath report, String channel) {
        return report.getMap("lines.find { it.channel == '" + channel + "' }");
    }

    private Story story(Random random) {
        Story story = new Story();
        CustomerId ana = customer();
        CustomerId before = customer();
        boolean two = random.nextBoolean();
        if (two) {
            story.told.add(new CustomersMerged(ana, before, "m", day));
        }
        for (int i = random.nextInt(3); i > 0; i--) {
            CustomerId who = two && random.nextBoolean() ? before : ana;
            Instant happened = at(random);
            Instant left = happened.plusSeconds(random.nextInt(3600));
            Instant received = left.plusSeconds(random.nextInt(60));
            Instant inForce = received.plusMillis(1 + random.nextInt(900_000));
            String only = random.nextInt(3) == 0 ? "another" : null;
            Set<Category> categories = random.nextInt(3) == 0 ? Set.of(Category.MARKETING) : null;
            Instant lifted = random.nextInt(3) == 0 ? happened.plusSeconds(120 + i) : null;
            String cause = "order-" + i;
            story.kept.add(
                    new Kept(
                            "conversion",
                            null,
                            null,
                            only,
                            happened,
                            left,
                            received,
                            inForce,
                            lifted,
                            categories));
            // As identity corrects it, which knows nothing of the network.
            Instant occurred = happened.plus(Duration.between(left, received));
            story.told.add(
                    silence(who, only, occurred, left, received, inForce, cause, categories));
            if (lifted != null) {
                story.told.add(lifting(two ? before : ana, cause, lifted));
            }
            // Neither of another order nor of what happened after it.
            story.told.add(lifting(who, "another-order", happened.plusSeconds(1)));
            story.told.add(lifting(who, cause, occurred));
        }
        if (random.nextBoolean()) {
            optOut(story, random, two && random.nextBoolean() ? before : ana);
        }
        for (int i = 1 + random.nextInt(5); i > 0; i--) {
            Message message =
                    message(
                            two && random.nextBoolean() ? before : ana,
                            random.nextBoolean() ? Channel.SMS : Channel.EMAIL,
                            random.nextBoolean() ? NEWS : null,
                            random.nextBoolean() ? Category.MARKETING : Category.SERVICE,
                            random.nextInt(5) == 4 ? List.of() : BOTH,
                            gone(random, story.kept));
            story.messages.add(message);
            story.told.add(message.sent());
        }
        return story;
    }

    /** Mostly in one of the four stretches, however short it is. */
    private Instant gone(Random random, List<Kept> kept) {
        if (kept.isEmpty() || random.nextInt(4) == 0) {
            return at(random);
        }
        Kept one = kept.get(random.nextInt(kept.size()));
        List<Instant> ends =
                List.of(
                        one.happened(),
                        one.left(),
                        one.received(),
                        one.inForce(),
                        one.inForce().plusSeconds(3600));
        int stretch = random.nextInt(4);
        Instant from = ends.get(stretch);
        long millis = Duration.between(from, ends.get(stretch + 1)).toMillis();
        return from.plusMillis(millis == 0 ? 0 : random.nextLong(millis));
    }

    private void optOut(Story story, Random random, CustomerId who) {
        Instant said = at(random);
        Instant inForce = said.plusMillis(1 + random.nextInt(2_000_000));
        Instant lifted = random.nextBoolean() ? said.plusSeconds(1 + random.nextInt(9000)) : null;
        boolean stop = random.nextBoolean();
        String topic = !stop && random.nextBoolean() ? NEWS : null;
        story.kept.add(
                new Kept(
                        "opt_out",
                        Channel.SMS,
                        topic,
                        null,
                        said,
                        said,
                        said,
                        inForce,
                        lifted,
                        null));
        if (stop) {
            story.told.add(unsubscribed(who, said));
            story.told.add(inForce(who, said, inForce));
            story.told.add(
                    new ConsentChanged(
                            who,
                            Channel.SMS,
                            null,
                            ConsentState.OPTED_OUT,
                            "+34600000001",
                            "keyword",
                            said,
                            inForce.plusSeconds(5),
                            null,
                            inForce.plusSeconds(4)));
        } else {
            story.told.add(
                    new ConsentChanged(
                            who,
                            Channel.SMS,
                            topic,
                            ConsentState.OPTED_OUT,
                            null,
                            "api",
                            said,
                            inForce.plusMillis(1),
                            said,
                            inForce));
        }
        if (lifted != null) {
            story.told.add(
                    new ConsentChanged(
                            who,
                            Channel.SMS,
                            topic,
                            ConsentState.OPTED_IN,
                            null,
                            "api",
                            lifted,
                            lifted));
        }
    }

    /** Each message against each that should have kept it back; the earliest of a kind counts. */
    private Set<Line> lines(Story story) {
        Set<Line> lines = new HashSet<>();
        for (Message message : story.messages) {
            for (String kind : List.of("conversion", "opt_out")) {
                story.kept.stream()
                        .filter(k -> k.kind().equals(kind) && slipped(message, k))
                        .min((a, b) -> a.happened().compareTo(b.happened()))
                        .ifPresent(k -> lines.add(line(message, k)));
            }
        }
        return lines;
    }

    private boolean slipped(Message message, Kept kept) {
        Instant gone = message.handedOver();
        return gone.isAfter(kept.happened())
                && (kept.channel() == null || kept.channel() == message.sent().channel())
                && (kept.topic() == null || kept.topic().equals(message.topic()))
                && (kept.journey() == null || kept.journey().equals(journey))
                && (kept.categories() == null
                        || kept.categories().contains(message.sent().category()))
                && !message.sent().verdicts().isEmpty()
                && (kept.lifted() == null || gone.isBefore(kept.lifted()));
    }

    private static Line line(Message message, Kept kept) {
        Instant gone = message.handedOver();
        String door =
                gone.isBefore(kept.left())
                        ? "source"
                        : gone.isBefore(kept.received())
                                ? "network"
                                : gone.isBefore(kept.inForce()) ? "ingestion" : "engine";
        Instant end = gone.isAfter(kept.inForce()) ? gone : kept.inForce();
        return new Line(
                message.sent().message(),
                kept.kind(),
                door,
                Duration.between(kept.happened(), end));
    }

    /** Page by page. */
    private List<Line> ledger() {
        List<Line> lines = new ArrayList<>();
        String cursor = "";
        do {
            JsonPath page = report("&limit=7" + cursor);
            for (int i = 0; i < page.getList("items").size(); i++) {
                String item = "items[" + i + "].";
                Duration delay = Duration.parse(page.getString(item + "delay"));
                assertThat(
                                List.of("source", "network", "ingestion", "engine").stream()
                                        .map(d ->
                                                Duration.parse(page.getString(item + "parts." + d)))
                                        .reduce(Duration.ZERO, Duration::plus))
                        .isEqualTo(delay);
                lines.add(
                        new Line(
                                MessageId.of(page.getString(item + "message")),
                                page.getString(item + "kind"),
                                page.getString(item + "door"),
                                delay));
            }
            cursor = page.getString("next") == null ? "" : "&cursor=" + page.getString("next");
        } while (!cursor.isEmpty());
        return lines;
    }

    private Message message(
            CustomerId customer,
            Channel channel,
            @Nullable String topic,
            Category category,
            List<Verdict> verdicts,
            Instant handedOver) {
        return new Message(
                new MessageEvent.Sent(
                        new MessageId(UUID.randomUUID()),
                        customer,
                        channel,
                        new JourneyRef(journey, 1, UUID.randomUUID(), "steps[0].send"),
                        "hello",
                        "smpp",
                        "id",
                        1,
                        verdicts,
                        1,
                        handedOver.plusMillis(80),
                        topic,
                        handedOver,
                        category),
                handedOver,
                topic);
    }

    private static SilenceBegun silence(
            CustomerId customer,
            @Nullable String only,
            Instant occurredAt,
            @Nullable Instant sentAt,
            Instant receivedAt,
            Instant inForceAt) {
        return silence(customer, only, occurredAt, sentAt, receivedAt, inForceAt, "order", null);
    }

    private static SilenceLifted lifting(CustomerId customer, String cause, Instant at) {
        return new SilenceLifted(
                customer,
                UUID.randomUUID().toString(),
                "pos",
                "Order Refunded",
                cause,
                at,
                at.plusSeconds(9),
                null);
    }

    private static SilenceBegun silence(
            CustomerId customer,
            @Nullable String only,
            Instant occurredAt,
            @Nullable Instant sentAt,
            Instant receivedAt,
            Instant inForceAt,
            String cause,
            @Nullable Set<Category> categories) {
        return new SilenceBegun(
                customer,
                UUID.randomUUID().toString(),
                "pos",
                "Order Completed",
                only,
                receivedAt.plus(Duration.ofDays(2)),
                occurredAt,
                sentAt,
                receivedAt,
                inForceAt,
                null,
                cause,
                categories,
                occurredAt);
    }

    private static MessageEvent.Unsubscribed unsubscribed(CustomerId customer, Instant at) {
        return new MessageEvent.Unsubscribed(
                null, customer, Channel.SMS, "+34600000001", null, "keyword", "STOP", at);
    }

    private static MessageEvent.StopInForce inForce(
            CustomerId customer, Instant saidAt, Instant at) {
        return new MessageEvent.StopInForce(
                null,
                customer,
                Channel.SMS,
                "+34600000001",
                "keyword",
                saidAt,
                at.plusMillis(1),
                at);
    }

    private static Verdict passed(String rule) {
        return new Verdict(rule, true, null, null, null, null);
    }

    private Instant at(Random random) {
        return day.plusMillis(random.nextInt(4 * 3_600_000));
    }

    private static CustomerId customer() {
        return new CustomerId(Ids.timeOrdered(Instant.now(), new Random()));
    }

    private JsonPath report(String query) {
        return viewer().get(path(query)).then().statusCode(200).extract().jsonPath();
    }

    private String path(String query) {
        return "/api/reports/suppression-misses?from="
                + day
                + "&to="
                + day.plus(Duration.ofDays(1))
                + query;
    }

    private JsonPath latency() {
        return viewer().get(latencyPath()).then().statusCode(200).extract().jsonPath();
    }

    private String latencyPath() {
        return "/api/reports/opt-out-latency?from=" + day + "&to=" + day.plus(Duration.ofDays(1));
    }

    private static RequestSpecification viewer() {
        return given().urlEncodingEnabled(false)
                .header("Authorization", "Bearer local-admin-token");
    }

    private <E extends ContractEvent> void tell(E event) {
        Envelope<E> ignored = tellers().tell(event);
    }

    private Tellers tellers() {
        if (open == null) {
            throw new IllegalStateException("no test is running");
        }
        return open;
    }
}
