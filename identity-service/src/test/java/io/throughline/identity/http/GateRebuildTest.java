package io.throughline.identity.http;

import static io.restassured.RestAssured.given;
import static io.throughline.identity.http.Api.SOON;
import static io.throughline.identity.http.Api.admin;
import static io.throughline.identity.http.Api.idOf;
import static io.throughline.identity.http.Api.json;
import static io.throughline.identity.http.Api.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import io.quarkus.redis.datasource.ReactiveRedisDataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.json.ContractJson;
import io.throughline.contracts.message.SuppressionReason;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.governance.ConsentWrite;
import io.throughline.governance.ContactGate;
import io.throughline.governance.CustomerHistory;
import io.throughline.governance.GateAnswer;
import io.throughline.governance.GateRequest;
import io.throughline.local.testing.EmbeddedInfrastructure;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The gate, rebuilt from the ledgers and compared with them (promise P7). */
@QuarkusTest
@QuarkusTestResource(EmbeddedInfrastructure.class)
@QuarkusTestResource(StubChannel.class)
class GateRebuildTest {

    @Inject ContactGate gate;
    @Inject ReactiveRedisDataSource redis;

    @SuppressWarnings("NullAway.Init") // Before each test.
    private HttpServer channel;

    private String who = "";

    @BeforeEach
    void somebodyElse() throws IOException {
        who = UUID.randomUUID().toString().replace("-", "");
        channel = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        channel.createContext(
                "/",
                exchange -> {
                    hydrate(
                            new String(
                                    exchange.getRequestBody().readAllBytes(),
                                    StandardCharsets.UTF_8));
                    exchange.sendResponseHeaders(204, -1);
                    exchange.close();
                });
        channel.start();
        StubChannel.hydratesBy("http://127.0.0.1:" + channel.getAddress().getPort() + "/");
    }

    /**
     * As the channel service does: permissions from identity, then contacts, of which it has none.
     */
    private void hydrate(String question) {
        try {
            List<CustomerHistory> contacts = new ArrayList<>();
            ContractJson.mapper()
                    .readTree(question)
                    .path("customers")
                    .forEach(id ->
                            contacts.add(
                                    new CustomerHistory.Contacts(
                                            CustomerId.of(id.asText()), List.of())));
            given().auth()
                    .preemptive()
                    .oauth2(Api.SERVICE_TOKEN)
                    .contentType("application/json")
                    .body(question)
                    .post("/internal/gate/hydrate");
            gate.hydrate(contacts).await().atMost(SOON);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(question, e);
        }
    }

    @Test
    void aGateThatIsEmptyAnswersAsTheLedgersSayOnceItIsRebuilt() {
        consent("email:" + who + "@example.com", "email", null, "opted_in");
        consent("email:" + who + "@example.com", "email", "offers", "opted_out");
        consent("user_id:" + who, "sms", null, "opted_out");
        consent("email:out-" + who + "@example.com", "email", null, "opted_out");
        redis.flushall().await().atMost(SOON);
        JsonNode cold = done("verifications");
        assertThat(cold.path("unknown").asLong()).isGreaterThanOrEqualTo(2);
        assertThat(cold.path("differences").asLong()).as(cold.toString()).isZero();

        JsonNode rebuilt = done("rebuilds");
        assertThat(rebuilt.path("phase").asText()).isEqualTo("done");
        assertThat(rebuilt.path("customers").asLong()).isGreaterThanOrEqualTo(2);
        assertThat(rebuilt.path("verified").asLong()).isEqualTo(rebuilt.path("customers").asLong());
        assertThat(rebuilt.path("unknown").asLong()).isZero();
        assertThat(rebuilt.path("differences").asLong()).as(rebuilt.toString()).isZero();
    }

