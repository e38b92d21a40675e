package io.throughline.journey.service;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasItem;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import io.restassured.specification.RequestSpecification;
import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.ContractEvent;
import io.throughline.contracts.Topics;
import io.throughline.contracts.customer.BehaviourRecorded;
import io.throughline.contracts.customer.CustomerErased;
import io.throughline.contracts.customer.IdentifiersUnlinked;
import io.throughline.contracts.customer.SegmentEntered;
import io.throughline.contracts.customer.SegmentLeft;
import io.throughline.contracts.decision.DecisionEvent;
import io.throughline.contracts.message.MessageRequested;
import io.throughline.contracts.message.SuppressionReason;
import io.throughline.contracts.policy.PolicyEvent;
import io.throughline.contracts.prediction.ScoresPredicted;
import io.throughline.governance.ConsentWrite;
import io.throughline.governance.ContactGate;
import io.throughline.governance.CustomerHistory;
import io.throughline.governance.SilenceWrite;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Transaction;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(StubNeighbours.class)
class JourneyServiceTest {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    @ConfigProperty(name = "kafka.bootstrap.servers")
    String bootstrapServers;

    @Inject Pool pool;
    @Inject ContactGate gate;

    private Wire wire;

    @BeforeEach
    void open() {
        wire = new Wire(bootstrapServers);
    }

    @AfterEach
    void close() {
        wire.close();
    }

    @Test
    void aCustomerWhoQualifiesIsSentTheJourneysMessage() {
        activate(
                "welcome",
                """
                journey: welcome
                category: service
                entry: { on: Welcome Wanted, when: "event.properties.value >= 20.0" }
                steps:
                  - send: { channel: email, template: hello }
                """);
        Person ana = known();
        wire.say(ana.does("Welcome Wanted", Map.of("value", 10)));
        wire.say(ana.does("Welcome Wanted", Map.of("value", 30)));

        MessageRequested request = requested(ana, 1).getFirst();
        assertThat(request.channel()).isEqualTo(Channel.EMAIL);
        assertThat(request.to()).isEqualTo(ana.email());
        assertThat(request.template()).isEqualTo("hello");
        assertThat(request.locale()).isEqualTo("es-ES");
        assertThat(request.timeZone()).isEqualTo("Europe/Madrid");
        assertThat(request.deadline()).isAfter(request.requestedAt());
        assertThat(request.origin()).extracting("journey").isEqualTo("welcome");
        assertThat(request.variables().toString()).contains("Ana").contains("30");
        assertThat(wire.await(DecisionEvent.Entered.class, 1, e -> e.customer().equals(ana.id())))
                .singleElement()
                .extracting(DecisionEvent.Entered::origin)
                .extracting("journey")
                .isEqualTo("welcome");
    }

    @Test
    void whoComesIntoASegmentIsSentItsMessageAndASegmentIsACondition() {
        activate(
                "vips",
                """
                journey: vips
                category: service
                entry: { on: Segment Entered, when: "event.properties.segment == 'vip'" }
                steps:
                  - branch:
                      - when: "'big' in customer.segments"
                        then: [ { send: { channel: email, template: big } } ]
                      - else: [ { send: { channel: email, template: small } } ]
                """);
        Person ana = known();
        wire.say(new SegmentEntered(ana.id(), "big", 1, false, Instant.now()));
        wire.say(new SegmentEntered(ana.id(), "vip", 1, false, Instant.now()));
        wire.say(new SegmentEntered(ana.id(), "vip", 1, false, Instant.now()));
        assertThat(requested(ana, 1).getFirst().template()).isEqualTo("big");
        Person bea = known();
        wire.say(new SegmentEntered(bea.id(), "big", 1, false, Instant.now()));
        wire.say(new SegmentLeft(bea.id(), "big", 1, false, Instant.now()));
        wire.say(new SegmentEntered(bea.id(), "vip", 1, false, Instant.now()));
        assertThat(requested(bea, 1).getFirst().template()).isEqualTo("small");
    }

