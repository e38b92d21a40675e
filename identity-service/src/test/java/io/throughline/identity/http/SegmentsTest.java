package io.throughline.identity.http;

import static io.throughline.identity.http.Api.SOON;
import static io.throughline.identity.http.Api.accepted;
import static io.throughline.identity.http.Api.admin;
import static io.throughline.identity.http.Api.awaitId;
import static io.throughline.identity.http.Api.json;
import static io.throughline.identity.http.Api.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.throughline.contracts.Topics;
import io.throughline.contracts.customer.CustomerEvent;
import io.throughline.contracts.customer.SegmentEntered;
import io.throughline.contracts.customer.SegmentLeft;
import io.throughline.contracts.json.EventCodec;
import io.throughline.local.testing.EmbeddedInfrastructure;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Segments over their routes: made, filled, entered, left, tried, removed. */
@QuarkusTest
@QuarkusTestResource(EmbeddedInfrastructure.class)
class SegmentsTest {

    private static final String SEGMENTS = "/api/segments/";

    @Inject Pool pool;

    @ConfigProperty(name = "kafka.bootstrap.servers")
    String brokers;

    private String who = "";
    private String event = "";
    private String key = "";
    private String other = "";

    @BeforeEach
    void somebodyElse() {
        who = UUID.randomUUID().toString();
        event = "Bought " + who;
        key = "s-" + who.substring(0, 13);
        other = "t-" + who.substring(0, 13);
    }

    @AfterEach
    void theRealTime() {
        SetClock.putForward(Duration.ZERO);
        admin().delete(SEGMENTS + other);
        admin().delete(SEGMENTS + key);
    }

    @Test
    void whoComesToFitEntersAtOnceAndLeavesWhenTimeHasPassed() {
        filled(key, "customer.plan == 'gold' && count('%s', 'P30D') >= 2".formatted(event));
        identify("a", "\"plan\":\"gold\"");
        String ana = awaitId("user_id:a-" + who);
        buys("a", "1", 10);
        buys("a", "2", 10);
        awaitMember(key, ana);
        JsonNode hers = ok(admin().get("/api/customers/" + ana + "/segments")).path("items");
        assertThat(hers.path(0).path("segment").asText()).isEqualTo(key);
        assertThat(segment(key).path("size").asLong()).isEqualTo(1);
        assertThat(Api.kinds(Api.timeline(ana))).contains("segment");

        SetClock.putForward(Duration.ofDays(31));
        awaitNobody(key);
        assertThat(segment(key).path("size").asLong()).isZero();
        assertThat(told(key))
                .extracting(e -> e.getClass().getSimpleName() + " " + e.customer())
                .containsExactly("SegmentEntered " + ana, "SegmentLeft " + ana);
        assertThat(told(key)).noneMatch(e -> e instanceof SegmentEntered in && in.backfill());
    }

    @Test
    void timeAloneLeadsIn() {
        filledForm(key, "{\"event\":\"%s\",\"last\":{\"gte\":\"P30D\"}}".formatted(event));
        buys("a", "1", 10);
        String ana = awaitId("user_id:a-" + who);
        awaitLooked(ana);
        assertThat(members(key)).isEmpty();
        SetClock.putForward(Duration.ofDays(30).plusMinutes(1));
        awaitMember(key, ana);
    }

    @Test
    void consentsAndOtherSegmentsCountAndWhoAsksAboutASegmentFollowsIt() {
        filled(key, "customer.consents.sms == 'opted_in' && count('%s') >= 1".formatted(event));
        filled(other, "!segment('%s') && customer.who == '%s'".formatted(key, who));
        identify("a", "\"who\":\"" + who + "\"");
        String ana = awaitId("user_id:a-" + who);
        awaitMember(other, ana);
        consent("opted_in");
        buys("a", "1", 10);
        awaitMember(key, ana);
        awaitNobody(other);
        consent("opted_out");
        awaitMember(other, ana);
        assertThat(members(key)).isEmpty();
        assertThat(admin().delete(SEGMENTS + key).statusCode()).isEqualTo(409);
    }

