package io.throughline.channel.service;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.throughline.channel.delivery.Claim;
import io.throughline.channel.delivery.Outcome;
import io.throughline.channel.route.HandOver;
import io.throughline.channel.store.SendLedger;
import io.throughline.chassis.stream.Transactions;
import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.message.MessageRequested;
import io.throughline.contracts.message.MessageRequested.Fallback;
import io.throughline.contracts.message.Verdict;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.governance.ContactGate;
import io.throughline.governance.GateAnswer;
import io.throughline.governance.GateRequest;
import io.vertx.mutiny.redis.client.RedisAPI;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What a test claims itself is due an hour from now, so the service leaves it alone. */
@QuarkusTest
@QuarkusTestResource(OwnPort.class)
@DisplayName("The send ledger")
class SendLedgerTest {

    private static final Duration SOON = Duration.ofSeconds(15);
    private static final String TEMPLATE = "owed";
    private static int numbers = 10;

    @Inject SendLedger ledger;
    @Inject ContactGate gate;
    @Inject RedisAPI redis;
    @Inject Transactions transactions;
    @Inject Pool pool;

    private final Instant due = Instant.now().plus(Duration.ofHours(1));
    private final CustomerId ana = new CustomerId(UUID.randomUUID());
    private final MessageId message = new MessageId(UUID.randomUUID());

    @BeforeEach
    void identityAnswers() {
        StubIdentity.AWAY.set(false);
    }

    @Test
    @DisplayName("takes no outcome of a claim for that of the next one by the same process")
    void outcomeOfAnotherClaim() {
        queue();
        Claim first = claim(due);
        // As the sweep leaves what it requeues.
        execute("UPDATE messages SET state = 'queued', claimed_by = NULL WHERE id = $1");
        Claim second = claim(due.plusSeconds(10));

        record(new Outcome.Failed(first, "fake", "0x0B", "no", Outcome.Ruling.NONE, due));

        assertThat(texts("SELECT state FROM messages WHERE id = $1"))
                .containsExactly("handing_over");
        record(sent(second, "second"));
        assertThat(texts("SELECT state FROM messages WHERE id = $1")).containsExactly("sent");
        assertThat(texts("SELECT provider_id FROM provider_ids WHERE message = $1"))
                .containsExactly("second-" + message);
    }

    @Test
    @DisplayName("believes that a message was sent, whoever claimed it since")
    void sentByAnEarlierClaim() {
        queue();
        Claim first = claim(due);
        execute("UPDATE messages SET state = 'queued', claimed_by = NULL WHERE id = $1");
        claim(due.plusSeconds(10));

        record(sent(first, "first"));

        assertThat(texts("SELECT state FROM messages WHERE id = $1")).containsExactly("sent");
        assertThat(texts("SELECT provider_id FROM provider_ids WHERE message = $1"))
                .containsExactly("first-" + message);
    }

    @Test
    @DisplayName(
            "has a contact for each channel that an owed message was tried on, as the gate has")
    void contactsOfARerouted() {
        String phone = "+346000200" + numbers++;
        template("{\"channel\": \"sms\", \"text\": \"Hi\"}");
        FakeSmsRoute.ANSWERS.put(
                phone, new ArrayList<>(Collections.nCopies(50, new HandOver.Unknown("no answer"))));
        MessageRequested owed =
                requested(
                        Channel.SMS,
                        phone,
                        Instant.now(),
                        List.of(new Fallback(Channel.EMAIL, message + "@example.com", TEMPLATE)));
        transactions
                .inTransaction(tx -> ledger.queue(tx, List.of(owed), Instant.now()))
                .await()
                .atMost(SOON);
        await().atMost(SOON)
                .untilAsserted(() ->
                        assertThat(
                                        texts(
                                                "SELECT channel FROM messages WHERE id = $1 AND counted_at IS NOT NULL"))
                                .containsExactly("sms"));

        template("{\"channel\": \"email\", \"subject\": \"Hi\", \"html\": \"<p>Hi</p>\"}");
        await().atMost(SOON)
                .untilAsserted(() ->
                        assertThat(texts("SELECT state FROM messages WHERE id = $1"))
                                .containsExactly("sent"));

        Map<String, Integer> counted = counted();
        assertThat(counted)
                .containsEntry("cap:channel:sms:P1D", 1)
                .containsEntry("cap:global:P1D", 2);
        redis.flushallAndAwait(List.of());
        given().header("Authorization", "Bearer local-service-token")
                .contentType(ContentType.JSON)
                .body(Map.of("customers", List.of(ana.toString())))
                .post("/internal/gate/hydrate")
                .then()
                .statusCode(204);
        assertThat(counted()).isEqualTo(counted);
    }

    private static void template(String variant) {
        given().header("Authorization", "Bearer local-admin-token")
                .contentType(ContentType.JSON)
                .body("{\"variants\": [" + variant + "]}")
                .put("/api/templates/" + TEMPLATE)
                .then()
                .statusCode(200);
    }

    /** What each cap counts against another text. */
    private Map<String, Integer> counted() {
        GateRequest question =
                new GateRequest(
                        ana,
                        new MessageId(UUID.randomUUID()),
                        Channel.SMS,
                        Category.MARKETING,
                        null,
                        null,
                        "+34600020000");
        GateAnswer answer =
                gate.peek(List.of(question), ContactPolicy.initial())
                        .await()
                        .atMost(SOON)
                        .getFirst();
        Map<String, Integer> counted = new HashMap<>();
        for (Verdict verdict : ((GateAnswer.Allowed) answer).verdicts()) {
            if (verdict.count() != null) {
                counted.put(verdict.rule(), verdict.count());
            }
        }
        return counted;
    }

    private void queue() {
        MessageRequested requested = requested(Channel.WHATSAPP, "+34600020000", due, List.of());
        transactions
                .inTransaction(tx -> ledger.queue(tx, List.of(requested), due))
                .await()
                .atMost(SOON);
    }

    private MessageRequested requested(
            Channel channel, String to, Instant at, List<Fallback> fallbacks) {
        return new MessageRequested(
                message,
                ana,
                channel,
                to,
                TEMPLATE,
                Category.TRANSACTIONAL,
                null,
                50,
                null,
                Map.of(),
                null,
                null,
                fallbacks,
                at,
                at.plus(Duration.ofHours(1)));
    }

    private Claim claim(Instant at) {
        return ledger
                .claim(Channel.WHATSAPP, 10, at, at.plusSeconds(5))
                .await()
                .atMost(SOON)
                .stream()
                .filter(claim -> claim.message().equals(message))
                .findFirst()
                .orElseThrow();
    }

    private Outcome sent(Claim claim, String id) {
        return new Outcome.Sent(
                claim, "fake", List.of(id + "-" + message), Outcome.Ruling.NONE, due, due);
    }

    private void record(Outcome outcome) {
        ledger.record(List.of(outcome)).await().atMost(SOON);
    }

    private void execute(String statement) {
        pool.preparedQuery(statement).execute(Tuple.of(message.value())).await().atMost(SOON);
    }

    private List<String> texts(String query) {
        List<String> texts = new ArrayList<>();
        for (Row row :
                pool.preparedQuery(query).execute(Tuple.of(message.value())).await().atMost(SOON)) {
            texts.add(row.getString(0));
        }
        return texts;
    }
}
