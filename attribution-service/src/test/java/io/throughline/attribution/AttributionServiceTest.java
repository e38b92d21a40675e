package io.throughline.attribution;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import io.restassured.specification.RequestSpecification;
import io.throughline.attribution.stream.RulesInForce;
import io.throughline.contracts.Channel;
import io.throughline.contracts.ContractEvent;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Envelope;
import io.throughline.contracts.Ids;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.Topics;
import io.throughline.contracts.customer.BehaviourRecorded;
import io.throughline.contracts.customer.CustomerErased;
import io.throughline.contracts.customer.CustomersMerged;
import io.throughline.contracts.customer.IdentifiersUnlinked;
import io.throughline.contracts.customer.SilenceBegun;
import io.throughline.contracts.decision.DecisionEvent;
import io.throughline.contracts.ingest.AcceptedEvent.Kind;
import io.throughline.contracts.json.EventCodec;
import io.throughline.contracts.message.JourneyRef;
import io.throughline.contracts.message.MessageEvent;
import io.throughline.contracts.message.SuppressionReason;
import io.throughline.contracts.message.Verdict;
import io.throughline.contracts.policy.PolicyEvent.ConversionRule;
import io.throughline.contracts.policy.PolicyEvent.ConversionRulesPublished;
import io.throughline.contracts.policy.SilenceScope;
import io.throughline.local.testing.EmbeddedInfrastructure;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the service does with what the others tell it, seen over HTTP. Each test has a day. */
@QuarkusTest
@QuarkusTestResource(EmbeddedInfrastructure.class)
class AttributionServiceTest {

    private static final Duration SOON = Duration.ofSeconds(30);
    private static final AtomicInteger DAYS = new AtomicInteger();
    private static final Random RANDOM = new Random();

    @Inject RulesInForce rules;
    @Inject Pool pool;

    @ConfigProperty(name = "kafka.bootstrap.servers")
    String brokers;

    private @Nullable Tellers open;
    private Instant day = Instant.EPOCH;
    private String journey = "";

    @BeforeEach
    void anotherDay() {
        open = new Tellers(brokers);
        int number = DAYS.incrementAndGet();
        day = Instant.parse("2026-01-01T00:00:00Z").plus(Duration.ofDays(20L * number));
        journey = "journey-" + number;
    }

    @AfterEach
    void hangUp() {
        tellers().close();
    }

    @Test
    void anOrderIsSplitOverItsTouches() {
        CustomerId ana = customer();
        tell(sent(ana, Channel.EMAIL, hour(1)));
        tell(page(ana, hour(2), "spring"));
        tell(sent(ana, Channel.SMS, hour(3)));
        tell(order(ana, hour(4), "o-1", "41.50"));

        eventually(() -> {
            JsonPath report = attribution("");
            assertThat(report.getLong("totals.conversions")).isEqualTo(1);
            assertThat(report.getString("totals.value[0].amount")).isEqualTo("41.50");
            assertThat(report.getString("totals.value[0].currency")).isEqualTo("EUR");
            assertThat(amounts(report, "first")).isEqualTo(Map.of("email", "41.50"));
            assertThat(amounts(report, "last")).isEqualTo(Map.of("sms", "41.50"));
            assertThat(amounts(report, "linear"))
                    .isEqualTo(Map.of("email", "13.84", "web", "13.83", "sms", "13.83"));
            assertThat(amounts(report, "time-decay"))
                    .isEqualTo(Map.of("email", "13.78", "web", "13.83", "sms", "13.89"));
            assertThat(amounts(report, "position-based"))
                    .isEqualTo(Map.of("email", "16.60", "web", "8.30", "sms", "16.60"));
        });
        JsonPath linear = attribution("&model=linear");
        assertThat(linear.getList("models")).hasSize(1);
        assertThat(
                        linear.getString(
                                "models[0].byJourney.find { it.key == 'none' }.value[0].amount"))
                .isEqualTo("13.83");
        assertThat(linear.getList("models[0].byCampaign.key")).contains("spring", "hello");
    }

