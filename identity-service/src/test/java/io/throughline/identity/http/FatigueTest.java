package io.throughline.identity.http;

import static io.restassured.RestAssured.given;
import static io.throughline.identity.http.Api.SOON;
import static io.throughline.identity.http.Api.accepted;
import static io.throughline.identity.http.Api.awaitId;
import static io.throughline.identity.http.Api.idOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.anyOf;
import static org.hamcrest.Matchers.is;

import io.quarkus.redis.datasource.ReactiveRedisDataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.throughline.chassis.stream.EventPublisher;
import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.ContractEvent;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Envelope;
import io.throughline.contracts.EventTypes;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.json.EventCodec;
import io.throughline.contracts.message.MessageEvent;
import io.throughline.contracts.message.Verdict;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.contracts.policy.ContactPolicy.Fatigue;
import io.throughline.contracts.policy.ContactPolicy.Step;
import io.throughline.governance.ContactGate;
import io.throughline.governance.CustomerHistory;
import io.throughline.governance.GateAnswer;
import io.throughline.governance.GateRequest;
import io.throughline.local.testing.EmbeddedInfrastructure;
import io.throughline.local.testing.Outages;
import jakarta.inject.Inject;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The gate hears when customers engage, and hears it again after it lost everything. */
@QuarkusTest
@QuarkusTestResource(EmbeddedInfrastructure.class)
@QuarkusTestResource(value = Outages.class, restrictToAnnotatedClass = true)
class FatigueTest {

    /** Two that were ignored halve the three a day of the initial policy. */
    private static final ContactPolicy TIRING =
            ContactPolicy.initial()
                    .withFatigue(
                            new Fatigue(
                                    Duration.ofDays(30),
                                    List.of(new Step(2, new BigDecimal("0.5"))),
                                    null,
                                    null));

    private static final int PLAIN = 3;
    private static final int HALVED = 1;

    @Inject ContactGate gate;
    @Inject EventPublisher publisher;
    @Inject ReactiveRedisDataSource redis;

    private final EventCodec codec = new EventCodec();
    private String who = "";
    private CustomerId customer = new CustomerId(new UUID(0, 0));

    @BeforeEach
    void somebodyWhoIgnoresWhatSheGets() {
        who = UUID.randomUUID().toString();
        accepted("identify", "{\"userId\":\"u-%s\"}".formatted(who));
        customer = CustomerId.of(awaitId("user_id:u-" + who));
        hydrate(customer);
        assertThat(limit()).isEqualTo(HALVED);
    }

    @AfterEach
    void mend() {
        Outages.end();
    }

    @Test
    void whoeverComesByIsTiredNoMoreAndHasToBeHeardOfOnce() {
        accepted("page", "{\"userId\":\"u-%s\",\"name\":\"Home\"}".formatted(who));
        await().atMost(SOON).until(() -> limit() == PLAIN);

        redis.flushall().await().atMost(SOON);
        hydrate(customer);
        assertThat(limit()).as("hydrated").isEqualTo(PLAIN);
    }

    @Test
    void anOpeningByAMachineAndWhatAServerTellsShowNothingAndAClickDoes() {
        Instant now = Instant.now();
        MessageId message = new MessageId(UUID.randomUUID());
        publish(new MessageEvent.Opened(message, customer, Channel.EMAIL, null, true, now));
        accepted("track", "{\"userId\":\"u-%s\",\"event\":\"Parcel Left\"}".formatted(who));
        accepted("identify", "{\"userId\":\"u-%s\",\"traits\":{\"a\":1}}".formatted(who));
        // Of somebody else, behind them on the same streams: by then they were heard.
        accepted("track", "{\"userId\":\"u-%s\",\"event\":\"Seen\"}".formatted(who));
        await().atMost(SOON)
                .until(() ->
                        Api.ok(Api.admin().get("/api/customers/" + customer + "/timeline"))
                                .toString()
                                .contains("Seen"));
        assertThat(limit()).isEqualTo(HALVED);

        publish(
                new MessageEvent.Clicked(
                        message, customer, Channel.EMAIL, null, "https://shop.example", now));
        await().atMost(SOON).until(() -> limit() == PLAIN);
    }

    @Test
    void whatIsHeardWhileTheGateIsAwayIsToldWhenItIsBack() {
        Outages.begin(Outages.Part.REDIS);
        accepted("screen", "{\"userId\":\"u-%s\",\"name\":\"Cart\"}".formatted(who));
        await().atMost(SOON)
                .until(() ->
                        Api.ok(Api.admin().get("/api/customers/" + customer + "/timeline"))
                                .toString()
                                .contains("Cart"));
        Outages.end();
        await().atMost(SOON).ignoreExceptions().until(() -> limit() == PLAIN);
    }

    @Test
    void whatSomebodyDidBeforeSheWasKnownToBeTheSameCountsForHer() {
        accepted("page", "{\"anonymousId\":\"a-%s\",\"name\":\"Home\"}".formatted(who));
        String visitor = awaitId("anonymous_id:a-" + who);
        accepted("identify", "{\"anonymousId\":\"a-%1$s\",\"userId\":\"u-%1$s\"}".formatted(who));
        assertThat(idOf("anonymous_id:a-" + who)).isEqualTo(idOf("user_id:u-" + who));

        CustomerId survivor = CustomerId.of(String.valueOf(idOf("user_id:u-" + who)));
        redis.flushall().await().atMost(SOON);
        hydrate(survivor);
        assertThat(limit()).as("%s was %s", survivor, visitor).isEqualTo(PLAIN);
    }

    private void hydrate(CustomerId of) {
        given().auth()
                .preemptive()
                .oauth2(Api.SERVICE_TOKEN)
                .contentType("application/json")
                .body("{\"customers\":[\"" + of + "\"]}")
                .post("/internal/gate/hydrate")
                .then()
                .statusCode(anyOf(is(200), is(204)));
        Instant now = Instant.now();
        gate.hydrate(
                        List.of(
                                new CustomerHistory.Contacts(
                                        of,
                                        List.of(
                                                contact(now.minusSeconds(172_800)),
                                                contact(now.minusSeconds(180_000))))))
                .await()
                .atMost(SOON);
    }

    private static CustomerHistory.Contact contact(Instant at) {
        return new CustomerHistory.Contact(
                new MessageId(UUID.randomUUID()),
                Channel.EMAIL,
                Category.MARKETING,
                null,
                null,
                at,
                true);
    }

    /** What the cap of a day allows her. */
    private int limit() {
        GateRequest mail =
                new GateRequest(
                        customer,
                        new MessageId(UUID.randomUUID()),
                        Channel.EMAIL,
                        Category.SERVICE,
                        null,
                        "cart",
                        who + "@example.com");
        GateAnswer answer = gate.peek(List.of(mail), TIRING).await().atMost(SOON).getFirst();
        Verdict cap =
                answer.verdicts().stream()
                        .filter(verdict -> verdict.rule().equals("cap:global:P1D"))
                        .findFirst()
                        .orElseThrow();
        return Objects.requireNonNull(cap.limit());
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
}