    @Test
    void aScoreDecidesABranchAlsoAfterAMergeAndInADryRun() {
        activate(
                "scored",
                """
                journey: scored
                category: service
                entry: { on: Score Wanted }
                steps:
                  - branch:
                      - when: "customer.scores.purchase_30d < 0.05"
                        then: [ { exit: low-propensity } ]
                  - send: { channel: email, template: one }
                """);
        Person ana = known();
        Person anonymous = Person.anybody();
        Person bea = known();
        Person cleo = known();
        wire.say(scores(ana, 0.9, 2));
        wire.say(scores(anonymous, 0.04, 1));
        wire.say(scores(bea, 0.9, 1));
        wire.say(ana.absorbs(anonymous));
        eventually(() -> scored(ana, 0.04) == 1 && scored(bea, 0.9) == 1);
        for (Person person : List.of(ana, bea, cleo)) {
            wire.say(person.does("Score Wanted", Map.of()));
        }
        assertThat(left(ana).reason()).isEqualTo("exit-step");
        assertThat(requested(bea, 1)).isNotEmpty();
        assertThat(requested(cleo, 1)).as("an absent score is below nothing").isNotEmpty();

        wire.say(scores(anonymous, 0.8, 0));
        eventually(() -> scored(ana, 0.8) == 1);
        assertThat(exported(ana)).contains("purchase_30d");

        String location =
                api().contentType("application/json")
                        .body("{\"seed\": 7}")
                        .post("/api/journeys/scored/dry-runs")
                        .then()
                        .statusCode(202)
                        .extract()
                        .header("Location");
        String path = location.substring(location.indexOf("/api/"));
        eventually(() -> "done".equals(api().get(path).then().extract().path("status")));
        // By what is expected of each now, which for Ana came under the id that was merged.
        api().get(path)
                .then()
                .body("report.entered", equalTo(3))
                .body("report.sends.email", equalTo(3));
    }

    @Test
    void aPredictionThatBreaksARuleGoesToTheDeadLettersAndATombstoneIsPassedOver() {
        Person ana = known();
        ScoresPredicted good = scores(ana, 0.5, 0);
        ProducerRecord<String, byte[]> wrong = wire.record(good);
        wire.send(
                new ProducerRecord<>(
                        wrong.topic(),
                        null,
                        wrong.key(),
                        new String(wrong.value(), StandardCharsets.UTF_8)
                                .replace(":0.5", ":50")
                                .getBytes(StandardCharsets.UTF_8),
                        wrong.headers()));
        wire.send(new ProducerRecord<>(wrong.topic(), wrong.key(), null));
        ProducerRecord<String, byte[]> stray = wire.record(good);
        wire.send(
                new ProducerRecord<>(
                        stray.topic(), null, "k-" + ana.id(), stray.value(), stray.headers()));
        wire.say(good);
        eventually(() -> scored(ana, 0.5) == 1);
        assertThat(reason(wire.awaitDead(ana.id().toString())))
                .contains("a score is a number from 0 to 1, purchase_30d was 50");
        assertThat(reason(wire.awaitDead("k-" + ana.id())))
                .isEqualTo("the record's key is not the customer's id");
    }

    private static String reason(ConsumerRecord<String, byte[]> letter) {
        return new String(
                letter.headers().lastHeader("throughline_reason").value(), StandardCharsets.UTF_8);
    }

    private static ScoresPredicted scores(Person person, double purchase, int hoursAgo) {
        return new ScoresPredicted(
                person.id(),
                Map.of("purchase_30d", purchase),
                "propensity",
                "7",
                Instant.now().minus(Duration.ofHours(hoursAgo)));
    }

    private int scored(Person person, double purchase) {
        return query(
                "SELECT FROM customers WHERE id = ANY($1)"
                        + " AND (scores #>> '{byName,purchase_30d,value}')::float8 = "
                        + purchase,
                new UUID[] {person.id().value()});
    }