    @Test
    void anErasedCustomerIsNobodyAndTheReportsStayWhatTheyWere() {
        CustomerId ana = customer();
        CustomerId before = customer();
        tell(new CustomersMerged(ana, before, "m-1", hour(0)));
        MessageEvent.Sent email = sent(before, Channel.EMAIL, hour(1));
        tell(email);
        tell(page(ana, hour(2), "spring"));
        tell(order(ana, hour(4), "o-erased", "41.50"));
        tell(order(before, hour(5), "o-erased", "41.50"));
        eventually(() -> {
            assertThat(amounts(attribution(""), "linear"))
                    .isEqualTo(Map.of("email", "20.75", "web", "20.75"));
            assertThat(attribution("").getLong("totals.conversions")).isEqualTo(1);
            assertThat(decisions(ana, "").getList("items")).hasSize(1);
        });
        assertThat(exported(ana, before)).contains("o-erased", "41.50", email.message().toString());

        CustomerErased erased =
                new CustomerErased(ana, List.of(before), UUID.randomUUID(), Instant.now());
        tell(erased);
        eventually(() ->
                assertThat(
                                rows(
                                        "SELECT FROM gone_causes WHERE cause = $1 AND cleared_at IS NOT NULL",
                                        erased.erasure()))
                        .isOne());
        tell(order(before, hour(6), "o-late", "10.00"));
        tell(sent(ana, Channel.SMS, hour(3)));
        tell(erased);
        tell(order(customer(), hour(7), "o-other", "1.00"));

        eventually(() -> {
            assertThat(attribution("").getLong("totals.conversions")).isEqualTo(2);
            assertThat(amounts(attribution(""), "linear"))
                    .containsEntry("email", "20.75")
                    .containsEntry("web", "20.75");
        });
        assertThat(decisions(ana, "").getList("items")).isEmpty();
        for (UUID id : List.of(ana.value(), before.value(), email.message().value())) {
            for (String table : List.of("decisions", "messages", "sessions", "conversions")) {
                assertThat(rows("SELECT FROM " + table + " t WHERE $1 IN (t.id, t.customer)", id))
                        .as(table)
                        .isZero();
            }
        }
        assertThat(exported(ana, before)).doesNotContain("o-erased", "41.50");
    }

    private static String exported(CustomerId one, CustomerId other) {
        return given().header("Authorization", "Bearer local-service-token")
                .contentType("application/json")
                .body("{\"ids\":[\"%s\",\"%s\"]}".formatted(one, other))
                .post("/internal/export")
                .then()
                .statusCode(200)
                .extract()
                .asString();
    }

    private int rows(String query, UUID id) {
        return pool.preparedQuery(query).execute(Tuple.of(id)).await().atMost(SOON).rowCount();
    }

    @Test
    void onlyWhatTheCustomerAnsweredIsATouchWhereEngagementIsAskedFor() {
        CustomerId ana = customer();
        MessageEvent.Sent email = sent(ana, Channel.EMAIL, hour(1));
        tell(email);
        tell(sent(ana, Channel.SMS, hour(2)));
        tell(
                new MessageEvent.Clicked(
                        email.message(), ana, Channel.EMAIL, email.origin(), "https://x", hour(3)));
        tell(order(ana, hour(4), "o-1", "10.00"));

        eventually(() ->
                assertThat(amounts(attribution("&touches=engaged"), "linear"))
                        .isEqualTo(Map.of("email", "10.00")));
        eventually(() ->
                assertThat(amounts(attribution("&touches=sent"), "linear"))
                        .isEqualTo(Map.of("email", "5.00", "sms", "5.00")));
    }

    @Test
    void whatNoTouchLedToIsDirectAndAFailedMessageIsNoTouch() {
        CustomerId ana = customer();
        MessageEvent.Sent sms = sent(ana, Channel.SMS, hour(1));
        tell(sms);
        tell(
                new MessageEvent.Failed(
                        sms.message(), ana, Channel.SMS, sms.origin(), "UNDELIV", "no", hour(2)));
        tell(order(ana, hour(3), "o-1", "10.00"));

        eventually(() -> {
            assertThat(amounts(attribution(""), "last")).isEqualTo(Map.of("direct", "10.00"));
            assertThat(attribution("").getLong("totals.direct")).isEqualTo(1);
        });
    }

