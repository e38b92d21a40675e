package io.throughline.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.segment.analytics.Analytics;
import com.segment.analytics.messages.IdentifyMessage;
import com.segment.analytics.messages.TrackMessage;
import io.throughline.local.Service;
import io.throughline.local.launcher.StackProcess;
import io.throughline.local.simulators.Mail;
import io.throughline.local.simulators.Simulators;
import io.throughline.local.simulators.Sms;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The stories of the product, each with customers of its own, on one running stack. */
class ConversationTest {

    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Duration A_WHILE = Duration.ofSeconds(6);

    private static final StackProcess STACK = Stack.running();
    private static final Api API = new Api(STACK.gateway());
    private static final Simulators OUTSIDE = STACK.simulators();

    @BeforeAll
    static void templates() {
        API.template("cart-first", Map.of("email", "Your cart is waiting"));
        API.template(
                "cart-last",
                Map.of("sms", "Last call for your cart", "email", "Last call by email"));
        API.template("news", Map.of("email", "News for you"));
    }

    /** The journey of the brief, in seconds and on the channels that have a route. */
    private static String cart(String key, String event, String smsAfter) {
        return """
        journey: %s
        category: marketing
        priority: 50
        entry: { on: %s, when: "event.properties.value >= 20.0", again-after: P1D }
        exit: [ { on: Order Completed } ]
        goal: { on: Order Completed, within: P3D, value: event.properties.total, silence: P2D }
        steps:
          - wait: PT1S
          - send: { channel: email, template: cart-first }
          - wait: %s
          - send: { channel: sms, template: cart-last, unless-denied: { then: [ { send: { channel: email, template: cart-last } } ] } }
        """
                .formatted(key, event, smsAfter);
    }

    private record Person(String user, String email, String phone) {

        static Person called(String name, int number) {
            return new Person(
                    name, name + "@example.com", "+346000" + String.format("%05d", number));
        }

        Map<String, String> traits() {
            return Map.of("email", email, "phone", phone, "first_name", user);
        }

        String id() {
            return "user_id:" + user;
        }
    }

    private static void optIn(Person person, String... channels) {
        for (String channel : channels) {
            API.consent(person.id(), channel, "opted_in");
        }
    }

    private static List<Sms> smsTo(Person person) {
        return OUTSIDE.smsTo(person.phone());
    }

    private static List<Mail> mailsTo(Person person) {
        return OUTSIDE.mailsTo(person.email());
    }

    @Test
    void anAnonymousVisitorBecomesACustomerAndTheConversationGoesOn() {
        API.activate("cart-ana", cart("cart-ana", "Checkout Started Ana", "PT8S"));
        Person ana = Person.called("ana", 1);
        Analytics sdk =
                Analytics.builder("local-write-key")
                        .endpoint(STACK.gateway().toString())
                        .flushInterval(1, TimeUnit.SECONDS)
                        .build();
        try {
            sdk.enqueue(
                    TrackMessage.builder("Checkout Started Ana")
                            .anonymousId("browser-ana")
                            .properties(Map.of("value", 41.5, "currency", "EUR")));
            await().atMost(SOON).until(() -> API.customer("anonymous_id:browser-ana").isPresent());
            sdk.enqueue(
                    IdentifyMessage.builder()
                            .anonymousId("browser-ana")
                            .userId(ana.user())
                            .traits(ana.traits()));
            await().atMost(SOON).until(() -> API.customer(ana.id()).isPresent());
            assertThat(API.customerId("anonymous_id:browser-ana"))
                    .isEqualTo(API.customerId(ana.id()));
            optIn(ana, "email", "sms");
        } finally {
            sdk.shutdown();
        }
        await().atMost(SOON).untilAsserted(() -> assertThat(smsTo(ana)).hasSize(1));
        assertThat(smsTo(ana).getFirst().text()).startsWith("Last call for your cart");

        JsonNode sms =
                API.messages(API.customerId(ana.id())).stream()
                        .filter(m -> m.path("channel").asText().equals("sms"))
                        .findFirst()
                        .orElseThrow();
        String id = sms.path("id").asText();
        await().atMost(SOON)
                .untilAsserted(() ->
                        assertThat(
                                        API.get("/api/messages/" + id)
                                                .expect(200)
                                                .body()
                                                .path("state")
                                                .asText())
                                .isEqualTo("delivered"));
    }