    @Test
    void anErasedCustomerIsForgottenAndWhatComesLateMovesNobody() {
        activate(
                "forgotten",
                """
                journey: forgotten
                category: service
                entry: { on: Forgotten Wanted }
                steps:
                  - wait: PT2S
                  - send: { channel: email, template: one }
                """);
        Person ana = known();
        wire.say(ana.does("Forgotten Wanted", Map.of("note", "by " + ana.email())));
        wire.await(DecisionEvent.Entered.class, 1, e -> e.customer().equals(ana.id()));
        assertThat(exported(ana)).contains(ana.email(), "forgotten", "note");

        CustomerErased erased =
                new CustomerErased(ana.id(), List.of(), UUID.randomUUID(), Instant.now());
        ProducerRecord<String, byte[]> last = wire.say(erased);
        wire.say(ana.profile());
        wire.send(last);
        UUID late = idOf(wire.say(ana.does("Forgotten Wanted", Map.of())));
        eventually(() ->
                query(
                                "SELECT FROM gone_causes WHERE subject = ANY($1) AND cleared_at IS NOT NULL",
                                new UUID[] {ana.id().value()})
                        == 1);
        eventually(
                () -> query("SELECT FROM inbox WHERE event_id = ANY($1)", new UUID[] {late}) == 1);
        for (String table : List.of("customers", "instances", "timers", "entries", "behaviours")) {
            String column = table.equals("customers") ? "id" : "customer";
            assertThat(
                            query(
                                    "SELECT FROM " + table + " WHERE " + column + " = ANY($1)",
                                    new UUID[] {ana.id().value()}))
                    .as(table)
                    .isZero();
        }
        assertThat(exported(ana)).doesNotContain(ana.email());
        assertThat(requestsOf(ana)).isEmpty();
    }

    private static UUID idOf(ProducerRecord<String, byte[]> record) {
        return UUID.fromString(
                new String(record.headers().lastHeader("ce_id").value(), StandardCharsets.UTF_8));
    }

    private static String exported(Person person) {
        return given().header("Authorization", "Bearer local-service-token")
                .contentType("application/json")
                .body("{\"ids\":[\"" + person.id() + "\"]}")
                .post("/internal/export")
                .then()
                .statusCode(200)
                .extract()
                .asString();
    }

    @Test
    void theNextStepComesAfterItsWaitAndWhenItIsOverTheCustomerLeaves() {
        activate(
                "two-steps",
                """
                journey: two-steps
                category: service
                entry: { on: Two Steps Wanted }
                steps:
                  - send: { channel: email, template: one }
                  - wait: PT1S
                  - send: { channel: sms, template: two }
                """);
        Person ana = known();
        wire.say(ana.does("Two Steps Wanted", Map.of()));

        MessageRequested first = requested(ana, 1).getFirst();
        Instant sent = Instant.now();
        wire.say(Person.sent(first));
        MessageRequested second = requested(ana, 2).getLast();
        assertThat(second.channel()).isEqualTo(Channel.SMS);
        assertThat(Duration.between(sent, second.requestedAt()))
                .isBetween(Duration.ofMillis(900), Duration.ofSeconds(10));
        wire.say(Person.sent(second));
        assertThat(left(ana).reason()).isEqualTo("completed");
        api().get("/api/journeys/two-steps/instances?status=left&customer=" + ana.id())
                .then()
                .statusCode(200)
                .body("items.size()", equalTo(1))
                .body("items[0].leftReason", equalTo("completed"));
    }

    @Test
    void aTimerThatCannotBeAppliedIsPutOffAndTheOthersAreNot() {
        activate(
                "broken-timer",
                """
                journey: broken-timer
                category: service
                entry: { on: Broken Wanted }
                steps:
                  - wait: PT3S
                  - send: { channel: email, template: one }
                """);
        Person ana = known();
        Person ben = known();
        wire.say(ana.does("Broken Wanted", Map.of()));
        wire.await(DecisionEvent.Entered.class, 1, e -> e.customer().equals(ana.id()));
        UUID[] customer = {ana.id().value()};
        query(
                """
                UPDATE instances SET state = jsonb_set(state, '{version}', '99')
                 WHERE customer = ANY($1)
                """,
                customer);
        wire.say(ben.does("Broken Wanted", Map.of()));
        requested(ben, 1);
        eventually(() ->
                query(
                                """
                                SELECT 1 FROM timers
                                 WHERE customer = ANY($1) AND due_at > now() + interval '20 s'
                                """,
                                customer)
                        == 1);
        assertThat(requestsOf(ana)).isEmpty();
        query("DELETE FROM timers WHERE customer = ANY($1)", customer);
    }