    @Test
    void aMergeJoinsHistoriesAndItsUndoingTakesThemApart() {
        filled(key, "count('%s') >= 2".formatted(event));
        filled(other, "count('%s') == 1".formatted(event));
        accepted(
                "track",
                "{\"anonymousId\":\"v-%s\",\"messageId\":\"1-%s\",\"event\":\"%s\"}"
                        .formatted(who, who, event));
        String visitor = awaitId("anonymous_id:v-" + who);
        awaitMember(other, visitor);
        buys("u", "2", 10);
        String user = awaitId("user_id:u-" + who);
        awaitMember(other, user);

        accepted("identify", "{\"userId\":\"u-%s\",\"anonymousId\":\"v-%s\"}".formatted(who, who));
        awaitMember(key, visitor);
        awaitNobody(other);
        assertThat(ok(admin().get("/api/customers/" + user + "/segments")).path("items").size())
                .isEqualTo(1);
        assertThat(segment(key).path("size").asLong()).isEqualTo(1);
        assertThat(segment(other).path("size").asLong()).isZero();
        assertThat(told(other))
                .filteredOn(SegmentLeft.class::isInstance)
                .extracting(e -> e.customer().toString())
                .containsExactly(visitor);

        ok(admin().delete("/api/customers/" + visitor + "/merges/" + user));
        await().atMost(SOON).until(() -> members(other).size() == 2);
        awaitNobody(key);
    }

    @Test
    void aNewSegmentIsFilledWithThoseWhoAreThereAndARemovedOneIsLeft() {
        List<String> all = heardOf("a", "b", "c");
        JsonNode made =
                json(
                        admin().body("{\"when\":\"customer.who == '%s'\"}".formatted(who))
                                .put(SEGMENTS + key));
        assertThat(made.path("fill").path("state").asText()).isEqualTo("waiting");
        JsonNode filled = awaitFilled(key);
        assertThat(filled.path("fill").path("customers").asLong())
                .isGreaterThanOrEqualTo(filled.path("fill").path("total").asLong());
        assertThat(filled.path("size").asLong()).isEqualTo(3);
        assertThat(members(key)).containsExactlyInAnyOrderElementsOf(all);
        JsonNode page = ok(admin().queryParam("limit", 2).get(SEGMENTS + key + "/customers"));
        JsonNode rest =
                ok(
                        admin().queryParam("limit", 2)
                                .queryParam("cursor", page.path("next").asText())
                                .get(SEGMENTS + key + "/customers"));
        assertThat(page.path("items").size() + rest.path("items").size()).isEqualTo(3);
        assertThat(rest.hasNonNull("next")).isFalse();
        assertThat(told(key)).allMatch(e -> e instanceof SegmentEntered in && in.backfill());

        assertThat(admin().delete(SEGMENTS + key).statusCode()).isEqualTo(204);
        assertThat(admin().get(SEGMENTS + key).statusCode()).isEqualTo(404);
        await().atMost(SOON)
                .until(() -> told(key).stream().filter(SegmentLeft.class::isInstance).count() == 3);
        assertThat(ok(admin().get("/api/customers/" + all.getFirst() + "/segments")).path("items"))
                .hasSize(1);
        assertThat(admin().delete(SEGMENTS + key).statusCode()).isEqualTo(404);
    }

    @Test
    void anotherConditionIsAnotherVersionAndOnlyThoseChangeWhoFitOneOfThem() {
        identify("a", "\"who\":\"" + who + "\",\"plan\":\"gold\"");
        identify("b", "\"who\":\"" + who + "\",\"plan\":\"silver\"");
        String ana = awaitId("user_id:a-" + who);
        String bea = awaitId("user_id:b-" + who);
        filled(key, "customer.who == '%s' && customer.plan == 'gold'".formatted(who));
        assertThat(members(key)).containsExactly(ana);
        Response same =
                admin().body(
                                "{\"name\":\"x\",\"when\":\"customer.who == '%s' && customer.plan == 'gold'\"}"
                                        .formatted(who))
                        .put(SEGMENTS + key);
        assertThat(ok(same).path("version").asInt()).isEqualTo(1);
        assertThat(ok(same).path("fill").path("state").asText()).isEqualTo("filled");
        filled(key, "customer.who == '%s'".formatted(who));
        assertThat(segment(key).path("version").asInt()).isEqualTo(2);
        assertThat(members(key)).containsExactlyInAnyOrder(ana, bea);
        assertThat(told(key)).hasSize(2);
    }

