package io.throughline.identity.http;

import static io.throughline.identity.http.Api.SOON;
import static io.throughline.identity.http.Api.accepted;
import static io.throughline.identity.http.Api.admin;
import static io.throughline.identity.http.Api.awaitId;
import static io.throughline.identity.http.Api.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.throughline.chassis.stream.EventPublisher;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Envelope;
import io.throughline.contracts.Topics;
import io.throughline.contracts.json.EventCodec;
import io.throughline.contracts.prediction.ScoresPredicted;
import io.throughline.local.testing.EmbeddedInfrastructure;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What models expect of customers: on the profile, in segments, when customers merge and split. */
@QuarkusTest
@QuarkusTestResource(EmbeddedInfrastructure.class)
class ScoresTest {

    private static final String SEGMENTS = "/api/segments/";

    @Inject EventPublisher publisher;

    @ConfigProperty(name = "kafka.bootstrap.servers")
    String brokers;

    private final EventCodec codec = new EventCodec();
    private String who = "";
    private String key = "";
    private Instant start = Instant.EPOCH;

    @BeforeEach
    void somebodyElse() {
        who = UUID.randomUUID().toString();
        key = "p-" + who.substring(0, 13);
        start = Instant.parse("2026-11-01T00:00:00Z");
    }

    @AfterEach
    void withoutTheSegment() {
        admin().delete(SEGMENTS + key);
    }

    @Test
    void ofEachScoreTheOneMadeLastCountsInWhateverOrderTheyCome() {
        String ana = somebody("a");
        Envelope<ScoresPredicted> first = says(ana, 1, Map.of("purchase_30d", 0.1, "churn", 0.9));
        publish(
                says(ana, 3, Map.of("purchase_30d", 0.3)),
                first,
                says(ana, 2, Map.of("purchase_30d", 0.2, "churn", 0.8)),
                says(ana, 2, Map.of("churn", 0.7)),
                first);
        publish(says(ana, 1, Map.of("last", 1.0)));
        awaitScore(ana, "last", 1.0);
        assertThat(scores(ana)).isEqualTo(Map.of("purchase_30d", 0.3, "churn", 0.8, "last", 1.0));
        JsonNode shown = profile(ana).path("scores").path("purchase_30d");
        assertThat(shown.path("model").asText()).isEqualTo("propensity");
        assertThat(shown.path("version").asText()).isEqualTo("7");
        assertThat(Instant.parse(shown.path("at").asText())).isEqualTo(day(3));
    }

    @Test
    void aSegmentThatAsksForAScoreIsEnteredAndLeftAsItChanges() {
        made("customer.scores.purchase_30d < 0.05 && customer.who == '%s'".formatted(who));
        String ana = somebody("a");
        String bea = somebody("b");
        publish(
                says(ana, 1, Map.of("purchase_30d", 0.04)),
                says(bea, 1, Map.of("purchase_30d", 0.9)));
        awaitMembers(ana);
        publish(
                says(ana, 2, Map.of("purchase_30d", 0.5)),
                says(bea, 2, Map.of("purchase_30d", 0.01)));
        awaitMembers(bea);
    }

    @Test
    void aFillAndAPreviewKnowScoresAndAnAbsentOneHoldsNeitherWay() {
        String ana = somebody("a");
        String bea = somebody("b");
        publish(says(ana, 1, Map.of("purchase_30d", 0.04)));
        awaitScore(ana, "purchase_30d", 0.04);
        String low =
                "{\"all\":[{\"trait\":\"who\",\"eq\":\"%s\"},{\"score\":\"purchase_30d\",\"lt\":0.05}]}"
                        .formatted(who);
        assertThat(preview("{\"condition\":%s}".formatted(low))).containsExactly(ana);
        assertThat(
                        preview(
                                "{\"when\":\"customer.who == '%s' && customer.scores.purchase_30d >= 0.05\"}"
                                        .formatted(who)))
                .isEmpty();
        assertThat(
                        preview(
                                "{\"when\":\"customer.who == '%s' && !(customer.scores.purchase_30d < 0.05)\"}"
                                        .formatted(who)))
                .containsExactly(bea);
        made("customer.scores.purchase_30d < 0.05 && customer.who == '%s'".formatted(who));
        awaitMembers(ana);
    }