    @Test
    void theEmailComesFirstAndTheSmsAfterTheWait() {
        API.activate("cart-bea", cart("cart-bea", "Checkout Started Bea", "PT2S"));
        Person bea = Person.called("bea", 2);
        API.identify(bea.user(), "browser-bea", bea.traits());
        optIn(bea, "email", "sms");
        API.event(bea.user(), "Checkout Started Bea", Map.of("value", 25));
        await().atMost(SOON).untilAsserted(() -> assertThat(mailsTo(bea)).hasSize(1));
        await().atMost(SOON).untilAsserted(() -> assertThat(smsTo(bea)).hasSize(1));
        Instant mailed = mailsTo(bea).getFirst().receivedAt();
        assertThat(smsTo(bea).getFirst().receivedAt()).isAfter(mailed.plusMillis(1900));
    }

    @Test
    void anOrderSilencesTheSmsThatIsQueued() {
        API.activate("cart-cleo", cart("cart-cleo", "Checkout Started Cleo", "PT3S"));
        Person cleo = Person.called("cleo", 3);
        API.identify(cleo.user(), "browser-cleo", cleo.traits());
        optIn(cleo, "email", "sms");
        API.event(cleo.user(), "Checkout Started Cleo", Map.of("value", 25));
        await().atMost(SOON).untilAsserted(() -> assertThat(mailsTo(cleo)).hasSize(1));
        API.event(
                cleo.user(),
                "Order Completed",
                Map.of("order_id", "O-cleo", "total", 52.10, "revenue", 41.5, "currency", "EUR"));
        assertNothingMore(cleo, 1, 0);
    }

    @Test
    void aStopEndsSmsAndTheJourneyMovesToEmail() {
        API.activate("cart-dan", cart("cart-dan", "Checkout Started Dan", "PT3S"));
        Person dan = Person.called("dan", 4);
        API.identify(dan.user(), "browser-dan", dan.traits());
        optIn(dan, "email", "sms");
        API.event(dan.user(), "Checkout Started Dan", Map.of("value", 25));
        await().atMost(SOON).untilAsserted(() -> assertThat(mailsTo(dan)).hasSize(1));
        assertThat(OUTSIDE.textFromSubscriber(dan.phone(), "Throughline", "Stop!")).isZero();
        await().atMost(SOON).untilAsserted(() -> assertThat(mailsTo(dan)).hasSize(2));
        assertThat(mailsTo(dan).get(1).subject()).isEqualTo("Last call by email");
        assertThat(smsTo(dan))
                .as("only that the stop was heard")
                .allMatch(sms -> sms.text().startsWith("You will get no more messages"));
        String customer = API.customerId(dan.id());
        await().atMost(SOON)
                .untilAsserted(() ->
                        assertThat(
                                        API.get("/api/customers/" + customer + "/consents")
                                                .body()
                                                .toString())
                                .contains("opted_out")
                                .contains("sms"));
        await().atMost(SOON)
                .untilAsserted(
                        () -> assertThat(API.decisions(customer).toString()).contains("opted_out"));
    }

    @Test
    void exactlyTheCapArrivesAndTheRestIsExplained() {
        Person eve = Person.called("eve", 5);
        API.identify(eve.user(), "browser-eve", eve.traits());
        optIn(eve, "email");
        int journeys = 6;
        IntStream.range(0, journeys)
                .forEach(i ->
                        API.activate(
                                "news-" + i,
                                """
                                journey: news-%d
                                category: marketing
                                entry: { on: Newsletter Due }
                                steps:
                                  - send: { channel: email, template: news }
                                """
                                        .formatted(i)));
        int cap = globalDailyCap();
        API.event(eve.user(), "Newsletter Due", Map.of());
        String customer = API.customerId(eve.id());
        await().atMost(SOON)
                .untilAsserted(() ->
                        assertThat(
                                        API.decisions(customer).stream()
                                                .filter(d -> d.toString().contains("global_cap")))
                                .hasSize(journeys - cap));
        assertThat(mailsTo(eve)).hasSize(cap);
        JsonNode denied =
                API.decisions(customer).stream()
                        .filter(d -> d.toString().contains("global_cap"))
                        .findFirst()
                        .orElseThrow();
        assertThat(denied.toString()).contains("cap:global:P1D").contains("\"count\":" + cap);
        JsonNode now =
                API.get(
                                "/api/customers/"
                                        + customer
                                        + "/decisions?limit=1&channel=email&template=news&journey=news-0")
                        .expect(200)
                        .body()
                        .path("now");
        assertThat(now.path("allowed").asBoolean(true)).isFalse();
        assertThat(now.path("reason").asText()).isEqualTo("global_cap");
        assertThat(now.path("retryAt").asText()).isNotEmpty();
        assertThat(now.path("change").asText()).contains("1 contact fewer in all in 1 day");
        IntStream.range(0, journeys).forEach(i -> API.archive("news-" + i));
    }

