package io.throughline.journey.service;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import io.restassured.specification.RequestSpecification;
import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.decision.DecisionEvent;
import io.throughline.contracts.message.MessageRequested;
import io.throughline.contracts.message.WithdrawalRequested;
import io.throughline.governance.ConsentWrite;
import io.throughline.governance.ContactGate;
import io.throughline.governance.CustomerHistory;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two journeys want the same customer, over Kafka, PostgreSQL and Redis. */
@QuarkusTest
@QuarkusTestResource(StubNeighbours.class)
class RivalsStoryTest {

    @ConfigProperty(name = "kafka.bootstrap.servers")
    String bootstrapServers;

    @Inject ContactGate gate;

    private Wire wire;
    private String before;

    @BeforeEach
    void oneMessageADay() {
        wire = new Wire(bootstrapServers);
        before = api().get("/api/contact-policy").then().statusCode(200).extract().asString();
        policy(
                """
                {"caps": [{"scope": "global", "max": 1, "per": "P1D"}], "defaultTimeZone": "UTC",
                 "consent": {}, "optOutCoversTransactional": [], "silences": [],
                 "arbitration": {"window": "PT1H"},
                 "exclusionGroups": [{"name": "offers", "journeys": ["offer-small", "offer-big"],
                                      "onConflict": "higher-priority"}]}
                """);
    }

    @AfterEach
    void asItWas() {
        policy(before);
        wire.close();
    }

    @Test
    void theJourneyThatCameFirstYieldsToTheMoreImportantOneAndItsRuleSaysWhatBecomesOfIt() {
        journey("rival-drops", 10, "Drops Wanted", "PT2S", "on-displaced: drop");
        journey("rival-waits", 20, "Waits Wanted", "PT2S", "on-displaced: defer");
        journey("rival-wins", 90, "Wins Wanted", "PT4S", "value: 12.50");
        Person ana = known();
        wire.say(ana.does("Drops Wanted", Map.of()));
        wire.say(ana.does("Waits Wanted", Map.of()));
        wire.say(ana.does("Wins Wanted", Map.of()));

        List<DecisionEvent.Displaced> displaced =
                wire.await(DecisionEvent.Displaced.class, 2, d -> d.customer().equals(ana.id()));
        assertThat(displaced)
                .extracting(d -> d.origin().journey(), d -> d.fate(), d -> d.by().journey())
                .containsExactlyInAnyOrder(
                        tuple("rival-drops", DecisionEvent.Fate.DROPPED, "rival-wins"),
                        tuple("rival-waits", DecisionEvent.Fate.DEFERRED, "rival-wins"));
        assertThat(displaced)
                .allSatisfy(d -> {
                    assertThat(d.rule()).isEqualTo("cap:global:P1D");
                    assertThat(d.count()).isZero();
                    assertThat(d.limit()).isEqualTo(1);
                });
        assertThat(wire.await(MessageRequested.class, 1, m -> m.customer().equals(ana.id())))
                .singleElement()
                .satisfies(
                        m -> assertThat(m.origin()).extracting("journey").isEqualTo("rival-wins"));
        instances("rival-waits", ana)
                .body("items[0].status", equalTo("running"))
                .body("items[0].displacedBy", equalTo("rival-wins"));
        instances("rival-drops", ana).body("items[0].leftReason", equalTo("completed"));
    }

    @Test
    void aCustomerIsInOneJourneyOfAGroupAtATimeAndTheMoreImportantOneTakesOver() {
        journey("offer-small", 10, "Small Wanted", null, "within: PT1H");
        journey("offer-big", 90, "Big Wanted", "PT1H", "within: PT1H");
        Person ana = known();
        wire.say(ana.does("Small Wanted", Map.of()));
        MessageRequested queued =
                wire.await(MessageRequested.class, 1, m -> m.customer().equals(ana.id()))
                        .getFirst();
        wire.say(ana.does("Big Wanted", Map.of()));
        wire.say(ana.does("Small Wanted", Map.of()));

        DecisionEvent.Left left =
                wire.await(DecisionEvent.Left.class, 1, l -> l.customer().equals(ana.id()))
                        .getFirst();
        assertThat(left.origin().journey()).isEqualTo("offer-small");
        assertThat(left.reason()).isEqualTo("displaced");
        assertThat(left.detail()).isEqualTo("offer-big");
        assertThat(
                        wire.await(WithdrawalRequested.class, 1, w -> w.customer().equals(ana.id()))
                                .getFirst()
                                .message())
                .isEqualTo(queued.message());
        DecisionEvent.Excluded excluded =
                wire.await(DecisionEvent.Excluded.class, 1, e -> e.customer().equals(ana.id()))
                        .getFirst();
        assertThat(excluded.group()).isEqualTo("offers");
        assertThat(excluded.by().journey()).isEqualTo("offer-big");
        instances("offer-small", ana).body("items[0].leftReason", equalTo("displaced"));
    }

