package io.throughline.identity.http;

import static io.restassured.RestAssured.given;
import static io.throughline.identity.http.Api.SOON;
import static io.throughline.identity.http.Api.accepted;
import static io.throughline.identity.http.Api.admin;
import static io.throughline.identity.http.Api.awaitId;
import static io.throughline.identity.http.Api.awaitTimeline;
import static io.throughline.identity.http.Api.holding;
import static io.throughline.identity.http.Api.idOf;
import static io.throughline.identity.http.Api.json;
import static io.throughline.identity.http.Api.kinds;
import static io.throughline.identity.http.Api.messageIds;
import static io.throughline.identity.http.Api.ok;
import static io.throughline.identity.http.Api.timeline;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.redis.datasource.ReactiveRedisDataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.throughline.chassis.stream.EventPublisher;
import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.ContractEvent;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Envelope;
import io.throughline.contracts.EventTypes;
import io.throughline.contracts.Identifier;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.Topics;
import io.throughline.contracts.erasure.ErasureConfirmed;
import io.throughline.contracts.ingest.AcceptedEvent;
import io.throughline.contracts.json.EventCodec;
import io.throughline.contracts.message.JourneyRef;
import io.throughline.contracts.message.MessageEvent;
import io.throughline.contracts.message.SuppressionReason;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.contracts.policy.PolicyEvent;
import io.throughline.contracts.policy.SilenceScope;
import io.throughline.contracts.prediction.ScoresPredicted;
import io.throughline.governance.ContactGate;
import io.throughline.governance.CustomerHistory;
import io.throughline.governance.GateAnswer;
import io.throughline.governance.GateRequest;
import io.throughline.identity.registry.Conversions;
import io.throughline.local.testing.EmbeddedInfrastructure;
import io.throughline.local.testing.Traces;
import io.vertx.mutiny.sqlclient.Pool;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is left of a customer who was erased, and what is not. */
@QuarkusTest
@QuarkusTestResource(EmbeddedInfrastructure.class)
@QuarkusTestResource(value = OwnKafka.class, restrictToAnnotatedClass = true)
@QuarkusTestResource(value = StubNeighbours.class, restrictToAnnotatedClass = true)
class ErasureTest {

    @Inject Conversions conversions;
    @Inject ContactGate gate;
    @Inject EventPublisher publisher;
    @Inject ReactiveRedisDataSource redis;
    @Inject Pool pool;

    @ConfigProperty(name = "quarkus.datasource.jdbc.url")
    String jdbcUrl;

    @ConfigProperty(name = "quarkus.datasource.username")
    String user;

    @ConfigProperty(name = "quarkus.datasource.password")
    String password;

    @ConfigProperty(name = "kafka.bootstrap.servers")
    String brokers;

    private final EventCodec codec = new EventCodec();
    private String who = "";
    private String email = "";
    private String phone = "";

    @BeforeEach
    void somebodyElse() {
        who = UUID.randomUUID().toString().substring(0, 13);
        email = who + "@example.com";
        phone = "+346" + ThreadLocalRandom.current().nextInt(10_000_000, 99_999_999);
    }

    @AfterEach
    void theRealTime() {
        SetClock.putForward(Duration.ZERO);
    }

    @Test
    void thePageAboutErasureSaysOfEveryTableWhatBecomesOfIt() throws IOException {
        String page = Files.readString(Path.of("..", "docs", "erasure.md"));
        List<String> unsaid = new ArrayList<>();
        pool.query(
                        """
                        SELECT relname FROM pg_class
                         WHERE relkind IN ('r', 'p') AND NOT relispartition
                           AND relnamespace = current_schema()::regnamespace
                           AND relname <> 'flyway_schema_history'
                        """)
                .execute()
                .await()
                .atMost(SOON)
                .forEach(row -> {
                    if (!page.contains("`" + row.getString("relname") + "`")) {
                        unsaid.add(row.getString("relname"));
                    }
                });
        assertThat(unsaid).isEmpty();
    }