    @Test
    void aKilledServiceLosesNoEventAndSendsNoSmsTwice() {
        API.activate(
                "sms-now",
                """
                journey: sms-now
                category: marketing
                entry: { on: Ping Me }
                steps:
                  - wait: PT1S
                  - send: { channel: sms, template: cart-last }
                """);
        int number = 100;
        for (Service service : Service.values()) {
            List<Person> people =
                    IntStream.range(number, number + 20)
                            .mapToObj(i -> Person.called("kill" + i, i))
                            .toList();
            number += 20;
            for (Person person : people) {
                API.identify(person.user(), "browser-" + person.user(), person.traits());
                optIn(person, "sms");
                API.event(person.user(), "Ping Me", Map.of());
            }
            STACK.kill(service);
            // Every event leads to exactly one hand-over, or to a message that says that it does
            // not know.
            await("after killing " + service.label())
                    .atMost(Duration.ofSeconds(90))
                    .untilAsserted(() ->
                            assertThat(people)
                                    .allSatisfy(person ->
                                            assertThat(smsTo(person).size() + unknownOf(person))
                                                    .isGreaterThanOrEqualTo(1)));
            assertThat(people)
                    .allSatisfy(person -> assertThat(smsTo(person)).hasSizeLessThanOrEqualTo(1));
        }
    }

    @Test
    void anOrdersValueIsSplitOverItsTouchesByFiveModels() {
        API.activate("cart-gil", cart("cart-gil", "Checkout Started Gil", "PT1S"));
        Person gil = Person.called("gil", 7);
        API.identify(gil.user(), "browser-gil", gil.traits());
        optIn(gil, "email", "sms");
        API.event(gil.user(), "Checkout Started Gil", Map.of("value", 25));
        await().atMost(SOON).untilAsserted(() -> assertThat(smsTo(gil)).hasSize(1));
        String customer = API.customerId(gil.id());
        await().atMost(SOON)
                .untilAsserted(() ->
                        assertThat(
                                        API.decisions(customer).stream()
                                                .filter(d ->
                                                        d.path("kind").asText().equals("sent")))
                                .hasSize(2));
        API.event(
                gil.user(),
                "Order Completed",
                Map.of("order_id", "O-gil", "total", "100.01", "currency", "CHF"));
        String report = "/api/reports/attribution?journey=cart-gil";
        await().atMost(SOON)
                .untilAsserted(() ->
                        assertThat(
                                        API.get(report)
                                                .expect(200)
                                                .body()
                                                .path("totals")
                                                .path("conversions")
                                                .asInt())
                                .isEqualTo(1));
        JsonNode models = API.get(report).body().path("models");
        assertThat(models).hasSize(5);
        for (JsonNode model : models) {
            BigDecimal sum = BigDecimal.ZERO;
            for (JsonNode channel : model.path("byChannel")) {
                for (JsonNode value : channel.path("value")) {
                    sum = sum.add(new BigDecimal(value.path("amount").asText()));
                }
            }
            assertThat(sum).as(model.toString()).isEqualByComparingTo("100.01");
        }
    }

