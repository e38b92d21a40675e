package io.throughline.identity.http;

import static io.throughline.identity.http.Api.SOON;
import static io.throughline.identity.http.Api.accepted;
import static io.throughline.identity.http.Api.admin;
import static io.throughline.identity.http.Api.awaitCustomer;
import static io.throughline.identity.http.Api.awaitId;
import static io.throughline.identity.http.Api.idOf;
import static io.throughline.identity.http.Api.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.throughline.chassis.stream.EventPublisher;
import io.throughline.contracts.Channel;
import io.throughline.contracts.ContractEvent;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Envelope;
import io.throughline.contracts.EventTypes;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.json.EventCodec;
import io.throughline.contracts.message.MessageEvent;
import io.throughline.local.testing.EmbeddedInfrastructure;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What follows from what a customer did and from how she takes messages. */
@QuarkusTest
@QuarkusTestResource(EmbeddedInfrastructure.class)
class CustomerProfileTest {

    @Inject EventPublisher publisher;

    private final EventCodec codec = new EventCodec();
    private String who = "";
    private String phone = "";

    @BeforeEach
    void somebodyElse() {
        who = UUID.randomUUID().toString();
        phone = "+346" + ThreadLocalRandom.current().nextInt(10_000_000, 99_999_999);
    }

    @AfterEach
    void now() {
        SetClock.putForward(Duration.ZERO);
    }

    @Test
    void ordersAreListedNewestFirstUnderEveryIdTheCustomerHad() {
        order("anonymousId", "a-" + who, 1, "2026-11-20T10:00:00Z", "\"revenue\":10");
        awaitId("anonymous_id:a-" + who);
        order("userId", "u-" + who, 2, "2026-11-21T10:00:00Z", "\"total\":25,\"tax\":5");
        awaitId("user_id:u-" + who);
        accepted("page", "{\"anonymousId\":\"a-%s\",\"name\":\"Order Completed\"}".formatted(who));
        accepted("identify", "{\"userId\":\"u-%1$s\",\"anonymousId\":\"a-%1$s\"}".formatted(who));
        JsonNode customer = awaitCustomer("user_id:u-" + who, c -> c.path("orders").asInt() == 2);
        assertThat(customer.path("averageOrderValue").path("EUR").textValue()).isEqualTo("15.00");
        assertThat(customer.path("revenue").path("EUR").textValue()).isEqualTo("30");
        assertThat(customer.path("firstOrderAt").asText()).isEqualTo("2026-11-20T10:00:00Z");
        assertThat(customer.path("traits").path("last_order_at").asText())
                .isEqualTo("2026-11-21T10:00:00Z");

        String purchases = "/api/customers/" + idOf("user_id:u-" + who) + "/purchases";
        JsonNode newest =
                await().atMost(SOON)
                        .until(
                                () -> ok(admin().queryParam("limit", 1).get(purchases)),
                                page -> page.hasNonNull("next"));
        JsonNode second = newest.path("items").path(0);
        assertThat(second.path("order").asText()).isEqualTo("O-2");
        assertThat(second.path("revenue").asText()).isEqualTo("20");
        assertThat(second.path("total").asText()).isEqualTo("25");
        assertThat(second.path("currency").asText()).isEqualTo("EUR");
        assertThat(second.path("products").path(0).path("sku").asText()).isEqualTo("S2");
        JsonNode rest =
                ok(
                        admin().queryParam("limit", 1)
                                .queryParam("cursor", newest.path("next").asText())
                                .get(purchases));
        assertThat(rest.path("items").path(0).path("order").asText()).isEqualTo("O-1");
        assertThat(rest.path("items").path(0).path("messageId").asText()).isEqualTo("o1-" + who);
        assertThat(rest.hasNonNull("next")).isFalse();
    }