    @Test
    void aGateThatIsLooserThanTheLedgerIsFoundAndPutRight() {
        String email = who + "@example.com";
        consent("email:" + email, "email", null, "opted_out");
        CustomerId customer = CustomerId.of(idOf("email:" + email));
        done("rebuilds");
        assertThat(differences("verifications")).isZero();

        // Nobody said so in any ledger.
        gate.consent(
                        List.of(
                                new ConsentWrite(
                                        customer,
                                        email,
                                        Channel.EMAIL,
                                        null,
                                        ConsentState.OPTED_IN,
                                        Instant.now().plusSeconds(60))))
                .await()
                .atMost(SOON);
        JsonNode found = done("verifications");
        assertThat(found.path("differences").asLong()).isEqualTo(2);
        assertThat(found.path("found").valueStream().map(d -> d.path("ledger").asText()).toList())
                .containsExactly("opted_out", "opted_out");

        done("rebuilds");
        JsonNode after = done("verifications");
        assertThat(after.path("found").valueStream().map(d -> d.path("about").asText()).toList())
                .as("an address has no ledger of its own but the later word")
                .containsOnly("email address");
    }

    @Test
    void aStopThatIdentityHasNotReadOfYetIsNotWrittenAway() {
        consent("user_id:" + who, "sms", null, "opted_in");
        CustomerId customer = CustomerId.of(idOf("user_id:" + who));
        Instant now = Instant.now();
        String phone = "+4179" + Math.floorMod(who.hashCode(), 10_000_000);
        StubChannel.optedOut(customer.toString(), phone, now);
        gate.consent(
                        List.of(
                                new ConsentWrite(
                                        customer,
                                        phone,
                                        Channel.SMS,
                                        null,
                                        ConsentState.OPTED_OUT,
                                        now)))
                .await()
                .atMost(SOON);

        done("rebuilds");
        GateRequest sms =
                new GateRequest(
                        customer,
                        new MessageId(UUID.randomUUID()),
                        Channel.SMS,
                        Category.MARKETING,
                        null,
                        null,
                        "");
        ContactPolicy bare =
                new ContactPolicy(0, List.of(), null, null, "UTC", Map.of(), Set.of(), List.of());
        assertThat(gate.peek(List.of(sms), bare).await().atMost(SOON).getFirst())
                .isInstanceOfSatisfying(
                        GateAnswer.Denied.class,
                        denied ->
                                assertThat(denied.reason()).isEqualTo(SuppressionReason.OPTED_OUT));
    }

    @Test
    void whileTheChannelServiceIsAwayItWaits() {
        consent("email:" + who + "@example.com", "email", null, "opted_out");
        StubChannel.isAway(true);
        String address = begun("rebuilds");
        try {
            assertThat(ok(admin().get(address)).hasNonNull("finishedAt")).isFalse();
        } finally {
            StubChannel.isAway(false);
        }
        JsonNode done = finished(address);
        assertThat(done.path("verified").asLong()).isEqualTo(done.path("total").asLong());
    }

    @Test
    void unknownWorkIsNotFound() {
        assertThat(admin().get("/api/gate/rebuilds/" + UUID.randomUUID()).statusCode())
                .isEqualTo(404);
        assertThat(admin().get("/api/gate/rebuilds/x").statusCode()).isEqualTo(400);
    }

    private long differences(String kind) {
        return done(kind).path("differences").asLong();
    }

    private static JsonNode done(String kind) {
        return finished(begun(kind));
    }

    private static String begun(String kind) {
        Response begun = admin().post("/api/gate/" + kind);
        assertThat(begun.statusCode()).as(begun.asString()).isEqualTo(202);
        return "/api/gate/" + kind + "/" + json(begun).path("id").asText();
    }

    private static JsonNode finished(String address) {
        return await().atMost(SOON)
                .until(() -> ok(admin().get(address)), now -> now.hasNonNull("finishedAt"));
    }

    private static void consent(
            String identifier, String channel, @Nullable String topic, String state) {
        String about = topic == null ? "" : "\"topic\":\"%s\",".formatted(topic);
        ok(
                admin().body(
                                """
                                {"identifier":"%s","channel":"%s",%s"state":"%s","source":"test"}\
                                """
                                        .formatted(identifier, channel, about, state))
                        .put("/api/consents"));
    }
}