    @Test
    void nothingOfACustomerIsLeftInAnyColumnOfAnyTable() {
        String customer = everythingAboutHer();
        assertThat(traces()).as("what the test looks for was there").hasSizeGreaterThan(10);

        Response erased = admin().delete("/api/customers/" + customer);
        assertThat(erased.statusCode()).as(erased.asString()).isEqualTo(202);
        assertThat(erased.header("Location"))
                .isEqualTo("/api/erasures/" + json(erased).path("id").asText());
        assertThat(reasonFor(CustomerId.of(customer), Channel.EMAIL))
                .isEqualTo(SuppressionReason.UNKNOWN_CUSTOMER);
        assertThat(gate.addressOptedOut(Channel.EMAIL, List.of(email)).await().atMost(SOON))
                .containsExactly(true);

        assertThat(holding("email:" + email).size()).isZero();
        for (String part : List.of("", "/timeline", "/consents", "/graph", "/export")) {
            Response gone = admin().get("/api/customers/" + customer + part);
            assertThat(gone.statusCode()).as(part).isEqualTo(410);
            assertThat(json(gone).path("type").asText()).endsWith("/erased");
        }
        // What was told of her before leaves for the brokers in a moment.
        await().atMost(SOON).untilAsserted(() -> assertThat(traces()).isEmpty());
    }

    @Test
    void anErasureIsOneHoweverOftenItIsAskedAndCompleteWhenAllServicesHaveConfirmed()
            throws Exception {
        String customer = everythingAboutHer();
        JsonNode merged = ok(admin().get("/api/customers/" + customer)).path("merged");
        JsonNode first = json(admin().delete("/api/customers/" + customer));
        String erasure = first.path("id").asText();
        assertThat(first.path("merged")).isEqualTo(merged);
        assertThat(json(admin().delete("/api/customers/" + customer)).path("id").asText())
                .isEqualTo(erasure);
        assertThat(
                        json(admin().delete("/api/customers/" + merged.path(0).asText()))
                                .path("id")
                                .asText())
                .isEqualTo(erasure);

        await().atMost(SOON).until(() -> confirmed(erasure).contains("identity"));
        assertThat(read(erasure).path("state").asText()).isEqualTo("under_way");
        for (String service : List.of("journey", "channel", "nobody-knows-this", "attribution")) {
            assertThat(confirmed(erasure)).doesNotContain("attribution");
            publish(
                    new ErasureConfirmed(
                            UUID.fromString(erasure),
                            CustomerId.of(customer),
                            service,
                            Instant.now()));
        }
        await().atMost(SOON).until(() -> read(erasure).path("state").asText().equals("complete"));
        assertThat(confirmed(erasure))
                .containsExactly("identity", "journey", "channel", "attribution");
        JsonNode newest = ok(admin().queryParam("limit", 1).get("/api/erasures"));
        assertThat(newest.path("items").path(0).path("id").asText()).isEqualTo(erasure);

        await().atMost(SOON).until(() -> read(erasure).path("topics").has("goneBy"));
        assertThat(Instant.parse(read(erasure).path("topics").path("goneBy").asText()))
                .isAfter(Instant.now().plus(Duration.ofDays(14)))
                .isBefore(Instant.now().plus(Duration.ofDays(16)));
        assertThat(read(erasure).path("topics").has("confirmedAt")).isFalse();
        dropAllRecords();
        // Nothing shows that a compacted topic has been compacted but the time within which it is.
        SetClock.putForward(Duration.ofDays(9));
        await().atMost(SOON).until(() -> read(erasure).path("topics").has("confirmedAt"));
    }