    @Test
    void howMessagesAreTakenIsInTheProfileAndFollowsAMerge() {
        consent("phone:" + phone);
        String texted = awaitId("phone:" + phone);
        Instant now = Instant.now();
        publish(sent(texted, Channel.SMS, now));
        publish(
                new MessageEvent.Replied(
                        null, CustomerId.of(texted), Channel.SMS, phone, "HELP", now));
        accepted(
                "identify",
                "{\"userId\":\"u-%1$s\",\"traits\":{\"email\":\"%1$s@example.com\"}}"
                        .formatted(who));
        String mailed = awaitId("user_id:u-" + who);
        publish(sent(mailed, Channel.EMAIL, now));
        publish(
                new MessageEvent.Opened(
                        new MessageId(UUID.randomUUID()),
                        CustomerId.of(mailed),
                        Channel.EMAIL,
                        null,
                        true,
                        now));
        publish(
                new MessageEvent.Failed(
                        new MessageId(UUID.randomUUID()),
                        CustomerId.of(mailed),
                        Channel.EMAIL,
                        null,
                        "550 5.1.1",
                        "no such user",
                        Instant.now()));
        awaitCustomer(
                "user_id:u-" + who,
                c -> c.path("engagement").path("email").path("failed").asInt() == 1);
        accepted(
                "identify",
                "{\"userId\":\"u-%s\",\"traits\":{\"phone\":\"%s\"}}".formatted(who, phone));

        JsonNode customer =
                awaitCustomer(
                        "user_id:u-" + who,
                        c -> c.path("engagement").path("sms").path("replied").asInt() == 1);
        assertThat(customer.path("merged")).hasSize(1);
        JsonNode email = customer.path("engagement").path("email");
        assertThat(email.path("sent").asInt()).isEqualTo(1);
        assertThat(email.path("opened").asInt()).isZero();
        assertThat(email.has("lastEngaged")).isFalse();
        assertThat(customer.path("favouriteChannel").asText()).isEqualTo("sms");
        JsonNode reachability = customer.path("reachability");
        assertThat(reachability.path("sms").path("reachable").asBoolean()).isTrue();
        assertThat(reachability.path("sms").path("address").asText()).isEqualTo(phone);
        assertThat(reachability.path("email").path("why").asText()).isEqualTo("hard_failure");
        assertThat(reachability.path("email").path("code").asText()).isEqualTo("550 5.1.1");
        assertThat(reachability.path("push").path("why").asText()).isEqualTo("no_address");
        assertThat(reachability.path("whatsapp").path("why").asText()).isEqualTo("no_consent");
    }

    @Test
    void aMessageThatTurnsOutToBeAnothersLeavesNothingWithTheFirst() {
        consent("phone:" + phone);
        String ana = awaitId("phone:" + phone);
        accepted("identify", "{\"userId\":\"u-%s\"}".formatted(who));
        String bea = awaitId("user_id:u-" + who);
        Instant now = Instant.now();
        MessageEvent.Sent hers = sent(ana, Channel.SMS, now.minusSeconds(60));
        MessageEvent.Sent others = sent(ana, Channel.SMS, now.minusSeconds(50));
        publish(hers);
        publish(others);
        publish(replied(hers, ana, now.minusSeconds(40)));
        publish(replied(others, ana, now.minusSeconds(30)));
        awaitCustomer("phone:" + phone, c -> sms(c).path("replied").asInt() == 2);

        publish(
                new MessageEvent.Reassigned(
                        others.message(),
                        CustomerId.of(ana),
                        CustomerId.of(bea),
                        Channel.SMS,
                        now));
        // Asked for before that was known, and told after it.
        publish(
                new MessageEvent.Delivered(
                        others.message(), CustomerId.of(ana), Channel.SMS, null, now));

        JsonNode owner =
                awaitCustomer("user_id:u-" + who, c -> sms(c).path("delivered").asInt() == 1);
        assertThat(sms(owner).path("sent").asInt()).isEqualTo(1);
        assertThat(sms(owner).path("replied").asInt()).isEqualTo(1);
        JsonNode first = ok(admin().get("/api/customers/" + ana));
        assertThat(sms(first).path("sent").asInt()).isEqualTo(1);
        assertThat(sms(first).path("replied").asInt()).isEqualTo(1);
        assertThat(sms(first).path("delivered").asInt()).isZero();
        assertThat(sms(first).path("lastEngaged").asText())
                .isEqualTo(now.minusSeconds(40).truncatedTo(ChronoUnit.MICROS).toString());
        assertThat(timeline(ana)).contains(hers.message().toString());
        assertThat(timeline(ana)).doesNotContain(others.message().toString());
        assertThat(timeline(bea)).contains(others.message().toString());
    }