    @Test
    void aHoldoutShowsWhatTheJourneyAdded() {
        API.activate(
                "lift",
                """
                journey: lift
                category: marketing
                entry: { on: Lift Entered }
                goal: { on: Lift Reached, within: P3D }
                holdout: 50%
                steps:
                  - wait: PT1S
                  - send: { channel: sms, template: cart-last }
                """);
        List<Person> people =
                IntStream.range(300, 340).mapToObj(i -> Person.called("lift" + i, i)).toList();
        for (Person person : people) {
            API.identify(person.user(), "browser-" + person.user(), person.traits());
            optIn(person, "sms");
            API.event(person.user(), "Lift Entered", Map.of());
        }
        await().atMost(SOON.multipliedBy(2))
                .untilAsserted(() -> {
                    JsonNode lift = API.get("/api/reports/lift?journey=lift").expect(200).body();
                    assertThat(
                                    lift.path("treated").path("assigned").asInt()
                                            + lift.path("heldOut").path("assigned").asInt())
                            .isEqualTo(people.size());
                });
        JsonNode lift = API.get("/api/reports/lift?journey=lift").body();
        int treated = lift.path("treated").path("assigned").asInt();
        assertThat(treated).isBetween(5, 35);
        await().atMost(SOON)
                .untilAsserted(() ->
                        assertThat(people.stream().filter(p -> !smsTo(p).isEmpty()).count())
                                .isEqualTo(treated));
        people.stream()
                .filter(p -> !smsTo(p).isEmpty())
                .forEach(p -> API.event(p.user(), "Lift Reached", Map.of()));
        await().atMost(SOON)
                .untilAsserted(() -> {
                    JsonNode now = API.get("/api/reports/lift?journey=lift").body();
                    assertThat(now.path("treated").path("converted").asInt()).isEqualTo(treated);
                    assertThat(now.path("heldOut").path("converted").asInt()).isZero();
                    assertThat(now.path("interval").toString()).matches(".*\\d.*");
                });
    }

    @Test
    void aDryRunTellsWhatWouldBeSentAndSendsNothing() {
        Person hal = Person.called("hal", 8);
        API.identify(hal.user(), "browser-hal", hal.traits());
        optIn(hal, "email");
        API.event(hal.user(), "Dry Event", Map.of());
        API.putJourney(
                        "dry",
                        """
                        journey: dry
                        category: marketing
                        entry: { on: Dry Event }
                        steps:
                          - send: { channel: email, template: news }
                          - send: { channel: sms, template: cart-last }
                        """)
                .expect(201);
        await().atMost(SOON)
                .untilAsserted(() -> {
                    JsonNode report = dryRun("dry");
                    assertThat(report.path("entered").asInt()).as(report.toString()).isEqualTo(1);
                });
        JsonNode report = dryRun("dry");
        assertThat(report.path("sends").path("email").asInt()).isEqualTo(1);
        assertThat(report.path("suppressions").path("consent").asInt()).isEqualTo(1);
        assertThat(dryRun("dry")).isEqualTo(report);
        assertNothingMore(hal, 0, 0);
    }

    private static JsonNode dryRun(String journey) {
        JsonNode started =
                API.post("/api/journeys/" + journey + "/dry-runs", Map.of("seed", 7))
                        .expect(202)
                        .body();
        String id = started.path("id").asText();
        await().atMost(SOON)
                .until(() ->
                        API.get("/api/dry-runs/" + id)
                                .expect(200)
                                .body()
                                .path("status")
                                .asText()
                                .equals("done"));
        return API.get("/api/dry-runs/" + id).body().path("report");
    }

    private static long unknownOf(Person person) {
        return API.messages(API.customerId(person.id())).stream()
                .filter(m -> m.path("state").asText().equals("unknown"))
                .count();
    }

    private static int globalDailyCap() {
        for (JsonNode cap : API.get("/api/contact-policy").expect(200).body().path("caps")) {
            if (cap.path("scope").asText().equals("global")
                    && Duration.parse(cap.path("per").asText()).equals(Duration.ofDays(1))) {
                return cap.path("max").asInt();
            }
        }
        throw new AssertionError("the policy has no global daily cap");
    }

    /** Nothing more comes for a while; what came before stays what it was. */
    private static void assertNothingMore(Person person, int mails, int texts) {
        await().pollDelay(A_WHILE)
                .atMost(A_WHILE.plusSeconds(10))
                .untilAsserted(() -> {
                    assertThat(mailsTo(person)).hasSize(mails);
                    assertThat(smsTo(person)).hasSize(texts);
                });
    }
}