    @Test
    void whatWasSaidBeforeTheErasureDoesNotBringHerBackAndWhatIsSaidAfterIsSomebodyNew() {
        String customer = everythingAboutHer();
        Instant before = Instant.now();
        admin().delete("/api/customers/" + customer);

        publish(event("late-1", before, "email:" + email));
        publish(event("late-2", before, "user_id:u-" + who));
        MessageId message = new MessageId(UUID.randomUUID());
        publish(
                new MessageEvent.Clicked(
                        message,
                        CustomerId.of(customer),
                        Channel.EMAIL,
                        new JourneyRef("cart", 1, UUID.randomUUID(), "0"),
                        "https://shop.example/?who=" + email,
                        Instant.now()));
        publish(
                new MessageEvent.Unsubscribed(
                        null, null, Channel.EMAIL, email, null, "link", email, before));
        String marker = "marker-" + UUID.randomUUID();
        publish(event("fresh", Instant.now(), "user_id:" + marker));
        awaitId("user_id:" + marker);
        publish(
                new MessageEvent.Unsubscribed(
                        null,
                        null,
                        Channel.EMAIL,
                        marker + "@example.com",
                        null,
                        "link",
                        "marker",
                        Instant.now()));
        await().atMost(SOON)
                .until(() -> traces(marker).contains("consent_ledger.address: " + marker));
        await().atMost(SOON).untilAsserted(() -> assertThat(traces()).isEmpty());

        accepted(
                "identify",
                "{\"userId\":\"u-%s\",\"traits\":{\"email\":\"%s\"}}".formatted(who, email));
        String again = awaitId("email:" + email);
        assertThat(again).isNotEqualTo(customer);
        awaitTimeline(again, entries -> assertThat(kinds(entries)).contains("event"));
        assertThat(timeline(again).toString()).doesNotContain("Order Completed");
        assertThat(ok(admin().get("/api/customers/" + again)).path("traits").has("plan")).isFalse();
    }

    @Test
    void anEventOfHersThatIsSentAgainBringsNobodyBack() {
        publish(
                new PolicyEvent.ConversionRulesPublished(
                        "calls",
                        1,
                        List.of(
                                new PolicyEvent.ConversionRule(
                                        "Call Answered",
                                        null,
                                        null,
                                        null,
                                        Duration.ofDays(1),
                                        SilenceScope.ALL_JOURNEYS)),
                        Instant.now()));
        String call =
                "{\"messageId\":\"c-%s\",\"userId\":\"u-%s\",\"event\":\"Call Answered\",\"context\":{\"traits\":{\"email\":\"%s\"}}}"
                        .formatted(who, who, email);
        accepted("track", call);
        String customer = awaitId("user_id:u-" + who);
        awaitTimeline(customer, entries -> assertThat(messageIds(entries)).contains("c-" + who));
        await().atMost(SOON).until(() -> conversions.isConversion(answered()));
        admin().delete("/api/customers/" + customer).then().statusCode(202);

        accepted("track", call);
        accepted("track", "{\"userId\":\"after-%s\",\"event\":\"E\"}".formatted(who));
        awaitId("user_id:after-" + who);
        assertThat(holding("user_id:u-" + who)).isEmpty();
        assertThat(holding("email:" + email)).isEmpty();
    }

    private AcceptedEvent answered() {
        return new AcceptedEvent(
                "m",
                "web",
                AcceptedEvent.Kind.TRACK,
                "Call Answered",
                List.of(new Identifier(Identifier.USER_ID, "u-" + who)),
                Map.of(),
                Map.of(),
                Map.of(),
                Instant.now(),
                Instant.now(),
                null,
                null);
    }

    @Test
    void anAddressThatComesBackIsOptedOutUntilSheAsksForMessagesAgain() {
        String customer = everythingAboutHer();
        admin().delete("/api/customers/" + customer);

        accepted(
                "identify",
                "{\"userId\":\"i-%s\",\"traits\":{\"email\":\"%s\"}}".formatted(who, email));
        CustomerId again = known("email:" + email);
        assertThat(reasonFor(again, Channel.EMAIL)).isEqualTo(SuppressionReason.NO_CONSENT);
        // An import that says she has agreed is not herself asking at this address.
        consent("user_id:i-" + who, "email", "opted_in");
        assertThat(reasonFor(again, Channel.EMAIL)).isEqualTo(SuppressionReason.ADDRESS_OPTED_OUT);
        assertThat(timeline(again.toString()).valueStream())
                .anyMatch(e -> e.path("entry").path("source").asText().equals("erasure"));

        redis.flushall().await().atMost(SOON);
        assertThat(known("email:" + email)).isEqualTo(again);
        assertThat(reasonFor(again, Channel.EMAIL)).isEqualTo(SuppressionReason.ADDRESS_OPTED_OUT);

        consent("email:" + email, "email", "opted_in");
        assertThat(reasonFor(again, Channel.EMAIL)).isNull();
        redis.flushall().await().atMost(SOON);
        assertThat(known("email:" + email)).isEqualTo(again);
        assertThat(reasonFor(again, Channel.EMAIL)).isNull();
    }

