package io.throughline.identity.http;

import static io.restassured.RestAssured.given;
import static io.throughline.identity.http.Api.SOON;
import static io.throughline.identity.http.Api.accepted;
import static io.throughline.identity.http.Api.admin;
import static io.throughline.identity.http.Api.awaitId;
import static io.throughline.identity.http.Api.idOf;
import static io.throughline.identity.http.Api.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.redis.datasource.ReactiveRedisDataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.smallrye.mutiny.Uni;
import io.throughline.chassis.stream.EventPublisher;
import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.ContractEvent;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Envelope;
import io.throughline.contracts.EventTypes;
import io.throughline.contracts.Identifier;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.decision.DecisionEvent;
import io.throughline.contracts.ingest.AcceptedEvent;
import io.throughline.contracts.json.EventCodec;
import io.throughline.contracts.message.JourneyRef;
import io.throughline.contracts.message.MessageEvent;
import io.throughline.contracts.message.SuppressionReason;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.contracts.policy.PolicyEvent;
import io.throughline.contracts.policy.SilenceScope;
import io.throughline.governance.ContactGate;
import io.throughline.governance.CustomerHistory;
import io.throughline.governance.GateAnswer;
import io.throughline.governance.GateRequest;
import io.throughline.identity.consent.Provenance;
import io.throughline.identity.registry.ConsentBook;
import io.throughline.identity.registry.Conversions;
import io.throughline.identity.registry.DenyingAhead;
import io.throughline.identity.store.Consent;
import io.throughline.local.testing.EmbeddedInfrastructure;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is in force at the gate when a caller has its answer. */
@QuarkusTest
@QuarkusTestResource(EmbeddedInfrastructure.class)
class InForceTest {

    @Inject ContactGate gate;
    @Inject Conversions conversions;
    @Inject DenyingAhead ahead;
    @Inject EventPublisher publisher;
    @Inject ReactiveRedisDataSource redis;
    @Inject Pool pool;

    private final EventCodec codec = new EventCodec();
    private String who = "";
    private String phone = "";

    @BeforeEach
    void somebodyElse() {
        who = UUID.randomUUID().toString();
        phone = "+346" + ThreadLocalRandom.current().nextInt(10_000_000, 99_999_999);
    }

    @Test
    void anOptOutIsInForceWhenItIsAcknowledged() {
        consent("phone:" + phone, "sms", "opted_in");
        CustomerId customer = known("phone:" + phone);
        assertThat(reasonFor(customer, Channel.SMS)).isNull();

        consent("phone:" + phone, "sms", "opted_out");
        assertThat(reasonFor(customer, Channel.SMS)).isEqualTo(SuppressionReason.OPTED_OUT);
        assertThat(gate.addressOptedOut(Channel.SMS, List.of(phone)).await().atMost(SOON))
                .containsExactly(true);

        consent("phone:" + phone, "sms", "opted_in");
        assertThat(reasonFor(customer, Channel.SMS)).isNull();
        JsonNode consents = ok(admin().get("/api/customers/" + customer + "/consents"));
        assertThat(consents.path("current").path(0).path("state").asText()).isEqualTo("opted_in");
        assertThat(consents.path("ledger").valueStream().map(l -> l.path("state").asText()))
                .containsExactly("opted_in", "opted_out", "opted_in");
    }

    @Test
    void aConversionSilencesBeforeItIsAcknowledged() {
        publishRules();
        consent("email:" + who + "@example.com", "email", "opted_in");
        CustomerId customer = known("email:" + who + "@example.com");
        accepted(
                "identify",
                identify("\"userId\":\"u-%1$s\",\"traits\":{\"email\":\"%1$s@example.com\"}"));
        assertThat(reasonFor(customer, Channel.EMAIL)).isNull();

        accepted(
                "track",
                "{\"userId\":\"u-%s\",\"event\":\"Order Completed\",\"properties\":{\"total\":1}}"
                        .formatted(who));
        assertThat(reasonFor(customer, Channel.EMAIL)).as("below the rule's value").isNull();

        accepted(
                "track",
                "{\"userId\":\"u-%s\",\"event\":\"Order Completed\",\"properties\":{\"total\":50}}"
                        .formatted(who));
        assertThat(reasonFor(customer, Channel.EMAIL)).isEqualTo(SuppressionReason.SILENCED);
    }