    private static JsonNode sms(JsonNode customer) {
        return customer.path("engagement").path("sms");
    }

    private static String timeline(String customer) {
        return ok(admin().get("/api/customers/" + customer + "/timeline")).toString();
    }

    private MessageEvent replied(MessageEvent.Sent to, String customer, Instant at) {
        return new MessageEvent.Replied(
                to.message(), CustomerId.of(customer), Channel.SMS, phone, null, at);
    }

    @Test
    void theStageOfLifeChangesByTimeAlone() {
        accepted("identify", "{\"userId\":\"u-%s\"}".formatted(who));
        String customer = awaitId("user_id:u-" + who);
        assertThat(stageIn(customer, 0)).isEqualTo("new");
        assertThat(stageIn(customer, 40)).isEqualTo("active");
        assertThat(stageIn(customer, 61)).isEqualTo("at_risk");
        assertThat(stageIn(customer, 181)).isEqualTo("lapsed");
    }

    @Test
    void whereSheIsTakenToBeIsShownWithWhatSaysSo() {
        accepted(
                "identify",
                """
                {"userId": "%s", "traits": {"timezone": "America/New_York", "phone": "+13055551234",
                 "address": {"country": "US", "state": "FL"}}}
                """
                        .formatted(who));
        JsonNode where =
                awaitCustomer(
                                "user_id:" + who,
                                body -> body.path("whereabouts").path("evidence").size() == 3)
                        .path("whereabouts");
        assertThat(where.path("zones").toString()).isEqualTo("[\"America/New_York\"]");
        assertThat(where.path("regions").toString()).isEqualTo("[\"US-FL\"]");
        assertThat(where.path("evidence").findValuesAsText("kind"))
                .containsExactly("stated", "address", "phone");
        assertThat(where.path("evidence").path(1).path("zones")).hasSize(2);
        assertThat(where.path("evidence").path(0).path("value").asText())
                .isEqualTo("America/New_York");
        assertThat(where.path("evidence").path(0).path("at").asText()).isNotBlank();
    }

    @ParameterizedTest
    @ValueSource(strings = {"cursor=x", "limit=0", "limit=501"})
    void aWrongPageOfPurchasesIsExplained(String query) {
        accepted("identify", "{\"userId\":\"u-%s\"}".formatted(who));
        String customer = awaitId("user_id:u-" + who);
        Response response = admin().get("/api/customers/" + customer + "/purchases?" + query);
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.asString()).contains("\"" + query.split("=", 2)[0] + "\"");
    }

    @Test
    void nobodyHasPurchases() {
        assertThat(admin().get("/api/customers/" + UUID.randomUUID() + "/purchases").statusCode())
                .isEqualTo(404);
    }

    private static String stageIn(String customer, int days) {
        SetClock.putForward(Duration.ofDays(days));
        return ok(admin().get("/api/customers/" + customer)).path("lifecycleStage").asText();
    }

    private void order(String idField, String id, int number, String at, String amount) {
        accepted(
                "track",
                """
                {"%s":"%s","messageId":"o%d-%s","event":"Order Completed","timestamp":"%s",
                 "properties":{"order_id":"O-%d","currency":"EUR",%s,"products":[{"sku":"S%d"}]}}
                """
                        .formatted(idField, id, number, who, at, number, amount, number));
    }

    private static MessageEvent.Sent sent(String customer, Channel channel, Instant at) {
        return new MessageEvent.Sent(
                new MessageId(UUID.randomUUID()),
                CustomerId.of(customer),
                channel,
                null,
                "t",
                "r",
                null,
                1,
                List.of(),
                1,
                at);
    }

    private static void consent(String identifier) {
        Response response =
                admin().body(
                                """
                                {"identifier":"%s","channel":"sms","state":"opted_in","source":"preference-centre"}
                                """
                                        .formatted(identifier))
                        .put("/api/consents");
        assertThat(response.statusCode()).as(response.asString()).isEqualTo(200);
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