    @Test
    void aFillingThatADeadProcessLeftIsTakenUpWhereItWas() {
        List<String> both = heardOf("a", "b").stream().sorted().toList();
        Response made =
                admin().body("{\"when\":\"customer.who == '%s'\"}".formatted(who))
                        .put(SEGMENTS + key);
        assertThat(made.statusCode()).isEqualTo(201);
        // It had looked at everybody up to the first, and its claim runs out.
        pool.preparedQuery(
                        """
                        UPDATE segment_work SET last_customer = $2, customers = 1,
                               claimed_until = now() + interval '3 seconds'
                         WHERE segment = $1
                        """)
                .execute(Tuple.of(key, UUID.fromString(both.getFirst())))
                .await()
                .atMost(SOON);
        awaitFilled(key);
        assertThat(members(key)).containsExactly(both.getLast());
    }

    /** Whatever meets: events, the filling of one version, another that takes its place. */
    @Test
    void fillingWhileThingsHappenEndsWhereTheyDo() {
        List<String> names = IntStream.range(0, 12).mapToObj(n -> "p" + n).toList();
        for (int round = 1; round <= 3; round++) {
            for (String name : names) {
                buys(name, name + "-" + round, 10);
            }
            Response made =
                    admin().body("{\"when\":\"count('%s') >= %d\"}".formatted(event, round))
                            .put(SEGMENTS + key);
            assertThat(made.statusCode()).as(made.asString()).isIn(200, 201);
            admin().body("{\"when\":\"!segment('%s') && count('%s') >= 1\"}".formatted(key, event))
                    .put(SEGMENTS + other);
        }
        for (String name : names.subList(0, 6)) {
            buys(name, name + "-4", 10);
        }
        Response last =
                admin().body("{\"when\":\"count('%s') >= 4\"}".formatted(event))
                        .put(SEGMENTS + key);
        assertThat(ok(last).path("version").asInt()).isEqualTo(4);
        List<String> ids = names.stream().map(n -> awaitId("user_id:" + n + "-" + who)).toList();
        awaitFilled(key);
        awaitFilled(other);
        await().atMost(SOON)
                .untilAsserted(() -> {
                    assertThat(members(key)).containsExactlyInAnyOrderElementsOf(ids.subList(0, 6));
                    assertThat(members(other))
                            .containsExactlyInAnyOrderElementsOf(ids.subList(6, 12));
                });
        assertThat(segment(key).path("size").asLong()).isEqualTo(6);
        assertThat(segment(other).path("size").asLong()).isEqualTo(6);
        Map<String, Integer> balance = new HashMap<>();
        told(key)
                .forEach(e ->
                        balance.merge(
                                e.customer().toString(),
                                e instanceof SegmentEntered ? 1 : -1,
                                Integer::sum));
        balance.values().removeIf(v -> v == 0);
        assertThat(balance.keySet()).containsExactlyInAnyOrderElementsOf(ids.subList(0, 6));
        assertThat(balance.values()).containsOnly(1);
    }

    @Test
    void aPreviewTellsHowManyAndWhyAndStoresNothing() {
        identify("a", "\"who\":\"" + who + "\",\"visits\":3.5");
        identify("b", "\"who\":\"" + who + "\",\"visits\":1");
        String ana = awaitId("user_id:a-" + who);
        awaitId("user_id:b-" + who);
        Response begun =
                admin().body(
                                """
                                {"condition":{"all":[{"trait":"who","eq":"%s"},{"trait":"visits","gt":2}]}}\
                                """
                                        .formatted(who))
                        .post(SEGMENTS + "previews");
        assertThat(begun.statusCode()).as(begun.asString()).isEqualTo(202);
        String address = begun.header("Location").replaceFirst("^https?://[^/]+", "");
        JsonNode done =
                await().atMost(SOON)
                        .until(() -> ok(admin().get(address)), p -> p.hasNonNull("finishedAt"));
        assertThat(done.path("count").asLong()).isEqualTo(1);
        JsonNode sampled = done.path("sample").path(0);
        assertThat(sampled.path("customer").asText()).isEqualTo(ana);
        assertThat(sampled.path("why").path(1).path("condition").asText())
                .isEqualTo("customer.visits > 2");
        assertThat(sampled.path("why").path(1).path("holds").asBoolean()).isTrue();
        assertThat(sampled.path("why").path(1).path("measured").asDouble()).isEqualTo(3.5);
        assertThat(ok(admin().get("/api/customers/" + ana + "/segments")).path("items")).isEmpty();
    }

