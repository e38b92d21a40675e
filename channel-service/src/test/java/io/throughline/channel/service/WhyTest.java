package io.throughline.channel.service;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.customer.CustomerErased;
import io.throughline.contracts.customer.CustomersMerged;
import io.throughline.contracts.customer.ProfileChanged;
import io.throughline.contracts.message.JourneyRef;
import io.throughline.contracts.message.MessageRequested;
import io.throughline.governance.ConsentWrite;
import io.throughline.governance.ContactGate;
import io.throughline.governance.SilenceWrite;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@QuarkusTest
@QuarkusTestResource(OwnPort.class)
@DisplayName("Why a message does not go, or would not now:")
class WhyTest {

    private static final Duration SOON = Duration.ofSeconds(20);
    private static int numbers = 5000;

    @Inject ContactGate gate;

    private static @Nullable Bus bus;

    private final CustomerId ana = new CustomerId(UUID.randomUUID());
    private final String phone = "+3460001" + numbers++;

    @BeforeAll
    static void listen() {
        bus = new Bus(ConfigProvider.getConfig().getValue("kafka.bootstrap.servers", String.class));
    }

    @AfterAll
    static void stopListening() throws InterruptedException {
        bus().close();
    }

    @BeforeEach
    void putTemplate() {
        StubIdentity.AWAY.set(false);
        given().header("Authorization", "Bearer local-admin-token")
                .contentType(ContentType.JSON)
                .body("{\"variants\": [{\"channel\": \"sms\", \"text\": \"Hi\"}]}")
                .put("/api/templates/why")
                .then()
                .statusCode(200);
    }

    @Test
    @DisplayName("somebody the gate has forgotten is hydrated first, and nothing is counted")
    void wouldPass() {
        bus().say(profile(ana));
        for (int i = 0; i < 5; i++) {
            JsonPath answer = reachable(ana);
            assertThat(answer.getBoolean("allowed")).isTrue();
            assertThat(answer.getString("change")).isNull();
            assertThat(answer.getList("verdicts.rule", String.class))
                    .startsWith(
                            "route",
                            "content",
                            "reachable",
                            "known-customer",
                            "consent",
                            "address");
            assertThat(answer.getList("verdicts.passed")).containsOnly(true);
            assertThat(answer.getInt("verdicts.find { it.rule == 'cap:global:P1D' }.count"))
                    .isZero();
        }
    }

    @Test
    @DisplayName("every rule that refuses is named, with all that would have to change")
    void wouldNotPass() {
        bus().say(profile(ana));
        reachable(ana);
        Instant until = Instant.now().plusSeconds(3_600);
        put(new ConsentWrite(ana, null, Channel.SMS, null, ConsentState.OPTED_OUT, Instant.now()));
        gate.silence(List.of(new SilenceWrite(ana, null, until))).await().atMost(SOON);

        JsonPath answer = now(ana, "sms", "why").then().statusCode(200).extract().jsonPath();
        assertThat(answer.getBoolean("allowed")).isFalse();
        assertThat(answer.getString("reason")).isEqualTo("opted_out");
        assertThat(answer.getString("retryAt")).isNull();
        assertThat(answer.getList("verdicts.findAll { !it.passed }.rule"))
                .containsExactly("consent", "silence");
        assertThat(answer.getString("change"))
                .isEqualTo(
                        "consent for SMS, allowed from "
                                + answer.getString(
                                        "verdicts.find { it.rule == 'silence' }.retryAt"));

        put(
                new ConsentWrite(
                        ana,
                        null,
                        Channel.SMS,
                        null,
                        ConsentState.OPTED_IN,
                        Instant.now().plusMillis(5)));
        answer = now(ana, "sms", "why").then().statusCode(200).extract().jsonPath();
        assertThat(answer.getString("reason")).isEqualTo("silenced");
        assertThat(Instant.parse(answer.getString("retryAt")))
                .isBetween(until.minusSeconds(1), until.plusSeconds(1));
    }

    @Test
    @DisplayName("a stop of the address is a rule too")
    void addressStopped() {
        bus().say(profile(ana));
        reachable(ana);
        put(
                new ConsentWrite(
                        null, phone, Channel.SMS, null, ConsentState.OPTED_OUT, Instant.now()));
        JsonPath answer = now(ana, "sms", "why").then().statusCode(200).extract().jsonPath();
        assertThat(answer.getString("reason")).isEqualTo("address_opted_out");
        assertThat(answer.getString("change"))
                .isEqualTo("consent for SMS under the address itself");
    }

    @Test
    @DisplayName(
            "where there is no address, no text or no route it says so and what the gate says besides")
    void beforeTheGate() {
        JsonPath answer = now(ana, "email", "why").then().statusCode(200).extract().jsonPath();
        assertThat(answer.getString("reason")).isEqualTo("no_content");
        assertThat(answer.getList("verdicts.findAll { !it.passed }.rule"))
                .containsExactly("content", "reachable");
        assertThat(answer.getList("verdicts.rule", String.class))
                .contains("consent")
                .doesNotContain("address");
        assertThat(answer.getString("change"))
                .isEqualTo("a text in the template for email, an address for email");
        assertThat(
                        now(ana, "push", "why")
                                .then()
                                .statusCode(200)
                                .extract()
                                .jsonPath()
                                .getString("reason"))
                .isEqualTo("no_route");
    }