    @Test
    void anErasedCustomerIsNotHydrated() {
        CustomerId customer = CustomerId.of(everythingAboutHer());
        admin().delete("/api/customers/" + customer);
        redis.flushall().await().atMost(SOON);
        Response hydrated = hydrate(customer);
        assertThat(hydrated.statusCode()).isEqualTo(200);
        assertThat(json(hydrated).path("unknown").path(0).asText()).isEqualTo(customer.toString());
        gate.hydrate(List.of(new CustomerHistory.Contacts(customer, List.of())))
                .await()
                .atMost(SOON);
        assertThat(reasonFor(customer, Channel.EMAIL))
                .isEqualTo(SuppressionReason.UNKNOWN_CUSTOMER);
    }

    @Test
    void anExportHasEveryPartOrNamesTheServiceThatIsMissing() {
        String customer = everythingAboutHer();
        JsonNode export = ok(admin().get("/api/customers/" + customer + "/export"));
        JsonNode own = export.path("identity");
        assertThat(own.path("profiles").toString()).contains(who);
        assertThat(own.path("identifiers").valueStream().map(i -> i.path("value").asText()))
                .contains(email, phone, "u-" + who);
        assertThat(own.path("sightings").size()).isPositive();
        assertThat(own.path("merges").size()).isOne();
        assertThat(own.path("scores").path(0).path("model").asText()).isEqualTo("model-" + who);
        assertThat(own.path("consentLedger").path(0).path("evidence").toString()).contains(who);
        assertThat(own.path("timeline").toString()).contains("Order Completed");
        assertThat(own.path("timeline").path(0).path("at").asText()).endsWith("Z");
        for (String service : List.of("journey", "channel", "attribution")) {
            assertThat(export.path(service).path("service").asText()).isEqualTo(service);
            assertThat(export.path(service).path("asked").path("ids").size()).isEqualTo(2);
        }

        StubNeighbours.isAway("channel");
        Response refused = admin().get("/api/customers/" + customer + "/export");
        StubNeighbours.isAway("nobody");
        assertThat(refused.statusCode()).isEqualTo(503);
        assertThat(json(refused).path("detail").asText()).contains("the channel service");
    }

    @Test
    void whatIsAskedWronglyIsRefused() {
        String nobody = UUID.randomUUID().toString();
        assertThat(admin().delete("/api/customers/" + nobody).statusCode()).isEqualTo(404);
        assertThat(admin().delete("/api/customers/no-id").statusCode()).isEqualTo(400);
        assertThat(admin().get("/api/customers/" + nobody + "/export").statusCode()).isEqualTo(404);
        assertThat(admin().get("/api/erasures/" + nobody).statusCode()).isEqualTo(404);
        assertThat(admin().get("/api/erasures/no-id").statusCode()).isEqualTo(400);
        assertThat(admin().queryParam("cursor", "no").get("/api/erasures").statusCode())
                .isEqualTo(400);
        assertThat(
                        given().auth()
                                .preemptive()
                                .oauth2("local-marketer-token")
                                .delete("/api/customers/" + nobody)
                                .statusCode())
                .isEqualTo(403);
    }