    @Test
    void theListGoesOnWhereThePageEnded() {
        filled(key, "customer.who == '%s'".formatted(who));
        filled(other, "customer.who == '%s'".formatted(who));
        List<String> keys = new ArrayList<>();
        String cursor = "";
        do {
            JsonNode page =
                    ok(
                            admin().queryParam("limit", 1)
                                    .queryParam("cursor", cursor)
                                    .get("/api/segments"));
            page.path("items").forEach(item -> keys.add(item.path("key").asText()));
            cursor = page.path("next").asText();
        } while (!cursor.isEmpty());
        assertThat(keys).isSorted().doesNotHaveDuplicates().contains(key, other);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "null | body | 400",
                "{} | when | 422",
                "{\"when\":null} | when | 422",
                "{\"when\":3} | when | 400",
                "{\"when\":\"\"} | when | 422",
                "{\"when\":\"customer.plan ==\"} | when | 422",
                "{\"when\":\"customer.x == '\\u0000'\"} | when | 400",
                "{\"when\":\"customer.plan == 'a'\",\"condition\":{\"trait\":\"a\",\"eq\":1}} | when | 422",
                "{\"when\":\"segment('no-such')\"} | when | 422",
                "{\"condition\":{\"segment\":\"no-such\"}} | condition | 422",
                "{\"when\":\"segment('self')\"} | when | 422",
                "{\"condition\":[]} | condition | 422",
                "{\"condition\":{\"trait\":\"a\\u0000\",\"eq\":1}} | condition.trait | 422",
                "{\"condition\":{\"trait\":\"a\",\"eq\":\"\\u0000\"}} | condition.eq | 422",
                "{\"condition\":{\"all\":[{\"event\":\"A\",\"count\":{\"gte\":null}}]}} | condition.all[0].count.gte | 422",
                "{\"when\":\"customer.plan == 'a'\",\"colour\":\"red\"} | colour | 400",
                "{\"when\":\"customer.plan == 'a'\",\"name\":[]} | name | 400",
            })
    void whatIsWrongIsNamed(String body, String field, int status) {
        for (String address : List.of(SEGMENTS + "self", SEGMENTS + "previews")) {
            boolean trial = address.endsWith("previews");
            Response response =
                    trial ? admin().body(body).post(address) : admin().body(body).put(address);
            assertThat(response.statusCode()).as(address + response.asString()).isEqualTo(status);
            assertThat(response.asString()).contains("\"" + field + "\"");
        }
    }

    @Test
    void whatIsWrongInAnAddressIsToldToo() {
        String body = "{\"when\":\"customer.plan == 'a'\"}";
        assertThat(admin().body(body).put(SEGMENTS + "No_Key").statusCode()).isEqualTo(400);
        assertThat(admin().body(body).put(SEGMENTS + "previews").statusCode()).isEqualTo(400);
        assertThat(admin().get(SEGMENTS + "no-such").statusCode()).isEqualTo(404);
        assertThat(admin().get(SEGMENTS + "a%00b").statusCode()).isEqualTo(404);
        assertThat(admin().get(SEGMENTS + "no-such/customers").statusCode()).isEqualTo(404);
        assertThat(admin().get(SEGMENTS + "previews/" + UUID.randomUUID()).statusCode())
                .isEqualTo(404);
        assertThat(admin().get(SEGMENTS + "previews/x").statusCode()).isEqualTo(400);
        assertThat(admin().queryParam("limit", 0).get("/api/segments").statusCode()).isEqualTo(400);
        assertThat(admin().queryParam("cursor", "!").get("/api/segments").statusCode())
                .isEqualTo(400);
        assertThat(admin().get("/api/customers/" + UUID.randomUUID() + "/segments").statusCode())
                .isEqualTo(404);
        filled(key, "customer.plan == '%s'".formatted(who));
        filled(other, "segment('%s')".formatted(key));
        Response around =
                admin().body("{\"when\":\"segment('%s')\"}".formatted(other)).put(SEGMENTS + key);
        assertThat(around.statusCode()).isEqualTo(422);
        assertThat(around.asString()).contains("cannot ask about itself");
        assertThat(
                        admin().queryParam("cursor", "YQ")
                                .get(SEGMENTS + key + "/customers")
                                .statusCode())
                .isEqualTo(400);
        assertThat(ok(admin().get(SEGMENTS + "schema")).path("title").asText())
                .isEqualTo("Throughline segment");
    }

    /** Customers of whom all that was told has been heard: they came into a segment by it. */
    private List<String> heardOf(String... names) {
        filled(other, "customer.who == '%s'".formatted(who));
        List<String> customers = new ArrayList<>();
        for (String name : names) {
            identify(name, "\"who\":\"" + who + "\"");
            customers.add(awaitId("user_id:" + name + "-" + who));
        }
        customers.forEach(customer -> awaitMember(other, customer));
        return customers;
    }

    private void identify(String name, String traits) {
        accepted("identify", "{\"userId\":\"%s-%s\",\"traits\":{%s}}".formatted(name, who, traits));
    }

    private void buys(String name, String messageId, int total) {
        accepted(
                "track",
                """
                {"userId":"%s-%s","messageId":"%s-%s","event":"%s","properties":{"total":%d}}\
                """
                        .formatted(name, who, messageId, who, event, total));
    }

    private void consent(String state) {
        Response response =
                admin().body(
                                """
                                {"identifier":"user_id:a-%s","channel":"sms","state":"%s","source":"test"}\
                                """
                                        .formatted(who, state))
                        .put("/api/consents");
        assertThat(response.statusCode()).as(response.asString()).isEqualTo(200);
    }

    private void filled(String segment, String when) {
        make(segment, "{\"when\":\"%s\"}".formatted(when));
    }

    private void filledForm(String segment, String condition) {
        make(segment, "{\"condition\":%s}".formatted(condition));
    }

    private void make(String segment, String body) {
        Response made = admin().body(body).put(SEGMENTS + segment);
        assertThat(made.statusCode()).as(made.asString()).isIn(200, 201);
        awaitFilled(segment);
    }

    private static JsonNode awaitFilled(String segment) {
        return await().atMost(SOON)
                .until(
                        () -> segment(segment),
                        s -> s.path("fill").path("state").asText().equals("filled"));
    }

    private static JsonNode segment(String segment) {
        return ok(admin().get(SEGMENTS + segment));
    }

    private static List<String> members(String segment) {
        return ok(admin().queryParam("limit", 500).get(SEGMENTS + segment + "/customers"))
                .path("items")
                .valueStream()
                .map(m -> m.path("customer").asText())
                .toList();
    }

    private static void awaitMember(String segment, String customer) {
        await().atMost(SOON).until(() -> members(segment).contains(customer));
    }

    private static void awaitNobody(String segment) {
        await().atMost(SOON).until(() -> members(segment).isEmpty());
    }

    private void awaitLooked(String customer) {
        await().atMost(SOON)
                .until(() ->
                        pool.preparedQuery(
                                                "SELECT 1 FROM segment_customers WHERE customer_id = $1 AND due IS NOT NULL")
                                        .execute(Tuple.of(UUID.fromString(customer)))
                                        .await()
                                        .atMost(SOON)
                                        .rowCount()
                                == 1);
    }

    /** What the stream says of a segment, in the order in which it was said of each customer. */
    private List<CustomerEvent> told(String segment) {
        Properties config = new Properties();
        config.put("bootstrap.servers", brokers);
        EventCodec codec = new EventCodec();
        List<CustomerEvent> told = new ArrayList<>();
        try (KafkaConsumer<String, byte[]> consumer =
                new KafkaConsumer<>(
                        config, new StringDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions =
                    consumer.partitionsFor(Topics.CUSTOMERS).stream()
                            .map(p -> new TopicPartition(p.topic(), p.partition()))
                            .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream()
                    .anyMatch(p -> consumer.position(p) < ends.getOrDefault(p, 0L))) {
                for (ConsumerRecord<String, byte[]> record :
                        consumer.poll(Duration.ofMillis(200))) {
                    Map<String, String> headers = new HashMap<>();
                    record.headers()
                            .forEach(h ->
                                    headers.put(
                                            h.key(),
                                            new String(h.value(), StandardCharsets.UTF_8)));
                    if (codec.decode(headers, record.value()) instanceof EventCodec.Read read) {
                        switch (read.envelope().data()) {
                            case SegmentEntered in when in.segment().equals(segment) ->
                                    told.add(in);
                            case SegmentLeft out when out.segment().equals(segment) ->
                                    told.add(out);
                            default -> {}
                        }
                    }
                }
            }
        }
        return told;
    }
}