    @Test
    void redeliveryAndRepetitionChangeNothing() {
        CustomerId ana = customer();
        List<Envelope<?>> story = new ArrayList<>();
        story.add(tell(sent(ana, Channel.EMAIL, hour(1))));
        story.add(tell(page(ana, hour(2), "spring")));
        story.add(tell(order(ana, hour(3), "o-1", "9.99")));
        story.forEach(tellers()::tellAgain);
        tell(order(ana, hour(4), "o-1", "9.99"));
        tell(order(ana, hour(5), "o-2", "1.00"));

        eventually(() -> {
            JsonPath report = attribution("");
            assertThat(report.getLong("totals.conversions")).isEqualTo(2);
            assertThat(report.getString("totals.value[0].amount")).isEqualTo("10.99");
            assertThat(amounts(report, "first")).containsEntry("email", "10.99");
        });
        assertThat(decisions(ana, "").getList("items")).hasSize(1);
    }

    @Test
    void aMergeMovesEverythingToTheSurvivorAlsoWhatComesLater() {
        CustomerId ana = customer();
        CustomerId visitor = customer();
        CustomerId stray = customer();
        tell(sent(stray, Channel.EMAIL, hour(1)));
        tell(page(visitor, hour(2), "spring"));
        tell(order(visitor, hour(5), "o-1", "9.00"));
        tell(new CustomersMerged(visitor, stray, "m-0", hour(6)));
        tell(new CustomersMerged(ana, visitor, "m-1", hour(6)));
        tell(page(ana, hour(2).plusSeconds(60), "spring"));
        tell(sent(visitor, Channel.SMS, hour(3)));
        tell(order(ana, hour(6), "o-1", "9.00"));

        eventually(() -> {
            JsonPath report = attribution("");
            assertThat(report.getLong("totals.conversions")).isEqualTo(1);
            assertThat(amounts(report, "linear"))
                    .isEqualTo(Map.of("email", "3.00", "web", "3.00", "sms", "3.00"));
            assertThat(decisions(ana, "").getList("items")).hasSize(2);
            assertThat(decisions(stray, "").getList("items.id"))
                    .isEqualTo(decisions(ana, "").getList("items.id"));
        });
    }

    @Test
    void whatASightingSaidGoesToTheCustomerItTurnsOutToBeOf() {
        CustomerId ana = customer();
        CustomerId bea = customer();
        UUID sighting = UUID.randomUUID();
        tell(sent(ana, Channel.EMAIL, hour(1)));
        tell(seen(sighting, page(ana, hour(2), "spring")));
        tell(seen(sighting, order(ana, hour(5), "o-1", "9.00")));
        eventually(() -> assertThat(amounts(attribution(""), "linear")).containsKey("email"));

        tell(
                new IdentifiersUnlinked(
                        ana,
                        bea,
                        List.of(),
                        List.of(sighting),
                        List.of(),
                        List.of(),
                        "m-1",
                        hour(6)));

        eventually(() ->
                assertThat(amounts(attribution(""), "linear")).isEqualTo(Map.of("web", "9.00")));
    }

    @Test
    void aMessageThatTurnsOutToBeAnothersTakesItsDecisionsAlong() {
        CustomerId ana = customer();
        CustomerId stray = customer();
        CustomerId bea = customer();
        CustomerId cleo = customer();
        MessageEvent.Sent text = sent(stray, Channel.SMS, hour(1));
        tell(new CustomersMerged(ana, stray, "m-0", hour(1)));
        tell(text);
        tell(sent(ana, Channel.EMAIL, hour(2)));
        tell(order(bea, hour(5), "o-1", "9.00"));
        eventually(() -> assertThat(decisions(ana, "").getList("items")).hasSize(2));

        tell(reassigned(text, stray, bea, hour(6)));
        // What was told before of a message may be read after it is known whose it is.
        tell(chosen(stray, text, hour(1)));

        eventually(() -> {
            assertThat(decisions(ana, "").getList("items.channel")).containsExactly("email");
            assertThat(decisions(bea, "").getList("items.kind"))
                    .containsExactlyInAnyOrder("sent", "channel-chosen");
            assertThat(amounts(attribution(""), "linear")).isEqualTo(Map.of("sms", "9.00"));
        });

        // Of two, the later counts, in whatever order they come.
        tell(reassigned(text, bea, cleo, hour(8)));
        tell(reassigned(text, ana, bea, hour(7)));
        eventually(() -> {
            assertThat(decisions(cleo, "").getList("items")).hasSize(2);
            assertThat(decisions(bea, "").getList("items")).isEmpty();
        });
    }