    @Test
    @DisplayName("a merged customer is asked about as who she is by now, an erased one is gone")
    void mergedAndErased() {
        CustomerId survivor = new CustomerId(UUID.randomUUID());
        bus().say(profile(ana));
        reachable(ana);
        bus().say(new CustomersMerged(survivor, ana, "m-1", Instant.now()));
        reachable(survivor);
        bus().say(new CustomerErased(survivor, List.of(ana), UUID.randomUUID(), Instant.now()));
        await().atMost(SOON)
                .untilAsserted(() -> {
                    assertThat(now(ana, "sms", "why").statusCode()).isEqualTo(410);
                    assertThat(now(survivor, "sms", "why").statusCode()).isEqualTo(410);
                });
    }

    @Test
    @DisplayName("of nobody it says that there is nobody")
    void nobody() {
        StubIdentity.UNKNOWN.add(ana);
        assertThat(now(ana, "sms", "why").statusCode()).isEqualTo(404);
    }

    @Test
    @DisplayName("while identity is away somebody the gate has forgotten cannot be spoken of")
    void away() {
        StubIdentity.AWAY.set(true);
        assertThat(now(ana, "sms", "why").statusCode()).isEqualTo(503);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "customer | ",
                "channel | ",
                "template | ",
                "template | nowhere",
                "customer | 7",
                "channel | pigeon",
                "category | urgent",
                "template | a\\u0000b",
                "topic | a\\u0000b",
                "colour | blue"
            })
    @DisplayName("a mistake is named")
    void mistakes(String field, @Nullable String value) {
        Map<String, Object> body = new HashMap<>(body(ana, "sms", "why"));
        if (value == null) {
            body.remove(field);
        } else {
            body.put(field, value.replace("\\u0000", "\u0000"));
        }
        Response response = ask(body);
        assertThat(response.statusCode()).as(response.asString()).isEqualTo(400);
        assertThat(response.jsonPath().getString("errors[0].field")).isEqualTo(field);
    }

    @Test
    @DisplayName("people have no business here")
    void forServicesOnly() {
        given().header("Authorization", "Bearer local-admin-token")
                .contentType(ContentType.JSON)
                .body(body(ana, "sms", "why"))
                .post("/internal/gate/verdicts")
                .then()
                .statusCode(403);
    }

    @Test
    @DisplayName(
            "the life of a message that was refused says what every rule said, and what would turn it")
    void lifeOfARefusedMessage() {
        bus().say(profile(ana));
        reachable(ana);
        put(new ConsentWrite(ana, null, Channel.SMS, null, ConsentState.OPTED_OUT, Instant.now()));
        MessageRequested requested =
                new MessageRequested(
                        new MessageId(UUID.randomUUID()),
                        ana,
                        Channel.SMS,
                        phone,
                        "why",
                        Category.MARKETING,
                        null,
                        50,
                        new JourneyRef("carts", 3, UUID.randomUUID(), "steps[0].send"),
                        Map.of(),
                        null,
                        null,
                        List.of(),
                        Instant.now(),
                        Instant.now().plusSeconds(3_600));
        bus().say(requested);
        await().atMost(SOON)
                .untilAsserted(() ->
                        assertThat(life(requested).getString("state")).isEqualTo("suppressed"));

        JsonPath life = life(requested);
        assertThat(life.getString("change")).isEqualTo("consent for SMS");
        assertThat(life.getInt("origin.version")).isEqualTo(3);
        assertThat(life.getList("verdicts.rule", String.class))
                .startsWith("known-customer", "consent", "address", "silence")
                .contains("cap:global:P1D");
        assertThat(life.getList("verdicts.findAll { !it.passed }.rule")).containsExactly("consent");
        assertThat(life.getString("history.find { it.state == 'suppressed' }.change"))
                .isEqualTo("consent for SMS");
        assertThat(life.getList("history.find { it.state == 'suppressed' }.detail.verdicts.rule"))
                .isEqualTo(life.getList("verdicts.rule"));
        assertThat(life.getInt("history.find { it.state == 'suppressed' }.detail.policyVersion"))
                .isEqualTo(life.getInt("policyVersion"));
    }

    private static JsonPath life(MessageRequested requested) {
        return given().header("Authorization", "Bearer local-viewer-token")
                .get("/api/messages/" + requested.message())
                .jsonPath();
    }

    /** Once the address book has heard of her. */
    private static JsonPath reachable(CustomerId customer) {
        await().atMost(SOON)
                .untilAsserted(() ->
                        assertThat(
                                        now(customer, "sms", "why")
                                                .jsonPath()
                                                .getBoolean(
                                                        "verdicts.find { it.rule == 'reachable' }.passed"))
                                .isTrue());
        return now(customer, "sms", "why").then().statusCode(200).extract().jsonPath();
    }

    private void put(ConsentWrite consent) {
        gate.consent(List.of(consent)).await().atMost(SOON);
    }

    private static Response now(CustomerId customer, String channel, String template) {
        return ask(body(customer, channel, template));
    }

    private static Map<String, Object> body(CustomerId customer, String channel, String template) {
        return Map.of(
                "customer",
                customer.toString(),
                "channel",
                channel,
                "template",
                template,
                "journey",
                "carts");
    }

    private static Response ask(Map<String, Object> body) {
        return given().header("Authorization", "Bearer local-service-token")
                .contentType(ContentType.JSON)
                .body(body)
                .post("/internal/gate/verdicts");
    }

    private ProfileChanged profile(CustomerId customer) {
        return new ProfileChanged(
                customer,
                1,
                List.of(),
                Map.of(),
                Map.of(Channel.SMS, phone),
                null,
                null,
                Instant.now(),
                Instant.now());
    }

    private static Bus bus() {
        return Objects.requireNonNull(bus);
    }
}