    @Test
    void aMergeKeepsTheLaterOfEachNameAndUndoingItKeepsNeither() {
        accepted("identify", "{\"anonymousId\":\"v-%s\",\"traits\":{\"a\":1}}".formatted(who));
        String visitor = awaitId("anonymous_id:v-" + who);
        String user = somebody("u");
        publish(
                says(visitor, 1, Map.of("purchase_30d", 0.1, "churn", 0.2)),
                says(user, 2, Map.of("purchase_30d", 0.3)));
        awaitScore(visitor, "churn", 0.2);
        awaitScore(user, "purchase_30d", 0.3);
        made("customer.scores.purchase_30d == 0.4");

        accepted("identify", "{\"userId\":\"u-%s\",\"anonymousId\":\"v-%s\"}".formatted(who, who));
        await().atMost(SOON).until(() -> profile(visitor).path("merged").size() == 1);
        assertThat(scores(visitor)).isEqualTo(Map.of("purchase_30d", 0.3, "churn", 0.2));
        publish(says(user, 3, Map.of("purchase_30d", 0.4)));
        awaitScore(visitor, "purchase_30d", 0.4);
        awaitMembers(visitor);

        ok(admin().delete("/api/customers/" + visitor + "/merges/" + user));
        List<String> both =
                await().atMost(SOON)
                        .until(
                                () ->
                                        List.of(
                                                awaitId("user_id:u-" + who),
                                                awaitId("anonymous_id:v-" + who)),
                                ids -> !ids.getFirst().equals(ids.getLast()));
        String other = both.getFirst().equals(visitor) ? both.getLast() : both.getFirst();
        assertThat(scores(visitor)).isEmpty();
        assertThat(scores(other)).isEmpty();
        awaitMembers();
        // Of the mixture, late: nobody's. What is predicted from here on is hers.
        publish(
                says(visitor, 4, Map.of("purchase_30d", 0.4)),
                says(user, 4, Map.of("purchase_30d", 0.4)),
                says(other, 4, Map.of("purchase_30d", 0.4)));
        publish(saysNow(other, Map.of("churn", 0.6)), saysNow(visitor, Map.of("churn", 0.5)));
        awaitScore(visitor, "churn", 0.5);
        awaitScore(other, "churn", 0.6);
        assertThat(scores(visitor)).isEqualTo(Map.of("churn", 0.5));
        assertThat(scores(other)).isEqualTo(Map.of("churn", 0.6));
        assertThat(members()).isEmpty();
    }

    @Test
    void anErasedCustomersScoresGoTheirLogGetsTombstonesAndLateOnesToo() {
        String ana = somebody("a");
        String bea = somebody("b");
        publish(says(ana, 1, Map.of("churn", 0.9)));
        awaitScore(ana, "churn", 0.9);
        JsonNode export = ok(admin().get("/api/customers/" + ana + "/timeline"));
        assertThat(export.toString()).doesNotContain("churn");

        assertThat(admin().delete("/api/customers/" + ana).statusCode()).isEqualTo(202);
        await().atMost(SOON).until(() -> endsInATombstone(ana));
        publish(says(ana, 2, Map.of("churn", 0.8)), says(bea, 1, Map.of("churn", 0.1)));
        awaitScore(bea, "churn", 0.1);
        await().atMost(SOON).until(() -> endsInATombstone(ana));
        assertThat(ofKey(Topics.PREDICTIONS, ana)).hasSize(4);
        assertThat(admin().get("/api/customers/" + ana).statusCode()).isEqualTo(410);
        assertThat(ofKey(Topics.deadLetters(Topics.PREDICTIONS), ana)).isEmpty();
    }

    @Test
    void whatCannotBeTakenIsSetAsideWithTheReasonAndTheRestGoesOn() {
        String ana = somebody("a");
        Envelope<ScoresPredicted> good = saysNow(ana, Map.of("churn", 0.5));
        byte[] wrong =
                new String(codec.value(good.data()), StandardCharsets.UTF_8)
                        .replace(":0.5", ":50")
                        .getBytes(StandardCharsets.UTF_8);
        Envelope<ScoresPredicted> future =
                says(
                        UUID.randomUUID(),
                        new ScoresPredicted(
                                CustomerId.of(ana),
                                Map.of("churn", 0.6),
                                "m",
                                "1",
                                Instant.now().plus(Duration.ofDays(1))));
        publish(ana, says(ana, 1, Map.of("churn", 0.1)), wrong);
        publish(ana, future, codec.value(future.data()));
        publish("k-" + who, good, codec.value(good.data()));
        publish(saysNow("00000000-0000-7000-8000-000000000001", Map.of("churn", 0.5)));
        publish(says(ana, 2, Map.of("churn", 0.2)));

        awaitScore(ana, "churn", 0.2);
        String dead = Topics.deadLetters(Topics.PREDICTIONS);
        await().atMost(SOON).until(() -> ofKey(dead, ana).size() == 2);
        assertThat(ofKey(dead, ana))
                .extracting(ScoresTest::reason)
                .satisfiesExactlyInAnyOrder(
                        r ->
                                assertThat(r)
                                        .contains("a score is a number from 0 to 1, churn was 50"),
                        r -> assertThat(r).contains("which is still to come"));
        await().atMost(SOON).until(() -> ofKey(dead, "k-" + who).size() == 1);
        assertThat(reason(ofKey(dead, "k-" + who).getFirst()))
                .isEqualTo("the record's key is not the customer's id");
    }