    /** A customer of whom every table has something, made of two. */
    private String everythingAboutHer() {
        accepted(
                "identify",
                """
                {"anonymousId":"a-%1$s","userId":"u-%1$s","messageId":"i-%1$s",
                 "traits":{"email":"%2$s","firstName":"Name %1$s","plan":"gold"}}
                """
                        .formatted(who, email));
        String one = awaitId("email:" + email);
        consent("phone:" + phone, "sms", "opted_in");
        consent("email:" + email, "email", "opted_in");
        accepted(
                "track",
                """
                {"anonymousId":"a-%1$s","userId":"u-%1$s","event":"Order Completed","messageId":"o-%1$s",
                 "properties":{"total":50,"gift":"for %1$s"}}
                """
                        .formatted(who));
        accepted(
                "identify",
                "{\"userId\":\"u-%s\",\"traits\":{\"phone\":\"%s\"}}".formatted(who, phone));
        awaitTimeline(
                one,
                entries ->
                        assertThat(kinds(entries))
                                .contains("merge")
                                .filteredOn("event"::equals)
                                .hasSize(3));
        CustomerId customer = known("email:" + email);
        publish(
                new ScoresPredicted(
                        customer, Map.of("churn", 0.5), "model-" + who, "1", Instant.now()));
        await().atMost(SOON)
                .until(() ->
                        ok(admin().get("/api/customers/" + customer)).path("scores").has("churn"));
        assertThat(idOf("phone:" + phone)).isEqualTo(customer.toString());
        assertThat(reasonFor(customer, Channel.EMAIL)).isNull();
        return customer.toString();
    }

    private List<String> traces() {
        return traces(who, phone);
    }

    private List<String> traces(String... words) {
        return Traces.of(jdbcUrl, user, password, List.of(words));
    }

    private JsonNode read(String erasure) {
        return ok(admin().get("/api/erasures/" + erasure));
    }

    private List<String> confirmed(String erasure) {
        return read(erasure)
                .path("services")
                .valueStream()
                .filter(s -> s.has("confirmedAt"))
                .map(s -> s.path("service").asText())
                .toList();
    }

    private void dropAllRecords() throws ExecutionException, InterruptedException {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", brokers))) {
            Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
            admin
                    .describeTopics(admin.listTopics().names().get())
                    .allTopicNames()
                    .get()
                    .values()
                    .stream()
                    .filter(topic -> !Topics.isCompacted(topic.name()))
                    .forEach(topic ->
                            topic.partitions()
                                    .forEach(p ->
                                            ends.put(
                                                    new TopicPartition(topic.name(), p.partition()),
                                                    OffsetSpec.latest())));
            Map<TopicPartition, RecordsToDelete> all = new HashMap<>();
            admin.listOffsets(ends)
                    .all()
                    .get()
                    .forEach((partition, end) ->
                            all.put(partition, RecordsToDelete.beforeOffset(end.offset())));
            admin.deleteRecords(all).all().get();
        }
    }

    private static AcceptedEvent event(String id, Instant receivedAt, String identifier) {
        return new AcceptedEvent(
                id + "-" + UUID.randomUUID(),
                "local",
                AcceptedEvent.Kind.TRACK,
                "Cart Viewed",
                List.of(Identifier.of(identifier)),
                Map.of(),
                Map.of(),
                Map.of(),
                receivedAt,
                receivedAt,
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

    private void consent(String identifier, String channel, String state) {
        Response response =
                admin().body(
                                """
                                {"identifier":"%s","channel":"%s","state":"%s","source":"form","evidence":"by %s"}
                                """
                                        .formatted(identifier, channel, state, who))
                        .put("/api/consents");
        assertThat(response.statusCode()).as(response.asString()).isEqualTo(200);
    }

    /** The customer that holds an identifier, known to the gate: permissions and contacts. */
    private CustomerId known(String identifier) {
        CustomerId customer = CustomerId.of(awaitId(identifier));
        assertThat(hydrate(customer).statusCode()).isIn(200, 204);
        gate.hydrate(List.of(new CustomerHistory.Contacts(customer, List.of())))
                .await()
                .atMost(SOON);
        return customer;
    }

    private static Response hydrate(CustomerId customer) {
        return given().auth()
                .preemptive()
                .oauth2(Api.SERVICE_TOKEN)
                .contentType("application/json")
                .body("{\"customers\":[\"" + customer + "\"]}")
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
                        channel == Channel.SMS ? phone : email);
        return switch (gate.peek(List.of(request), ContactPolicy.initial())
                .await()
                .atMost(SOON)
                .getFirst()) {
            case GateAnswer.Allowed allowed -> null;
            case GateAnswer.Denied denied -> denied.reason();
        };
    }
}