    @Test
    void aConversionEndsTheJourney() {
        activate("abandoned", abandoned("abandoned", "Cart Left", "Cart Paid"));
        Person ana = known();
        wire.say(ana.does("Cart Left", Map.of()));
        wire.say(ana.does("Cart Paid", Map.of()));
        assertThat(left(ana).reason()).isEqualTo("goal");
        assertThat(requestsOf(ana)).isEmpty();
    }

    @Test
    void recordsThatComeAgainChangeNothing() {
        activate(
                "once",
                """
                journey: once
                category: service
                entry: { on: Once Wanted, again-after: PT0S }
                steps:
                  - send: { channel: email, template: hello }
                """);
        Person ana = known();
        ProducerRecord<String, byte[]> event = wire.say(ana.does("Once Wanted", Map.of()));
        MessageRequested request = requested(ana, 1).getFirst();
        wire.say(Person.sent(request));
        left(ana);
        wire.send(event);
        wire.send(event);
        marker(ana);
        assertThat(requestsOf(ana)).hasSize(1);
    }

    @Test
    void aMergedCustomersJourneyGoesOnForTheSurvivor() {
        activate(
                "merging",
                """
                journey: merging
                category: service
                entry: { on: Merge Wanted }
                steps:
                  - wait: PT2S
                  - send: { channel: email, template: hello }
                """);
        Person ana = known();
        Person anonymous = Person.anybody();
        wire.say(anonymous.does("Merge Wanted", Map.of()));
        wire.await(DecisionEvent.Entered.class, 1, e -> e.customer().equals(anonymous.id()));
        wire.say(ana.absorbs(anonymous));

        MessageRequested request = requested(ana, 1).getFirst();
        assertThat(request.to()).isEqualTo(ana.email());
        wire.say(
                Person.sent(
                        new MessageRequested(
                                request.message(),
                                anonymous.id(),
                                request.channel(),
                                request.to(),
                                request.template(),
                                request.category(),
                                null,
                                50,
                                request.origin(),
                                Map.of(),
                                null,
                                null,
                                List.of(),
                                request.requestedAt(),
                                request.deadline())));
        assertThat(left(ana).reason()).isEqualTo("completed");
    }

    @Test
    void theBestChannelIsOneThatTheCustomerAllows() {
        activate(
                "best",
                """
                journey: best
                category: marketing
                entry: { on: Best Wanted }
                steps:
                  - send: { channel: best, among: [sms, email], template: hello }
                """);
        Person ana = known();
        wire.say(ana.consents(Channel.EMAIL, ConsentState.OPTED_IN));
        wire.say(ana.does("Best Wanted", Map.of()));
        assertThat(requested(ana, 1).getFirst().channel()).isEqualTo(Channel.EMAIL);
        DecisionEvent.ChannelChosen choice =
                wire.await(DecisionEvent.ChannelChosen.class, 1, c -> c.customer().equals(ana.id()))
                        .getFirst();
        assertThat(choice.chosen()).isEqualTo(Channel.EMAIL);

        Person ben = known();
        wire.say(ben.does("Best Wanted", Map.of()));
        wire.await(DecisionEvent.Withheld.class, 1, w -> w.customer().equals(ben.id()));
        assertThat(requestsOf(ben)).isEmpty();
    }

    @Test
    void somebodyTheGateDoesNotKnowIsJudgedByAllThatTheLedgersKnow() {
        activate(
                "judged",
                """
                journey: judged
                category: marketing
                entry: { on: Judge Wanted }
                steps:
                  - send: { channel: best, among: [email, sms], template: hello }
                """);
        Person ana = known();
        wire.say(ana.consents(Channel.EMAIL, ConsentState.OPTED_IN));
        StubNeighbours.HYDRATIONS.put(ana.id(), () -> silenced(ana));
        wire.say(ana.does("Judge Wanted", Map.of()));

        DecisionEvent.Withheld withheld =
                wire.await(DecisionEvent.Withheld.class, 1, w -> w.customer().equals(ana.id()))
                        .getFirst();
        assertThat(withheld.reason()).isEqualTo(SuppressionReason.SILENCED);
        assertThat(requestsOf(ana)).isEmpty();
    }