    /** The row's lock stands for all that can make the ledger wait. */
    @Test
    void theGateDeniesWhileTheLedgerWaits() {
        publishRules();
        consent("phone:" + phone, "sms", "opted_in");
        consent("user_id:u-" + who, "email", "opted_in");
        CustomerId converting = known("user_id:u-" + who);
        CustomerId optingOut = known("phone:" + phone);
        CompletableFuture<Void> optOut;
        CompletableFuture<Void> conversion;
        SqlConnection held = pool.getConnectionAndAwait();
        try {
            held.beginAndAwait();
            held.preparedQuery("SELECT FROM customers WHERE id = ANY($1) FOR UPDATE")
                    .executeAndAwait(
                            Tuple.of((Object) new UUID[] {converting.value(), optingOut.value()}));

            optOut = atOnce(() -> consent("phone:" + phone, "sms", "opted_out"));
            conversion =
                    atOnce(() ->
                            accepted(
                                    "track",
                                    identify(
                                            """
                                            "userId":"u-%s","event":"Order Completed","properties":{"total":50}\
                                            """)));
            await().atMost(SOON)
                    .until(() -> reasonFor(optingOut, Channel.SMS) == SuppressionReason.OPTED_OUT);
            await().atMost(SOON)
                    .until(() ->
                            reasonFor(converting, Channel.EMAIL) == SuppressionReason.SILENCED);
            assertThat(optOut).isNotDone();
            assertThat(conversion).isNotDone();
        } finally {
            held.query("ROLLBACK").executeAndAwait();
            held.closeAndAwait();
        }

        await().atMost(SOON).until(() -> optOut.isDone() && conversion.isDone());
        optOut.join();
        conversion.join();
        assertThat(reasonFor(optingOut, Channel.SMS)).isEqualTo(SuppressionReason.OPTED_OUT);
        assertThat(reasonFor(converting, Channel.EMAIL)).isEqualTo(SuppressionReason.SILENCED);
    }

    private static CompletableFuture<Void> atOnce(Runnable request) {
        return CompletableFuture.runAsync(request, Thread::startVirtualThread);
    }

    @Test
    void whoWasTakenForAnotherIsGivenBackWhatTheLedgerSays() {
        givesBack(taken -> taken.complete(List.of()));
    }

    @Test
    void whatComesToNothingDeniesNobodyForLong() {
        givesBack(taken -> taken.completeExceptionally(new IllegalStateException("away")));
    }

    private void givesBack(Consumer<CompletableFuture<List<Consent>>> end) {
        consent("user_id:" + who, "sms", "opted_in");
        CustomerId ana = known("user_id:" + who);
        CompletableFuture<List<Consent>> taken = new CompletableFuture<>();
        CompletableFuture<List<Consent>> done =
                ahead.optOuts(
                                List.of(
                                        new ConsentBook.Statement(
                                                Identifier.of("user_id:" + who),
                                                Channel.SMS,
                                                null,
                                                ConsentState.OPTED_OUT,
                                                Provenance.of("test", null, "test"))),
                                Uni.createFrom().completionStage(taken))
                        .subscribeAsCompletionStage();
        await().atMost(SOON)
                .until(() -> reasonFor(ana, Channel.SMS) == SuppressionReason.OPTED_OUT);

        end.accept(taken);
        await().atMost(SOON).until(done::isDone);
        await().atMost(SOON).until(() -> reasonFor(ana, Channel.SMS) == null);
    }

    @Test
    void aRefundLiftsTheSilenceOfItsOrderAndNoOther() {
        publishLifting();
        consent("email:" + who + "@example.com", "email", "opted_in");
        CustomerId customer = known("email:" + who + "@example.com");
        accepted(
                "identify",
                identify("\"userId\":\"u-%1$s\",\"traits\":{\"email\":\"%1$s@example.com\"}"));

        ordered("Trip Booked", "a", 120);
        ordered("Trip Booked", "b", 110);
        assertThat(reasonFor(customer, Channel.EMAIL)).isEqualTo(SuppressionReason.SILENCED);
        ordered("Trip Cancelled", "a", 100);
        awaitLiftings(customer, 1);
        assertThat(reasonFor(customer, Channel.EMAIL))
                .as("the other trip")
                .isEqualTo(SuppressionReason.SILENCED);
        ordered("Trip Cancelled", "b", 90);
        ordered("Trip Cancelled", "b", 90);
        // One that comes before what it lifts.
        ordered("Trip Cancelled", "c", 50);
        awaitLiftings(customer, 3);
        ordered("Trip Booked", "c", 60);
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(reasonFor(customer, Channel.EMAIL)).isNull());
        assertThat(hydrate("[\"" + customer + "\"]").statusCode()).isEqualTo(204);
        assertThat(reasonFor(customer, Channel.EMAIL)).isNull();