    @Test
    void aWrongGroupOrRuleIsRefusedNamingTheField() {
        String policy =
                """
                {"caps": [], "silences": [], "defaultTimeZone": "UTC", "consent": {},
                 "optOutCoversTransactional": [], %s}
                """;
        refused(
                        policy.formatted(
                                "\"exclusionGroups\": [{\"name\": \"g\", \"journeys\": [\"a\"], \"onConflict\": \"keep\"}]"),
                        422)
                .body("errors.field", hasItem("exclusionGroups[0].journeys"));
        refused(policy.formatted("\"exclusionGroups\": [null]"), 422)
                .body("errors.field", hasItem("exclusionGroups[0].name"));
        refused(
                        policy.formatted(
                                "\"exclusionGroups\": [{\"name\": \"Not a key\", \"journeys\": [\"a\", \"a\"], \"onConflict\": \"keep\"}]"),
                        422)
                .body("errors.field", hasItem("exclusionGroups[0].name"))
                .body("errors.field", hasItem("exclusionGroups[0].journeys[1]"));
        refused(
                        policy.formatted(
                                "\"exclusionGroups\": [{\"name\": \"g\", \"journeys\": [\"a\", \"b\"], \"onConflict\": \"fight\"}]"),
                        400)
                .body("field", equalTo("exclusionGroups[0].onConflict"));
        refused(policy.formatted("\"arbitration\": {}"), 422)
                .body("errors.field", hasItem("arbitration.window"));
        refused(policy.formatted("\"arbitration\": {\"window\": \"-PT1H\"}"), 422)
                .body("errors.field", hasItem("arbitration.window"));
        api().contentType("application/yaml")
                .body(
                        """
                        journey: wrong
                        category: marketing
                        value: much
                        on-displaced: wait
                        entry: { on: Wrong }
                        steps:
                          - send: { channel: email, template: t, value: -1, on-displaced: never }
                        """
                                .getBytes(StandardCharsets.UTF_8))
                .put("/api/journeys/wrong")
                .then()
                .statusCode(422)
                .body("errors.field", hasItem("value"))
                .body("errors.field", hasItem("on-displaced"))
                .body("errors.field", hasItem("steps[0].send.value"))
                .body("errors.field", hasItem("steps[0].send.on-displaced"));
    }

    private static ValidatableResponse refused(String policy, int status) {
        return api().contentType("application/json")
                .body(policy)
                .put("/api/contact-policy")
                .then()
                .statusCode(status);
    }

    private static ValidatableResponse instances(String journey, Person person) {
        return api().get("/api/journeys/" + journey + "/instances?customer=" + person.id())
                .then()
                .statusCode(200);
    }

    private static void policy(String document) {
        api().contentType("application/json")
                .body(document)
                .put("/api/contact-policy")
                .then()
                .statusCode(200);
    }

    private static void journey(
            String key, int priority, String event, @Nullable String wait, String more) {
        String document =
                """
                journey: %s
                category: marketing
                priority: %d
                entry: { on: %s, again-after: PT0S }
                steps:
                %s  - send: { channel: email, template: t, %s }
                """
                        .formatted(
                                key,
                                priority,
                                event,
                                wait == null ? "" : "  - wait: " + wait + "\n",
                                more);
        api().contentType("application/yaml")
                .body(document.getBytes(StandardCharsets.UTF_8))
                .put("/api/journeys/" + key)
                .then()
                .statusCode(201);
        api().post("/api/journeys/" + key + "/activate").then().statusCode(200);
    }

    /** Somebody who opted in and got nothing yet. */
    private Person known() {
        Person person = Person.anybody();
        wire.say(person.profile());
        wire.say(person.consents(Channel.EMAIL, ConsentState.OPTED_IN));
        gate.hydrate(
                        List.of(
                                new CustomerHistory.Permissions(
                                        person.id(),
                                        List.of(
                                                new ConsentWrite(
                                                        person.id(),
                                                        null,
                                                        Channel.EMAIL,
                                                        null,
                                                        ConsentState.OPTED_IN,
                                                        Instant.now())),
                                        List.of(),
                                        null,
                                        List.of()),
                                new CustomerHistory.Contacts(person.id(), List.of())))
                .await()
                .atMost(Duration.ofSeconds(10));
        return person;
    }

    private static RequestSpecification api() {
        return given().auth().oauth2("local-admin-token");
    }
}