    private String somebody(String name) {
        accepted(
                "identify",
                "{\"userId\":\"%s-%s\",\"traits\":{\"who\":\"%s\"}}".formatted(name, who, who));
        return awaitId("user_id:" + name + "-" + who);
    }

    private Instant day(int day) {
        return start.plus(Duration.ofDays(day));
    }

    private Envelope<ScoresPredicted> says(String customer, int day, Map<String, Double> scores) {
        return says(
                UUID.randomUUID(),
                new ScoresPredicted(CustomerId.of(customer), scores, "propensity", "7", day(day)));
    }

    private static Envelope<ScoresPredicted> saysNow(String customer, Map<String, Double> scores) {
        return says(
                UUID.randomUUID(),
                new ScoresPredicted(
                        CustomerId.of(customer), scores, "propensity", "7", Instant.now()));
    }

    private static Envelope<ScoresPredicted> says(UUID id, ScoresPredicted scores) {
        return new Envelope<>(id, "/models/test", Instant.now(), scores);
    }

    @SafeVarargs
    private void publish(Envelope<ScoresPredicted>... envelopes) {
        for (Envelope<ScoresPredicted> one : envelopes) {
            publish(one.data().partitionKey(), one, codec.value(one.data()));
        }
    }

    private void publish(String recordKey, Envelope<ScoresPredicted> envelope, byte[] value) {
        publisher
                .publish(
                        List.of(
                                EventPublisher.record(
                                        Topics.PREDICTIONS,
                                        recordKey,
                                        codec.headers(envelope),
                                        value)))
                .await()
                .atMost(SOON);
    }

    private static JsonNode profile(String customer) {
        return ok(admin().get("/api/customers/" + customer));
    }

    private static Map<String, Double> scores(String customer) {
        Map<String, Double> scores = new HashMap<>();
        profile(customer)
                .path("scores")
                .properties()
                .forEach(score ->
                        scores.put(score.getKey(), score.getValue().path("value").asDouble()));
        return scores;
    }

    private static void awaitScore(String customer, String name, double value) {
        await().atMost(SOON).until(() -> Double.valueOf(value).equals(scores(customer).get(name)));
    }

    private void made(String when) {
        Response made = admin().body("{\"when\":\"%s\"}".formatted(when)).put(SEGMENTS + key);
        assertThat(made.statusCode()).as(made.asString()).isEqualTo(201);
        await().atMost(SOON)
                .until(() ->
                        ok(admin().get(SEGMENTS + key))
                                .path("fill")
                                .path("state")
                                .asText()
                                .equals("filled"));
    }

    private List<String> members() {
        return ok(admin().get(SEGMENTS + key + "/customers"))
                .path("items")
                .valueStream()
                .map(m -> m.path("customer").asText())
                .toList();
    }

    private void awaitMembers(String... customers) {
        await().atMost(SOON).untilAsserted(() -> assertThat(members()).containsExactly(customers));
    }

    private static List<String> preview(String body) {
        Response begun = admin().body(body).post(SEGMENTS + "previews");
        assertThat(begun.statusCode()).as(begun.asString()).isEqualTo(202);
        String address = begun.header("Location").replaceFirst("^https?://[^/]+", "");
        return await().atMost(SOON)
                .until(() -> ok(admin().get(address)), p -> p.hasNonNull("finishedAt"))
                .path("sample")
                .valueStream()
                .map(s -> s.path("customer").asText())
                .toList();
    }

    private static String reason(ConsumerRecord<String, byte[]> letter) {
        return new String(
                letter.headers().lastHeader("throughline_reason").value(), StandardCharsets.UTF_8);
    }

    private boolean endsInATombstone(String recordKey) {
        List<ConsumerRecord<String, byte[]>> records = ofKey(Topics.PREDICTIONS, recordKey);
        return !records.isEmpty() && records.getLast().value() == null;
    }

    /** A key's records, in their order. */
    private List<ConsumerRecord<String, byte[]>> ofKey(String topic, String recordKey) {
        Properties config = new Properties();
        config.put("bootstrap.servers", brokers);
        List<ConsumerRecord<String, byte[]>> found = new ArrayList<>();
        try (KafkaConsumer<String, byte[]> consumer =
                new KafkaConsumer<>(
                        config, new StringDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions =
                    consumer.partitionsFor(topic).stream()
                            .map(p -> new TopicPartition(p.topic(), p.partition()))
                            .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream()
                    .anyMatch(p -> consumer.position(p) < ends.getOrDefault(p, 0L))) {
                for (ConsumerRecord<String, byte[]> record :
                        consumer.poll(Duration.ofMillis(200))) {
                    if (recordKey.equals(record.key())) {
                        found.add(record);
                    }
                }
            }
        }
        return found;
    }
}