    private static MessageEvent.Reassigned reassigned(
            MessageEvent.Sent message, CustomerId from, CustomerId to, Instant at) {
        return new MessageEvent.Reassigned(message.message(), from, to, message.channel(), at);
    }

    private DecisionEvent.ChannelChosen chosen(
            CustomerId customer, MessageEvent.Sent message, Instant at) {
        return new DecisionEvent.ChannelChosen(
                customer, ref(), message.message(), message.channel(), List.of(), 1, at);
    }

    private static BehaviourRecorded seen(UUID sighting, BehaviourRecorded b) {
        return new BehaviourRecorded(
                b.customer(),
                b.messageId(),
                b.source(),
                b.kind(),
                b.name(),
                b.properties(),
                b.context(),
                b.identifiers(),
                b.occurredAt(),
                b.receivedAt(),
                sighting);
    }

    @Test
    void aRefundReversesCreditAndACancellationTheConversion() {
        CustomerId ana = customer();
        tell(sent(ana, Channel.EMAIL, hour(1)));
        tell(order(ana, hour(2), "part", "10.00", "12.00"));
        tell(order(ana, hour(3), "whole", "20.00", "24.00"));
        tell(order(ana, hour(4), "gone", "40.00", "48.00"));
        tell(track(ana, hour(5), "Order Refunded", Map.of("order_id", "part", "total", 3)));
        tell(track(ana, hour(6), "Order Refunded", Map.of("order_id", "whole", "total", 24)));
        tell(track(ana, hour(7), "Order Cancelled", Map.of("order_id", "gone")));

        eventually(() -> {
            JsonPath report = attribution("");
            assertThat(report.getLong("totals.conversions")).isEqualTo(1);
            assertThat(report.getLong("totals.reversed")).isEqualTo(2);
            assertThat(amounts(report, "last")).isEqualTo(Map.of("email", "7.50"));
        });
    }

    @Test
    void aJourneysReportCountsItsOwnGoalsOfThoseWhoEntered() {
        tell(
                new ConversionRulesPublished(
                        journey,
                        1,
                        List.of(
                                new ConversionRule(
                                        "Trial Started " + journey,
                                        "event.properties.seats > 1",
                                        "event.properties.seats * 2",
                                        Duration.ofHours(10),
                                        null,
                                        SilenceScope.ALL_JOURNEYS)),
                        hour(0)));
        await().atMost(SOON).until(() -> rules.has(journey));
        CustomerId ana = customer();
        CustomerId late = customer();
        CustomerId outsider = customer();
        tell(new DecisionEvent.Entered(ana, ref(), "m-1", hour(1)));
        tell(new DecisionEvent.Entered(late, ref(), "m-1", hour(1)));
        tell(sent(ana, Channel.EMAIL, hour(2)));
        for (CustomerId one : List.of(ana, outsider)) {
            tell(track(one, hour(3), "Trial Started " + journey, Map.of("seats", 5)));
        }
        tell(track(ana, hour(4), "Trial Started " + journey, Map.of("seats", 1)));
        tell(track(late, hour(12), "Trial Started " + journey, Map.of("seats", 5)));

        eventually(() -> {
            assertThat(attribution("").getLong("totals.conversions")).isEqualTo(3);
            JsonPath own = attribution("&journey=" + journey);
            assertThat(own.getLong("totals.conversions")).isEqualTo(1);
            assertThat(amounts(own, "last")).isEqualTo(Map.of("email", "10.00"));
        });
        JsonPath funnel = report("funnel", "&journey=" + journey);
        assertThat(funnel.getLong("journeys[0].entered")).isEqualTo(2);
        assertThat(funnel.getLong("journeys[0].sent")).isEqualTo(1);
        assertThat(funnel.getLong("journeys[0].converted")).isEqualTo(1);
    }