        ordered("Trip Booked", "a", 10);
        assertThat(reasonFor(customer, Channel.EMAIL))
                .as("booked again after it was cancelled")
                .isEqualTo(SuppressionReason.SILENCED);
    }

    /** What happened so many seconds ago. */
    private void ordered(String event, String order, long secondsAgo) {
        accepted(
                "track",
                """
                {"userId":"u-%s","event":"%s","timestamp":"%s","properties":{"order_id":"%s"}}
                """
                        .formatted(who, event, Instant.now().minusSeconds(secondsAgo), order));
    }

    private void awaitLiftings(CustomerId customer, int lifted) {
        await().atMost(SOON)
                .until(() ->
                        pool.preparedQuery(
                                                """
                                                SELECT count(*) FROM silences
                                                 WHERE customer_id = $1 AND lifted
                                                """)
                                        .execute(Tuple.of(customer.value()))
                                        .await()
                                        .atMost(SOON)
                                        .iterator()
                                        .next()
                                        .getLong(0)
                                == lifted);
    }

    private void publishLifting() {
        publish(
                new PolicyEvent.ConversionRulesPublished(
                        "trips",
                        1,
                        List.of(
                                new PolicyEvent.ConversionRule(
                                        "Trip Booked",
                                        null,
                                        null,
                                        null,
                                        Duration.ofDays(1),
                                        SilenceScope.ALL_JOURNEYS,
                                        null,
                                        Set.of("Trip Cancelled"))),
                        Instant.now()));
        await().atMost(SOON).until(() -> conversions.isConversion(event("Trip Booked")));
    }

    @Test
    void anOptOutTellsWhenItWasAskedForAndWhenItWasInForce() {
        consent("phone:" + phone, "sms", "opted_out");
        CustomerId customer = known("phone:" + phone);

        List<Instant> times =
                told(
                        customer,
                        e -> e.path("state").asText().equals("opted_out"),
                        "receivedAt",
                        "inForceAt",
                        "recordedAt");

        assertThat(times).isSorted();
    }

    @Test
    void aConversionTellsOnceWhichWayItCameAndWhenItWasInForce() {
        publishRules();
        Instant sent = Instant.parse("2026-03-01T10:00:00Z");
        accepted(
                "track",
                "{\"userId\":\"u-%s\",\"event\":\"Order Completed\",\"properties\":{\"total\":50},\"originalTimestamp\":\"%s\",\"sentAt\":\"%s\"}"
                        .formatted(who, sent.minusSeconds(900), sent));
        CustomerId customer = CustomerId.of(awaitId("user_id:u-" + who));

        AtomicInteger begun = new AtomicInteger();
        List<Instant> times = new ArrayList<>();
        String recorded =
                Events.await(
                        customer.toString(),
                        event -> {
                            if (event.has("inForceAt") && event.has("until")) {
                                begun.incrementAndGet();
                                times.addAll(
                                        times(
                                                event,
                                                "sentAt",
                                                "occurredAt",
                                                "receivedAt",
                                                "inForceAt"));
                            }
                            return event.has("kind") ? "recorded" : null;
                        });

        assertThat(recorded).isEqualTo("recorded");
        assertThat(begun).as("at the door, and not again behind the log").hasValue(1);
        assertThat(times.getFirst()).isEqualTo(sent);
        assertThat(Duration.between(times.get(1), times.get(2)))
                .as("what the source held")
                .isBetween(Duration.ofMinutes(15), Duration.ofMinutes(15).plusMillis(1));
        assertThat(times.get(3)).isAfterOrEqualTo(times.get(2));
    }

    private static List<Instant> told(
            CustomerId customer, Predicate<JsonNode> which, String... fields) {
        List<Instant> times = new ArrayList<>();
        String ignored =
                Events.await(
                        customer.toString(),
                        event -> {
                            if (!which.test(event)) {
                                return null;
                            }
                            times.clear();
                            times.addAll(times(event, fields));
                            return "told";
                        });
        assertThat(ignored).isEqualTo("told");
        return times;
    }

    private static List<Instant> times(JsonNode event, String... fields) {
        return Arrays.stream(fields).map(f -> Instant.parse(event.path(f).asText())).toList();
    }

    @Test
    void aMergeKeepsTheOptOutOfEitherBeforeItIsAcknowledged() {
        consent("email:" + who + "@example.com", "email", "opted_in");
        consent("user_id:u-" + who, "email", "opted_out");
        accepted(
                "identify",
                identify("\"userId\":\"u-%1$s\",\"traits\":{\"email\":\"%1$s@example.com\"}"));

        CustomerId survivor = known("user_id:u-" + who);
        assertThat(idOf("email:" + who + "@example.com")).isEqualTo(survivor.toString());
        assertThat(reasonFor(survivor, Channel.EMAIL)).isEqualTo(SuppressionReason.OPTED_OUT);
        assertThat(
                        ok(admin().get("/api/customers/" + survivor + "/consents"))
                                .path("current")
                                .path(0)
                                .path("state")
                                .asText())
                .isEqualTo("opted_out");
    }

    @Test
    void hydrationTellsAllIdsOfACustomer() {
        consent("email:" + who + "@example.com", "email", "opted_in");
        consent("user_id:u-" + who, "email", "opted_out");
        List<String> both =
                List.of(idOf("email:" + who + "@example.com"), idOf("user_id:u-" + who));
        accepted(
                "identify",
                identify("\"userId\":\"u-%1$s\",\"traits\":{\"email\":\"%1$s@example.com\"}"));

        for (String id : both) {
            JsonNode told = ok(hydrate("[\"" + id + "\"]"));
            assertThat(told.path("idsOf").path(id).valueStream().map(JsonNode::asText))
                    .containsExactlyInAnyOrderElementsOf(both);
        }
    }

    @Test
    void whatBecameOfAMessageStandsInTheHistory() {
        consent("phone:" + phone, "sms", "opted_in");
        CustomerId customer = known("phone:" + phone);
        MessageId message = new MessageId(UUID.randomUUID());
        JourneyRef origin = new JourneyRef("cart", 1, UUID.randomUUID(), "steps[1].send");
        Instant now = Instant.now();
        publish(
                new MessageEvent.Sent(
                        message,
                        customer,
                        Channel.SMS,
                        origin,
                        "cart-last",
                        "smsc",
                        "p-1",
                        1,
                        List.of(),
                        1,
                        now));
        publish(
                new MessageEvent.Delivered(
                        message, customer, Channel.SMS, origin, now.plusMillis(1)));
        publish(
                new MessageEvent.Replied(
                        message, customer, Channel.SMS, phone, "HELP", now.plusMillis(2)));
        Api.awaitTimeline(
                customer.toString(),
                entries -> {
                    List<JsonNode> messages =
                            entries.valueStream()
                                    .filter(entry -> entry.path("kind").asText().equals("message"))
                                    .map(entry -> entry.path("entry"))
                                    .toList();
                    assertThat(messages)
                            .extracting(entry -> entry.path("type").asText())
                            .containsExactly("replied", "delivered", "sent");
                    assertThat(messages)
                            .allSatisfy(entry -> {
                                assertThat(entry.path("message").asText())
                                        .isEqualTo(message.toString());
                                assertThat(entry.path("channel").asText()).isEqualTo("sms");
                            });
                    assertThat(messages.getLast().path("journey").asText()).isEqualTo("cart");
                    assertThat(messages.getLast().path("template").asText()).isEqualTo("cart-last");
                });
    }

    @Test
    void whatAJourneyDecidedIsInTheHistory() {
        consent("phone:" + phone, "sms", "opted_in");
        CustomerId customer = known("phone:" + phone);
        publish(
                new DecisionEvent.Deferred(
                        customer,
                        new JourneyRef("cart", 1, UUID.randomUUID(), "steps[0].send"),
                        new MessageId(UUID.randomUUID()),
                        SuppressionReason.QUIET_HOURS,
                        Instant.now().plusSeconds(60),
                        Instant.now()));
        Api.awaitTimeline(
                customer.toString(),
                timeline -> {
                    JsonNode newest = timeline.path(0);
                    assertThat(newest.path("kind").asText()).isEqualTo("decision");
                    assertThat(newest.path("entry").path("type").asText()).isEqualTo("deferred");
                    assertThat(newest.path("entry").path("reason").asText())
                            .isEqualTo("quiet_hours");
                });
    }

    @Test
    void anAnswerToAMessageComesIntoTheLedger() {
        consent("phone:" + phone, "sms", "opted_in");
        CustomerId customer = known("phone:" + phone);
        publish(
                new MessageEvent.Unsubscribed(
                        null,
                        null,
                        Channel.SMS,
                        phone,
                        null,
                        "keyword",
                        "STOP",
                        Instant.now().plusMillis(5)));
        awaitState(customer, "opted_out");
        assertThat(reasonFor(customer, Channel.SMS)).isEqualTo(SuppressionReason.OPTED_OUT);

        // Nobody asked anything that this would be the answer to.
        publish(
                new MessageEvent.Replied(
                        null, customer, Channel.SMS, phone, "YES", Instant.now().plusMillis(8)));
        publish(
                new MessageEvent.Replied(
                        null, customer, Channel.SMS, phone, "START", Instant.now().plusMillis(10)));
        awaitState(customer, "opted_in");
        assertThat(reasonFor(customer, Channel.SMS)).isNull();
        assertThat(
                        ok(admin().get("/api/customers/" + customer + "/consents"))
                                .path("ledger")
                                .valueStream()
                                .map(line -> line.path("evidence").path("keyword").asText()))
                .contains("START")
                .doesNotContain("YES");
    }

    /**
     * The channel service took the stop before the two were one. That identity reads it later must
     * not let the opt-in of the other outweigh it.
     */
    @Test
    void aStopFromBeforeAMergeThatIsReadAfterItStopsBoth() {
        CustomerId ana = named("a-", "\"email\":\"" + who + "@example.com\"");
        CustomerId bea = named("b-", "\"phone\":\"" + phone + "\"");
        Instant stopped = Instant.now();
        consent("email:" + who + "@example.com", "sms", "opted_in");
        link(ana, "phone:" + phone);

        publish(stop(bea, stopped));

        awaitState(ana, "opted_out");
        assertThat(reasonFor(ana, Channel.SMS)).isEqualTo(SuppressionReason.OPTED_OUT);
        assertThat(hydrate("[\"" + ana + "\"]").statusCode()).isEqualTo(200);
        assertThat(reasonFor(ana, Channel.SMS)).isEqualTo(SuppressionReason.OPTED_OUT);

        // Taken apart again, each has what was said under what it holds.
        ok(admin().delete("/api/customers/" + ana + "/identifiers/phone:" + phone));
        awaitState(ana, "opted_in");
        awaitState(CustomerId.of(idOf("phone:" + phone)), "opted_out");
    }

    /** The other way round: she who said it is the one that the two have become. */
    @Test
    void aStopOfTheOlderCustomerFromBeforeAMergeStopsBothToo() {
        CustomerId ana = named("a-", "\"phone\":\"" + phone + "\"");
        CustomerId bea = named("b-", "\"email\":\"" + who + "@example.com\"");
        Instant stopped = Instant.now();
        consent("email:" + who + "@example.com", "sms", "opted_in");
        link(ana, "email:" + who + "@example.com");
        assertThat(bea).isNotEqualTo(ana);

        publish(stop(ana, stopped));

        awaitState(ana, "opted_out");
        assertThat(reasonFor(ana, Channel.SMS)).isEqualTo(SuppressionReason.OPTED_OUT);
    }

    /** Said of the customer that both are by then: the later of two words counts, as ever. */
    @Test
    void aStopFromAfterAMergeIsOutweighedByALaterOptIn() {
        CustomerId ana = named("a-", "\"email\":\"" + who + "@example.com\"");
        CustomerId bea = named("b-", "\"phone\":\"" + phone + "\"");
        link(ana, "phone:" + phone);
        Instant stopped = Instant.now();
        consent("email:" + who + "@example.com", "sms", "opted_in");

        publish(stop(bea, stopped));

        await().atMost(SOON)
                .untilAsserted(() ->
                        assertThat(
                                        ok(admin().get("/api/customers/" + ana + "/consents"))
                                                .path("ledger")
                                                .findValuesAsText("source"))
                                .contains("keyword"));
        awaitState(ana, "opted_in");
    }

    /** Of nobody's who is known by an id of her own, that two may be linked. */
    private CustomerId named(String device, String trait) {
        accepted(
                "identify",
                identify("\"anonymousId\":\"" + device + "%1$s\",\"traits\":{" + trait + "}"));
        return known("anonymous_id:" + device + who);
    }

    private void link(CustomerId customer, String identifier) {
        ok(
                admin().body("{\"identifier\":\"" + identifier + "\"}")
                        .post("/api/customers/" + customer + "/identifiers"));
        assertThat(idOf(identifier)).isEqualTo(customer.toString());
    }

    private MessageEvent.Unsubscribed stop(CustomerId customer, Instant at) {
        return new MessageEvent.Unsubscribed(
                null, customer, Channel.SMS, phone, null, "keyword", "STOP", at);
    }

    @Test
    void aStopOfAnAddressThatNobodyHasYetWaitsForItsOwner() {
        publish(
                new MessageEvent.Unsubscribed(
                        null, null, Channel.SMS, phone, null, "keyword", "STOP", Instant.now()));
        awaitStop();
        consent("user_id:u-" + who, "sms", "opted_in");
        accepted(
                "identify",
                identify("\"userId\":\"u-%1$s\",\"traits\":{\"phone\":\"" + phone + "\"}"));
        CustomerId customer = known("user_id:u-" + who);
        assertThat(reasonFor(customer, Channel.SMS)).isEqualTo(SuppressionReason.ADDRESS_OPTED_OUT);
    }

    @Test
    void aRedisThatLostEverythingIsGivenBackWhatTheLedgersKnow() {
        consent("phone:" + phone, "sms", "opted_in");
        consent("phone:" + phone, "sms", "opted_out");
        CustomerId customer = known("phone:" + phone);

        redis.flushall().await().atMost(SOON);
        assertThat(reasonFor(customer, Channel.SMS)).isEqualTo(SuppressionReason.UNKNOWN_CUSTOMER);

        assertThat(known("phone:" + phone)).isEqualTo(customer);
        assertThat(reasonFor(customer, Channel.SMS)).isEqualTo(SuppressionReason.OPTED_OUT);
        assertThat(gate.addressOptedOut(Channel.SMS, List.of(phone)).await().atMost(SOON))
                .containsExactly(true);
    }

    @Test
    void aStopThatRedisLostIsBackWhenSomebodyGetsTheAddress() {
        publish(
                new MessageEvent.Unsubscribed(
                        null, null, Channel.SMS, phone, null, "keyword", "STOP", Instant.now()));
        awaitStop();
        redis.flushall().await().atMost(SOON);
        consent("user_id:u-" + who, "sms", "opted_in");
        CustomerId customer = known("user_id:u-" + who);
        assertThat(reasonFor(customer, Channel.SMS)).as("nothing says so any more").isNull();

        accepted(
                "identify",
                identify("\"userId\":\"u-%1$s\",\"traits\":{\"phone\":\"" + phone + "\"}"));
        assertThat(reasonFor(customer, Channel.SMS)).isEqualTo(SuppressionReason.ADDRESS_OPTED_OUT);
    }

    private void awaitStop() {
        await().atMost(SOON)
                .untilAsserted(() ->
                        assertThat(
                                        gate.addressOptedOut(Channel.SMS, List.of(phone))
                                                .await()
                                                .atMost(SOON))
                                .containsExactly(true));
    }

    @Test
    void hydrationNamesWhomItDoesNotKnow() {
        UUID stranger = UUID.randomUUID();
        consent("user_id:u-" + who, "email", "opted_in");
        String customer = idOf("user_id:u-" + who);
        Response some = hydrate("[\"" + customer + "\",\"" + stranger + "\"]");
        assertThat(ok(some).path("unknown").path(0).asText()).isEqualTo(stranger.toString());
        assertThat(hydrate("[\"" + customer + "\"]").statusCode()).isEqualTo(204);
        assertThat(hydrate("[]").statusCode()).isEqualTo(400);
        assertThat(
                        admin().body("{\"customers\":[\"" + customer + "\"]}")
                                .post("/internal/gate/hydrate")
                                .statusCode())
                .isEqualTo(403);
    }

    @Test
    void aConsentThatIsNotUnderstoodNamesEveryField() {
        Response response =
                admin().body(
                                "{\"identifier\":\"email:nobody\",\"channel\":\"pigeon\",\"state\":\"maybe\"}")
                        .put("/api/consents");
        assertThat(response.statusCode()).isEqualTo(422);
        assertThat(
                        Api.json(response)
                                .path("errors")
                                .valueStream()
                                .map(e -> e.path("field").asText()))
                .containsExactly("identifier", "channel", "state", "source");
        given().contentType("application/json")
                .body("{}")
                .put("/api/consents")
                .then()
                .statusCode(401);
        given().contentType("application/json")
                .auth()
                .preemptive()
                .oauth2("local-viewer-token")
                .body("{}")
                .put("/api/consents")
                .then()
                .statusCode(403);
    }

    private void publishRules() {
        publish(
                new PolicyEvent.ConversionRulesPublished(
                        "cart",
                        1,
                        List.of(
                                new PolicyEvent.ConversionRule(
                                        "Order Completed",
                                        "event.properties.total > 20.0",
                                        null,
                                        null,
                                        Duration.ofDays(1),
                                        SilenceScope.ALL_JOURNEYS)),
                        Instant.now()));
        await().atMost(SOON).until(() -> conversions.isConversion(order()));
    }

    private static AcceptedEvent order() {
        return event("Order Completed");
    }

    private static AcceptedEvent event(String name) {
        return new AcceptedEvent(
                "m",
                "local",
                AcceptedEvent.Kind.TRACK,
                name,
                List.of(Identifier.of("user_id:u")),
                Map.of("total", 50),
                Map.of(),
                Map.of(),
                Instant.now(),
                Instant.now(),
                null,
                null);
    }

    private void publish(ContractEvent event) {
        Envelope<ContractEvent> envelope =
                new Envelope<>(UUID.randomUUID(), "/test", Instant.now(), event);
        publisher
                .publish(
                        List.of(
                                EventPublisher.record(
                                        EventTypes.topicOf(event.getClass()),
                                        event.partitionKey(),
                                        codec.headers(envelope),
                                        codec.value(event))))
                .await()
                .atMost(SOON);
    }

    private void awaitState(CustomerId customer, String state) {
        await().atMost(SOON)
                .untilAsserted(() ->
                        assertThat(
                                        ok(admin().get("/api/customers/" + customer + "/consents"))
                                                .path("current")
                                                .path(0)
                                                .path("state")
                                                .asText())
                                .isEqualTo(state));
    }

    private void consent(String identifier, String channel, String state) {
        Response response =
                admin().body(
                                """
                                {"identifier":"%s","channel":"%s","state":"%s","source":"preference-centre"}
                                """
                                        .formatted(identifier, channel, state))
                        .put("/api/consents");
        assertThat(response.statusCode()).as(response.asString()).isEqualTo(200);
    }

    private String identify(String fields) {
        return "{" + fields.formatted(who) + "}";
    }

    /** The customer that holds an identifier, known to the gate: permissions and contacts. */
    private CustomerId known(String identifier) {
        CustomerId customer = CustomerId.of(awaitId(identifier));
        assertThat(hydrate("[\"" + customer + "\"]").statusCode()).isIn(200, 204);
        gate.hydrate(List.of(new CustomerHistory.Contacts(customer, List.of())))
                .await()
                .atMost(SOON);
        return customer;
    }

    private static Response hydrate(String customers) {
        return given().auth()
                .preemptive()
                .oauth2(Api.SERVICE_TOKEN)
                .contentType("application/json")
                .body("{\"customers\":" + customers + "}")
                .post("/internal/gate/hydrate");
    }

    /** Why a marketing message would be refused right now; nothing where it would not be. */
    private @Nullable SuppressionReason reasonFor(CustomerId customer, Channel channel) {
        GateRequest request =
                new GateRequest(
                        customer,
                        new MessageId(UUID.randomUUID()),
                        channel,
                        Category.MARKETING,
                        null,
                        "cart",
                        channel == Channel.SMS ? phone : who + "@example.com");
        return switch (gate.peek(List.of(request), ContactPolicy.initial())
                .await()
                .atMost(SOON)
                .getFirst()) {
            case GateAnswer.Allowed allowed -> null;
            case GateAnswer.Denied denied -> denied.reason();
        };
    }
}