    private void silenced(Person person) {
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
                                        List.of(
                                                new SilenceWrite(
                                                        person.id(),
                                                        null,
                                                        Instant.now().plus(Duration.ofDays(30)))),
                                        null,
                                        List.of()),
                                new CustomerHistory.Contacts(person.id(), List.of())))
                .await()
                .atMost(PATIENCE);
    }

    @Test
    void aPausedJourneyHoldsAndGoesOnWhenItIsActivated() {
        String document =
                """
                journey: pausing
                category: service
                entry: { on: Pause Wanted }
                steps:
                  - send: { channel: email, template: one }
                  - wait: PT1S
                  - send: { channel: email, template: two }
                """;
        activate("pausing", document);
        Person ana = known();
        wire.say(ana.does("Pause Wanted", Map.of()));
        MessageRequested first = requested(ana, 1).getFirst();
        api().post("/api/journeys/pausing/pause").then().statusCode(200);
        wire.say(Person.sent(first));
        Person late = known();
        wire.say(late.does("Pause Wanted", Map.of()));
        marker(ana);
        marker(late);
        assertThat(requestsOf(ana)).hasSize(1);
        assertThat(requestsOf(late)).isEmpty();

        api().post("/api/journeys/pausing/activate").then().statusCode(200);
        assertThat(requested(ana, 2).getLast().template()).isEqualTo("two");
    }

    @Test
    void whatComesWhileAJourneyIsBeingActivatedIsNotHeldForEver() {
        activate(
                "resuming",
                """
                journey: resuming
                category: service
                entry: { on: Resume Wanted }
                steps:
                  - wait-for: { on: Resume Now, timeout: P1D }
                  - send: { channel: email, template: one }
                  - wait: PT1S
                  - send: { channel: email, template: two }
                """);
        Person ana = known();
        wire.say(ana.does("Resume Wanted", Map.of()));
        wire.await(DecisionEvent.Entered.class, 1, e -> e.customer().equals(ana.id()));
        api().post("/api/journeys/resuming/pause").then().statusCode(200);

        // An activation that has released what was held and has not committed yet.
        SqlConnection activation = pool.getConnection().await().atMost(PATIENCE);
        Transaction tx = activation.begin().await().atMost(PATIENCE);
        activation
                .query("UPDATE journeys SET status = 'active' WHERE key = 'resuming'")
                .executeAndAwait();
        activation
                .query("UPDATE timers SET held = false WHERE journey = 'resuming' AND held")
                .executeAndAwait();
        wire.say(ana.does("Resume Now", Map.of()));
        eventually(() -> isHeld(ana) || somebodyWaitsForALock());
        tx.commitAndAwait();
        activation.closeAndAwait();

        MessageRequested first = requested(ana, 1).getFirst();
        assertThat(first.template()).isEqualTo("one");
        wire.say(Person.sent(first));
        assertThat(requested(ana, 2).getLast().template()).isEqualTo("two");
    }

    private boolean isHeld(Person person) {
        UUID[] customer = {person.id().value()};
        return query("SELECT 1 FROM timers WHERE customer = ANY($1) AND held", customer) > 0;
    }

    private boolean somebodyWaitsForALock() {
        return pool.query("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
                        .executeAndAwait()
                        .size()
                > 0;
    }

    @Test
    void whoeverIsInAnArchivedJourneyLeaves() {
        activate(
                "ending",
                """
                journey: ending
                category: service
                entry: { on: End Wanted }
                goal: { on: End Reached }
                steps:
                  - wait: P1D
                """);
        wire.await(
                PolicyEvent.ConversionRulesPublished.class, 1, e -> e.journey().equals("ending"));
        Person ana = known();
        wire.say(ana.does("End Wanted", Map.of()));
        wire.await(DecisionEvent.Entered.class, 1, e -> e.customer().equals(ana.id()));
        api().post("/api/journeys/ending/archive").then().statusCode(200);
        assertThat(left(ana).reason()).isEqualTo("archived");
        assertThat(
                        wire.await(
                                        PolicyEvent.ConversionRulesPublished.class,
                                        2,
                                        e -> e.journey().equals("ending"))
                                .getLast()
                                .rules())
                .isEmpty();
    }

    @Test
    void aPoisonRecordGoesToTheDeadLettersAndTheOthersGoOn() {
        activate(
                "healthy",
                """
                journey: healthy
                category: service
                entry: { on: Health Wanted }
                steps:
                  - send: { channel: email, template: hello }
                """);
        Person ana = known();
        wire.send(
                new ProducerRecord<>(
                        Topics.CUSTOMERS,
                        ana.id().toString(),
                        "{not json".getBytes(StandardCharsets.UTF_8)));
        wire.say(ana.does("Health Wanted", Map.of()));
        requested(ana, 1);
        assertThat(wire.awaitDead(ana.id().toString()).value())
                .isEqualTo("{not json".getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void aWrongJourneyIsRefusedNamingTheFieldAndNothingIsStored() {
        put("wrong", "journey: wrong\ncategory: service\nentry: {on: X}\nsteps:\n  - dance: now\n")
                .statusCode(422)
                .body("errors.size()", greaterThan(0));
        put("wrong", "}{").statusCode(400);
        put(
                        "wrong",
                        """
                        journey: other
                        category: service
                        entry: { on: X }
                        steps:
                          - wait: PT1S
                        """)
                .statusCode(422)
                .body("field", equalTo("journey"));
        put(
                        "wrong",
                        """
                        journey: wrong
                        category: service
                        entry: { on: X }
                        steps:
                          - send: { channel: sms, template: missing }
                          - send: { channel: push, template: hello }
                        """)
                .statusCode(422)
                .body("errors.field", hasItem("steps[0].send.template"))
                .body("errors.field", hasItem("steps[1].send.channel"));
        api().get("/api/journeys/wrong").then().statusCode(404);
    }

    @Test
    void everyPutIsAVersionThatNeverChanges() {
        put("versions", abandoned("versions", "V1", "V2")).statusCode(201);
        put("versions", abandoned("versions", "V3", "V4"))
                .statusCode(200)
                .body("latestVersion", equalTo(2));
        api().get("/api/journeys/versions?version=1")
                .then()
                .statusCode(200)
                .body("status", equalTo("draft"))
                .body("version", equalTo(1))
                .body("document.entry.on", equalTo("V1"))
                .body("versions.version", equalTo(List.of(2, 1)));
        api().contentType("application/json")
                .body("{\"version\": 1}")
                .post("/api/journeys/versions/activate")
                .then()
                .statusCode(200)
                .body("activeVersion", equalTo(1));
        api().contentType("application/json")
                .body("{\"version\": 9}")
                .post("/api/journeys/versions/activate")
                .then()
                .statusCode(404);
        api().get("/api/journeys")
                .then()
                .statusCode(200)
                .body("items.journey", hasItem("versions"));
        Map<String, Object> document =
                api().get("/api/journeys/versions").then().extract().path("document");
        api().contentType("application/json")
                .body(document)
                .put("/api/journeys/versions")
                .then()
                .statusCode(200)
                .body("latestVersion", equalTo(3));
    }

    @Test
    void aDryRunPlaysWhatCustomersDidAndSendsNothing() {
        put(
                        "tried",
                        """
                        journey: tried
                        category: service
                        entry: { on: Trial Wanted }
                        steps:
                          - send: { channel: email, template: hello }
                        """)
                .statusCode(201);
        Person ana = known();
        wire.say(ana.does("Trial Wanted", Map.of()));
        marker(ana);
        String location =
                api().contentType("application/json")
                        .body("{\"seed\": 7}")
                        .post("/api/journeys/tried/dry-runs")
                        .then()
                        .statusCode(202)
                        .extract()
                        .header("Location");
        String path = location.substring(location.indexOf("/api/"));
        eventually(() -> "done".equals(api().get(path).then().extract().path("status")));
        api().get(path)
                .then()
                .body("report.journey", equalTo("tried"))
                .body("report.entered", greaterThan(0))
                .body("report.sends.email", greaterThan(0));
        assertThat(requestsOf(ana)).isEmpty();
    }

    @Test
    void whatTurnsOutToBeAnothersIsPlayedAsHers() {
        Person ana = known();
        Person anonymous = Person.anybody();
        Person bea = known();
        UUID moves = UUID.randomUUID();
        wire.say(seen(anonymous, moves));
        marker(anonymous);
        wire.say(ana.absorbs(anonymous));
        wire.say(seen(ana, moves));
        wire.say(seen(ana, UUID.randomUUID()));
        wire.say(
                new IdentifiersUnlinked(
                        ana.id(),
                        bea.id(),
                        List.of(),
                        List.of(moves),
                        List.of(),
                        List.of(),
                        "m",
                        Instant.now()));
        String played =
                "SELECT FROM behaviours WHERE event ->> 'name' = 'Seen' AND customer = ANY($1)";
        eventually(() -> query(played, new UUID[] {bea.id().value()}) == 2);
        assertThat(query(played, new UUID[] {ana.id().value(), anonymous.id().value()})).isOne();
    }

    private static BehaviourRecorded seen(Person person, UUID sighting) {
        BehaviourRecorded said = person.does("Seen", Map.of());
        return new BehaviourRecorded(
                said.customer(),
                said.messageId(),
                said.source(),
                said.kind(),
                said.name(),
                said.properties(),
                said.context(),
                said.identifiers(),
                said.occurredAt(),
                said.receivedAt(),
                sighting);
    }

    @Test
    void onlyTheRightTokensMayDoIt() {
        given().get("/api/journeys").then().statusCode(401);
        given().get("/api/journeys/schema").then().statusCode(200);
        given().get("/api/contact-policy/schema").then().statusCode(200);
        given().auth().oauth2("wrong").get("/api/contact-policy").then().statusCode(401);
    }

    /** How many rows it gave or changed. */
    private int query(String sql, UUID[] customer) {
        return pool.preparedQuery(sql)
                .execute(Tuple.of(customer))
                .await()
                .atMost(Duration.ofSeconds(10))
                .rowCount();
    }

    private static String abandoned(String key, String entry, String goal) {
        return """
        journey: %s
        category: service
        entry: { on: %s }
        goal: { on: %s, silence: P1D }
        steps:
          - wait: PT3S
          - send: { channel: email, template: hello }
        """
                .formatted(key, entry, goal);
    }

    private static RequestSpecification api() {
        return given().auth().oauth2("local-admin-token");
    }

    private static ValidatableResponse put(String key, String document) {
        return api().contentType("application/yaml")
                .body(document.getBytes(StandardCharsets.UTF_8))
                .put("/api/journeys/" + key)
                .then();
    }

    private static void activate(String key, String document) {
        put(key, document).statusCode(201);
        api().post("/api/journeys/" + key + "/activate").then().statusCode(200);
    }

    private Person known() {
        Person person = Person.anybody();
        wire.say(person.profile());
        return person;
    }

    private List<MessageRequested> requested(Person person, int count) {
        return wire.await(MessageRequested.class, count, r -> r.customer().equals(person.id()));
    }

    private List<MessageRequested> requestsOf(Person person) {
        return wire.heard(MessageRequested.class, r -> r.customer().equals(person.id()));
    }

    private DecisionEvent.Left left(Person person) {
        return wire.await(DecisionEvent.Left.class, 1, left -> left.customer().equals(person.id()))
                .getFirst();
    }

    /** Everything said of this person before has been applied when the marker's entry is heard. */
    private void marker(Person person) {
        if (api().get("/api/journeys/marker").statusCode() == 404) {
            activate(
                    "marker",
                    """
                    journey: marker
                    category: service
                    entry: { on: Marker }
                    steps:
                      - wait: PT1S
                    """);
        }
        ContractEvent marker = person.does("Marker", Map.of());
        wire.say(marker);
        wire.await(
                DecisionEvent.Entered.class,
                1,
                e -> e.customer().equals(person.id()) && e.origin().journey().equals("marker"));
    }

    private static void eventually(Callable<Boolean> condition) {
        Instant deadline = Instant.now().plusSeconds(20);
        try {
            while (!condition.call()) {
                assertThat(Instant.now()).as("in time").isBefore(deadline);
                Thread.onSpinWait();
            }
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