    @Test
    void liftComparesTheArmsAsAssigned() {
        assign(40, 20, 16, 2, 1.0 / 3);
        CustomerId both = customer();
        CustomerId other = customer();
        tell(new DecisionEvent.Entered(both, ref(), "m-1", 1.0 / 3, hour(1)));
        tell(new DecisionEvent.HeldOut(other, ref(), "m-1", 1.0 / 3, hour(2)));
        tell(new CustomersMerged(both, other, "m-2", hour(3)));

        eventually(() -> {
            JsonPath lift = report("lift", "&journey=" + journey);
            assertThat(lift.getLong("treated.assigned")).isEqualTo(41);
            assertThat(lift.getLong("treated.converted")).isEqualTo(16);
            assertThat(lift.getLong("heldOut.assigned")).isEqualTo(20);
            assertThat(lift.getLong("heldOut.converted")).isEqualTo(2);
            assertThat(lift.getLong("crossed")).isEqualTo(1);
            assertThat(lift.getDouble("interval.low")).isPositive();
            assertThat(lift.getDouble("pValue")).isBetween(0.01, 0.05);
            assertThat(lift.getBoolean("sampleRatio.checked")).isTrue();
            assertThat(lift.getString("statement")).contains("41 treated", "20 held out");
        });
        JsonPath revenue = report("lift", "&metric=revenue&journey=" + journey);
        assertThat(revenue.getString("currency")).isEqualTo("EUR");
        assertThat(revenue.getDouble("treated.revenuePerCustomer"))
                .isCloseTo(160.0 / 41, within(1e-6));
        assertThat(revenue.getDouble("heldOut.revenuePerCustomer")).isEqualTo(1.0);
        assertThat(revenue.getString("method")).isEqualTo("Welch t");
    }

    @Test
    void armsOfTheWrongSizeKeepTheDifferenceBack() {
        assign(40, 20, 4, 2, 0.1);

        eventually(() -> {
            JsonPath lift = report("lift", "&journey=" + journey);
            assertThat(lift.getLong("treated.assigned")).isEqualTo(40);
            assertThat(lift.getLong("heldOut.assigned")).isEqualTo(20);
            assertThat(lift.getBoolean("sampleRatio.blocks")).isTrue();
            assertThat(lift.getString("difference")).isNull();
        });
        assertThat(
                        report("lift", "&holdout=0.33&journey=" + journey)
                                .getBoolean("sampleRatio.blocks"))
                .isFalse();
    }

    @Test
    void aJourneyWithoutAHoldoutHasNoLift() {
        tell(new DecisionEvent.Entered(customer(), ref(), "m-1", hour(1)));

        viewer().get(path("lift", "&journey=" + journey))
                .then()
                .statusCode(422)
                .contentType("application/problem+json");
        assertThat(viewer().get(path("lift", "&journey=" + journey)).jsonPath().getString("detail"))
                .contains("nobody was held out of journey " + journey);
    }

    @Test
    void whatWasSilencedSaysAfterWhichConversion() {
        CustomerId ana = customer();
        Instant ends = hour(30).plusNanos(123_456_789);
        tell(silence(ana, "Cart Filled", hour(2), hour(20)));
        tell(silence(ana, "Order Completed", hour(1), ends));
        tell(
                new MessageEvent.Suppressed(
                        message(),
                        ana,
                        Channel.SMS,
                        ref(),
                        SuppressionReason.SILENCED,
                        List.of(
                                new Verdict("consent", true, null, null, null, null),
                                new Verdict(
                                        "silence",
                                        false,
                                        null,
                                        null,
                                        null,
                                        ends.truncatedTo(ChronoUnit.MILLIS))),
                        4,
                        hour(48),
                        hour(3)));

        await().atMost(SOON)
                .untilAsserted(() ->
                        assertThat(decisions(ana, "").<Object>get("items[0].silence"))
                                .isEqualTo(
                                        Map.of(
                                                "event", "Order Completed",
                                                "at", hour(1).toString(),
                                                "until",
                                                        ends.truncatedTo(ChronoUnit.MICROS)
                                                                .toString())));
    }

    private static SilenceBegun silence(
            CustomerId customer, String event, Instant at, Instant until) {
        return new SilenceBegun(
                customer,
                UUID.randomUUID().toString(),
                "pos",
                event,
                null,
                until,
                at,
                null,
                at,
                at,
                null,
                "cause of " + event,
                null,
                at);
    }

    @Test
    void decisionsComeNewestFirstInPages() {
        CustomerId ana = customer();
        tell(new DecisionEvent.Entered(ana, ref(), "m-1", hour(1)));
        tell(
                new MessageEvent.Suppressed(
                        message(),
                        ana,
                        Channel.SMS,
                        ref(),
                        SuppressionReason.GLOBAL_CAP,
                        List.of(
                                new Verdict("consent", true, null, null, null, null),
                                new Verdict(
                                        "cap:global:P1D",
                                        false,
                                        3,
                                        3,
                                        Duration.ofDays(1),
                                        hour(20))),
                        4,
                        hour(20),
                        hour(2)));
        tell(new DecisionEvent.Left(ana, ref(), "completed", null, hour(3)));
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(decisions(ana, "").getList("items")).hasSize(3));

        JsonPath first = decisions(ana, "?limit=2");
        assertThat(first.getList("items.kind")).containsExactly("left", "suppressed");
        assertThat(first.getString("items[1].rule")).isEqualTo("cap:global:P1D");
        assertThat(first.getInt("items[1].verdicts[1].count")).isEqualTo(3);
        assertThat(first.getInt("items[1].policyVersion")).isEqualTo(4);
        assertThat(first.getString("items[1].explanation")).contains("3 of 3 in all in 1 day");
        JsonPath second = decisions(ana, "?limit=2&cursor=" + first.getString("next"));
        assertThat(second.getList("items.kind")).containsExactly("entered");
        assertThat(second.getString("next")).isNull();
    }

    @Test
    void aPoisonRecordGoesToTheDeadLettersAndThePartitionGoesOn() {
        CustomerId ana = customer();
        String id = UUID.randomUUID().toString();
        tellers()
                .tellNonsense(
                        Topics.CUSTOMERS,
                        ana.toString(),
                        Map.of(
                                EventCodec.ID,
                                id,
                                EventCodec.TYPE,
                                "io.throughline.from-the-future"),
                        "{".getBytes(StandardCharsets.UTF_8));
        tell(order(ana, hour(1), "o-1", "5.00"));

        eventually(() -> assertThat(attribution("").getLong("totals.conversions")).isEqualTo(1));
        assertThat(deadLetters(Topics.deadLetters(Topics.CUSTOMERS))).contains(id);
    }

    @Test
    void deliveriesAndOptOutsAreCountedByDay() {
        CustomerId ana = customer();
        MessageEvent.Sent sms = sent(ana, Channel.SMS, hour(1));
        MessageEvent.Sent email = sent(ana, Channel.EMAIL, hour(1));
        tell(sms);
        tell(email);
        tell(new MessageEvent.Delivered(sms.message(), ana, Channel.SMS, sms.origin(), hour(2)));
        tell(
                new MessageEvent.Failed(
                        email.message(), ana, Channel.EMAIL, null, "550", "no", hour(2)));
        for (int i = 0; i < 2; i++) {
            tell(
                    new MessageEvent.Unsubscribed(
                            sms.message(),
                            ana,
                            Channel.SMS,
                            "+34600111222",
                            null,
                            "keyword",
                            "STOP",
                            hour(3)));
        }

        eventually(() -> {
            JsonPath delivered = report("deliverability", "");
            assertThat(delivered.getList("days.channel")).containsExactly("email", "sms");
            assertThat(delivered.getList("days.failed", Long.class)).containsExactly(1L, 0L);
            assertThat(delivered.getList("days.delivered", Long.class)).containsExactly(0L, 1L);
            assertThat(report("opt-outs", "").getList("days.optOuts", Long.class))
                    .containsExactly(0L, 1L);
        });
        for (String name : List.of("deliverability", "opt-outs")) {
            assertThat(report(name, "&journey=" + journey).getList("days"))
                    .as(name)
                    .isEqualTo(report(name, "").getList("days"));
            assertThat(report(name, "&journey=another").getList("days")).as(name).isEmpty();
        }
    }

    @Test
    void assistsAreCountedBesideTheLastTouch() {
        CustomerId ana = customer();
        tell(sent(ana, Channel.SMS, hour(1)));
        tell(sent(ana, Channel.EMAIL, hour(2)));
        tell(order(ana, hour(3), "o-1", "5.00"));

        eventually(() -> {
            JsonPath assisted = report("assisted", "");
            assertThat(assisted.<Object>get("channels.find { it.channel == 'sms' }.assisted"))
                    .isEqualTo(1);
            assertThat(assisted.<Object>get("channels.find { it.channel == 'email' }.last"))
                    .isEqualTo(1);
        });
    }

    @Test
    void reportsComeAsCsvToo() {
        CustomerId ana = customer();
        tell(page(ana, hour(1), "=cmd, now"));
        tell(order(ana, hour(2), "o-1", "5.00"));

        eventually(() -> {
            String csv =
                    viewer().accept("text/csv")
                            .get(path("attribution", "&model=last"))
                            .then()
                            .statusCode(200)
                            .contentType("text/csv")
                            .extract()
                            .asString();
            assertThat(csv)
                    .isEqualTo(
                            """
                            model,by,key,attributed,conversions,credit,currency,value\r
                            last,channel,web,true,1,1.000000,EUR,5.00\r
                            last,journey,none,true,1,1.000000,EUR,5.00\r
                            last,campaign,"'=cmd, now",true,1,1.000000,EUR,5.00\r
                            """);
        });
        for (String name : List.of("assisted", "funnel", "deliverability", "opt-outs")) {
            viewer().accept("text/csv").get(path(name, "")).then().statusCode(200);
        }
    }

    @ParameterizedTest(name = "{0} names {1}")
    @CsvSource({
        "/api/reports/attribution?model=guess, model",
        "/api/reports/attribution?from=yesterday, from",
        "/api/reports/attribution?to=2026-13-01, to",
        "/api/reports/attribution?from=2026-02-01&to=2026-01-01, from",
        "/api/reports/attribution?lookback=7days, lookback",
        "/api/reports/attribution?lookback=P400D, lookback",
        "/api/reports/attribution?lookback=-P1D, lookback",
        "/api/reports/attribution?touches=seen, touches",
        "/api/reports/lift, journey",
        "/api/reports/lift?journey=x&metric=joy, metric",
        "/api/reports/lift?journey=x&holdout=1.5, holdout",
        "/api/customers/ana/decisions, id",
        "/api/customers/00000000-0000-0000-0000-000000000001/decisions?limit=0, limit",
        "/api/customers/00000000-0000-0000-0000-000000000001/decisions?cursor=x, cursor",
    })
    void aParameterThatCannotBeReadIsNamed(String address, String field) {
        JsonPath problem =
                viewer().get(address)
                        .then()
                        .statusCode(400)
                        .contentType("application/problem+json")
                        .extract()
                        .jsonPath();

        assertThat(problem.getString("field")).isEqualTo(field);
        assertThat(problem.getString("detail")).startsWith("expected ");
    }

    @ParameterizedTest
    @CsvSource({
        "/api/reports/attribution",
        "/api/reports/lift?journey=x",
        "/api/reports/funnel",
        "/api/customers/00000000-0000-0000-0000-000000000001/decisions"
    })
    void withoutATokenNothingIsTold(String address) {
        given().get(address).then().statusCode(401);
    }

    @Test
    void theOpenApiDocumentNamesEveryRoute() {
        String document = given().accept("application/json").get("/q/openapi").asString();

        assertThat(document)
                .contains(
                        "/api/reports/attribution",
                        "/api/reports/lift",
                        "/api/reports/assisted",
                        "/api/reports/funnel",
                        "/api/reports/opt-outs",
                        "/api/reports/suppression-misses",
                        "/api/reports/opt-out-latency",
                        "/api/reports/deliverability",
                        "/api/customers/{id}/decisions");
    }

    private void assign(
            int treated, int heldOut, int treatedOrders, int heldOutOrders, double share) {
        for (int i = 0; i < treated + heldOut; i++) {
            CustomerId one = customer();
            boolean held = i >= treated;
            int position = held ? i - treated : i;
            tell(
                    held
                            ? new DecisionEvent.HeldOut(one, ref(), "m-1", share, hour(1))
                            : new DecisionEvent.Entered(one, ref(), "m-1", share, hour(1)));
            if (position < (held ? heldOutOrders : treatedOrders)) {
                tell(order(one, hour(2), "o-" + one, "10.00"));
            }
        }
    }

    private JsonPath attribution(String query) {
        return report("attribution", query);
    }

    private JsonPath report(String name, String query) {
        return viewer().get(path(name, query)).then().statusCode(200).extract().jsonPath();
    }

    private JsonPath decisions(CustomerId customer, String query) {
        return viewer().get("/api/customers/" + customer + "/decisions" + query)
                .then()
                .statusCode(200)
                .extract()
                .jsonPath();
    }

    private String path(String name, String query) {
        return "/api/reports/" + name + "?from=" + day + "&to=" + hour(24) + query;
    }

    private static RequestSpecification viewer() {
        return given().urlEncodingEnabled(false)
                .header("Authorization", "Bearer local-admin-token");
    }

    /** Amounts by channel. */
    private static Map<String, String> amounts(JsonPath report, String model) {
        List<Map<String, ?>> lines =
                report.getList("models.find { it.model == '" + model + "' }.byChannel");
        Map<String, String> amounts = new HashMap<>();
        for (Map<String, ?> line : lines) {
            Object value = line.get("value");
            Object first = value instanceof List<?> list ? list.getFirst() : Map.of();
            Object amount = first instanceof Map<?, ?> money ? money.get("amount") : null;
            amounts.put(String.valueOf(line.get("key")), String.valueOf(amount));
        }
        return amounts;
    }

    private static void eventually(ThrowingCallable assertions) {
        await().atMost(SOON).untilAsserted(assertions::call);
    }

    private Tellers tellers() {
        if (open == null) {
            throw new IllegalStateException("no test is running");
        }
        return open;
    }

    private <E extends ContractEvent> Envelope<E> tell(E event) {
        return tellers().tell(event);
    }

    private Instant hour(int hours) {
        return day.plus(Duration.ofHours(hours));
    }

    private JourneyRef ref() {
        return new JourneyRef(journey, 1, UUID.randomUUID(), "steps[0].send");
    }

    private MessageEvent.Sent sent(CustomerId customer, Channel channel, Instant at) {
        return new MessageEvent.Sent(
                message(), customer, channel, ref(), "hello", "route", null, 1, List.of(), 1, at);
    }

    private static BehaviourRecorded page(CustomerId customer, Instant at, String campaign) {
        return behaviour(
                customer,
                at,
                Kind.PAGE,
                "Home",
                Map.of(),
                Map.of("campaign", Map.of("name", campaign, "source", "ads")));
    }

    private static BehaviourRecorded order(
            CustomerId customer, Instant at, String id, String revenue) {
        return order(customer, at, id, revenue, revenue);
    }

    private static BehaviourRecorded order(
            CustomerId customer, Instant at, String id, String revenue, String total) {
        return track(
                customer,
                at,
                "Order Completed",
                Map.of("order_id", id, "revenue", revenue, "total", total, "currency", "EUR"));
    }

    private static BehaviourRecorded track(
            CustomerId customer, Instant at, String name, Map<String, Object> properties) {
        return behaviour(customer, at, Kind.TRACK, name, properties, Map.of());
    }

    private static BehaviourRecorded behaviour(
            CustomerId customer,
            Instant at,
            Kind kind,
            String name,
            Map<String, Object> properties,
            Map<String, Object> context) {
        return new BehaviourRecorded(
                customer,
                UUID.randomUUID().toString(),
                "local",
                kind,
                name,
                properties,
                context,
                List.of(),
                at,
                at);
    }

    private static CustomerId customer() {
        return new CustomerId(Ids.timeOrdered(Instant.now(), RANDOM));
    }

    private static MessageId message() {
        return new MessageId(UUID.randomUUID());
    }

    private List<String> deadLetters(String topic) {
        List<String> ids = new ArrayList<>();
        try (KafkaConsumer<String, byte[]> consumer =
                new KafkaConsumer<>(
                        Map.of(
                                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                                brokers,
                                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                                "earliest"),
                        new StringDeserializer(),
                        new ByteArrayDeserializer())) {
            consumer.assign(
                    consumer.partitionsFor(topic).stream()
                            .map(p -> new TopicPartition(topic, p.partition()))
                            .toList());
            consumer.seekToBeginning(consumer.assignment());
            await().atMost(SOON)
                    .until(() -> {
                        consumer.poll(Duration.ofMillis(200))
                                .forEach(r -> ids.add(header(r, EventCodec.ID)));
                        return !ids.isEmpty();
                    });
        }
        return ids;
    }

    private static String header(ConsumerRecord<String, byte[]> record, String name) {
        var header = record.headers().lastHeader(name);
        return header == null ? "" : new String(header.value(), StandardCharsets.UTF_8);
    }
}
