package io.throughline.identity.http;

import static io.restassured.RestAssured.given;
import static io.throughline.identity.http.Api.SOON;
import static io.throughline.identity.http.Api.accepted;
import static io.throughline.identity.http.Api.admin;
import static io.throughline.identity.http.Api.awaitCustomer;
import static io.throughline.identity.http.Api.awaitId;
import static io.throughline.identity.http.Api.awaitTimeline;
import static io.throughline.identity.http.Api.holding;
import static io.throughline.identity.http.Api.idOf;
import static io.throughline.identity.http.Api.json;
import static io.throughline.identity.http.Api.messageIds;
import static io.throughline.identity.http.Api.ok;
import static io.throughline.identity.http.Api.timeline;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.anyOf;
import static org.hamcrest.Matchers.is;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.message.SuppressionReason;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.governance.ContactGate;
import io.throughline.governance.CustomerHistory;
import io.throughline.governance.GateAnswer;
import io.throughline.governance.GateRequest;
import io.throughline.local.testing.EmbeddedInfrastructure;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who is who: late events, shared devices, and what people decide. */
@QuarkusTest
@QuarkusTestResource(EmbeddedInfrastructure.class)
class WhoIsWhoTest {

    private static final Instant TEN = Instant.parse("2026-11-20T10:00:00Z");

    @Inject ContactGate gate;
    @Inject Pool pool;

    private String who = "";
    private String phone = "";

    @BeforeEach
    void somebodyElse() {
        who = UUID.randomUUID().toString();
        phone = "+346" + ThreadLocalRandom.current().nextInt(10_000_000, 99_999_999);
    }

    @Test
    void anEventThatComesLateTakesTheDeviceToWhoeverHadItFirst() {
        accepted("track", event("m1", "\"userId\":\"one-%1$s\",\"anonymousId\":\"d-%1$s\"", 60));
        accepted("track", event("m2", "\"anonymousId\":\"d-%1$s\"", 90));
        String one = awaitId("user_id:one-" + who);
        awaitTimeline(one, entries -> assertThat(messageIds(entries)).hasSize(2));

        accepted("track", event("m0", "\"userId\":\"two-%1$s\",\"anonymousId\":\"d-%1$s\"", 0));

        String two = idOf("user_id:two-" + who);
        assertThat(two).isNotEqualTo(one);
        assertThat(idOf("user_id:one-" + who)).isEqualTo(one);
        assertThat(idOf("anonymous_id:d-" + who)).isEqualTo(two);
        awaitTimeline(
                two, entries -> assertThat(messageIds(entries)).contains("m0-" + who, "m2-" + who));
        assertThat(messageIds(timeline(one))).contains("m1-" + who).doesNotContain("m2-" + who);
        JsonNode graph = ok(admin().get("/api/customers/" + one + "/graph"));
        assertThat(graph.path("links").path(0).path("refused").path(0).asText())
                .isEqualTo("anonymous_id:d-" + who);
    }

    /** The row of the phone went with her, and what the other was seen with did not. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatAnErasedCustomerHeldIsWhoseItWasSeenWithFirst(boolean strangerFirst) {
        accepted("identify", withPhone("one"));
        String one = awaitId("user_id:one-" + who);
        accepted("identify", withPhone("two"));
        String two = awaitId("user_id:two-" + who);
        assertThat(idOf("phone:" + phone)).isEqualTo(one);
        assertThat(admin().delete("/api/customers/" + one).statusCode()).isEqualTo(202);
        assertThat(holding("phone:" + phone)).isEmpty();

        if (strangerFirst) {
            accepted("identify", withPhone("three"));
            assertThat(idOf("phone:" + phone)).isEqualTo(two);
        }
        accepted("track", event("m1", "\"userId\":\"two-%1$s\",\"anonymousId\":\"new-%1$s\"", 0));
        assertThat(awaitId("anonymous_id:new-" + who)).isEqualTo(two);
        assertThat(idOf("phone:" + phone)).isEqualTo(two);
        accepted("identify", withPhone("three"));

        assertThat(awaitId("user_id:three-" + who)).isNotEqualTo(two);
        assertThat(idOf("phone:" + phone)).isEqualTo(two);
    }

    private String withPhone(String user) {
        return "{\"userId\":\"%s-%s\",\"traits\":{\"phone\":\"%s\"}}".formatted(user, who, phone);
    }

    @Test
    void theWordNullAndASharedTabletJoinNobody() {
        for (int person = 1; person <= 7; person++) {
            accepted(
                    "identify",
                    ("{\"userId\":\"p"
                                    + person
                                    + "-%1$s\",\"anonymousId\":\"tablet-%1$s\","
                                    + "\"traits\":{\"email\":\"null\",\"phone\":\"null\"}}")
                            .formatted(who));
        }
        Set<String> customers = new TreeSet<>();
        for (int person = 1; person <= 7; person++) {
            customers.add(awaitId("user_id:p" + person + "-" + who));
        }
        assertThat(customers).hasSize(7);
        assertThat(holding("anonymous_id:tablet-" + who)).isEmpty();
    }

    @Test
    void aSharedTabletJoinsNobodyOfWhomOnlyAnEmailIsKnown() {
        Set<String> customers = new TreeSet<>();
        for (int person = 1; person <= 3; person++) {
            String email = "p" + person + "-" + who + "@example.com";
            accepted(
                    "identify",
                    "{\"anonymousId\":\"tablet-%s\",\"traits\":{\"email\":\"%s\"}}"
                            .formatted(who, email));
            customers.add(awaitId("email:" + email));
        }
        assertThat(customers).hasSize(3);
        assertThat(idOf("anonymous_id:tablet-" + who))
                .isEqualTo(idOf("email:p1-" + who + "@example.com"));
    }

    @Test
    void whatASourceOnlyClaimsJoinsNobodyUntilSomebodyWhoKnowsSaysTheSame() {
        accepted(
                "identify",
                "{\"userId\":\"u-" + who + "\",\"traits\":{\"phone\":\"" + phone + "\"}}");
        String ana = awaitId("user_id:u-" + who);
        JsonNode source =
                json(
                        admin().body(
                                        "{\"name\":\"form-"
                                                + who.substring(0, 8)
                                                + "\",\"trust\":\"claimed\"}")
                                .post("/api/sources"));
        String key = source.path("writeKey").asText(source.path("key").path("writeKey").asText());
        assertThat(key).as(source.toString()).isNotEmpty();
        String claim =
                "{\"anonymousId\":\"f-" + who + "\",\"traits\":{\"phone\":\"" + phone + "\"}}";

        given().auth()
                .preemptive()
                .basic(key, "")
                .contentType("application/json")
                .body(claim)
                .post("/v1/identify")
                .then()
                .statusCode(200);
        assertThat(awaitId("anonymous_id:f-" + who)).isNotEqualTo(ana);
        assertThat(idOf("phone:" + phone)).isEqualTo(ana);
        // Deciding about the visitor again takes nothing from whom it named.
        given().auth()
                .preemptive()
                .basic(key, "")
                .contentType("application/json")
                .body(
                        "{\"anonymousId\":\"f-%1$s\",\"traits\":{\"email\":\"%1$s@example.com\"}}"
                                .formatted(who))
                .post("/v1/identify")
                .then()
                .statusCode(200);
        awaitCustomer("anonymous_id:f-" + who, c -> c.path("traits").has("email"));
        assertThat(idOf("phone:" + phone)).isEqualTo(ana);

        accepted("identify", claim);
        assertThat(idOf("anonymous_id:f-" + who)).isEqualTo(ana);
    }

    @Test
    void anIdentifierThatIsUnlinkedTakesItsConsentWithIt() {
        accepted(
                "identify",
                "{\"userId\":\"u-" + who + "\",\"traits\":{\"phone\":\"" + phone + "\"}}");
        CustomerId ana = known("user_id:u-" + who);
        consent("user_id:u-" + who, "email", "opted_in");
        consent("phone:" + phone, "sms", "opted_out");
        assertThat(reasonFor(ana, Channel.SMS)).isEqualTo(SuppressionReason.OPTED_OUT);
        accepted("track", event("m1", "\"userId\":\"u-%1$s\"", 5));

        JsonNode outcome =
                ok(admin().delete("/api/customers/" + ana + "/identifiers/phone:" + phone));

        String other = outcome.path("other").asText();
        assertThat(other).as(outcome.toString()).isNotEmpty().isNotEqualTo(ana.toString());
        assertThat(idOf("phone:" + phone)).isEqualTo(other);
        assertThat(states(ana.toString())).containsExactly("email opted_in");
        assertThat(states(other)).containsExactly("sms opted_out");
        // What the ledger no longer says of her is taken back from the gate once it is committed.
        await().atMost(SOON)
                .untilAsserted(() ->
                        assertThat(reasonFor(ana, Channel.SMS))
                                .isEqualTo(SuppressionReason.NO_CONSENT));
        // The next event that says both does not bring it back.
        accepted(
                "identify",
                "{\"userId\":\"u-" + who + "\",\"traits\":{\"phone\":\"" + phone + "\",\"x\":1}}");
        accepted(
                "identify",
                "{\"userId\":\"u-"
                        + who
                        + "\",\"anonymousId\":\"d-"
                        + who
                        + "\",\"traits\":{\"phone\":\""
                        + phone
                        + "\"}}");
        assertThat(idOf("phone:" + phone)).isEqualTo(other);

        // Somebody verifies that it is hers indeed.
        ok(
                admin().body("{\"identifier\":\"phone:" + phone + "\"}")
                        .post("/api/customers/" + ana + "/identifiers"));
        assertThat(idOf("phone:" + phone)).isEqualTo(idOf("user_id:u-" + who));
    }

    @Test
    void whatAnIdentifierHeldTogetherStaysWithWhomItIsUnlinkedFrom() {
        accepted(
                "identify",
                "{\"userId\":\"u-%1$s\",\"traits\":{\"email\":\"%1$s@example.com\"}}"
                        .formatted(who));
        accepted(
                "identify",
                "{\"userId\":\"u-%s\",\"traits\":{\"phone\":\"%s\",\"plan\":\"gold\"}}"
                        .formatted(who, phone));
        String ana = awaitId("phone:" + phone);

        JsonNode outcome =
                ok(admin().delete("/api/customers/" + ana + "/identifiers/user_id:u-" + who));

        assertThat(idOf("email:" + who + "@example.com")).isEqualTo(ana);
        assertThat(idOf("phone:" + phone)).isEqualTo(ana);
        assertThat(outcome.path("other").asText()).isEqualTo(idOf("user_id:u-" + who));
        assertThat(outcome.path("other").asText()).isNotEqualTo(ana);
        JsonNode customer = ok(admin().get("/api/customers/" + ana));
        assertThat(customer.path("addresses").path("sms").asText(customer.toString()))
                .isEqualTo(phone);
        assertThat(customer.path("traits").has("plan")).isFalse();

        ok(
                admin().body("{\"identifier\":\"user_id:u-" + who + "\"}")
                        .post("/api/customers/" + ana + "/identifiers"));
        assertThat(idOf("user_id:u-" + who)).isEqualTo(idOf("phone:" + phone));
        assertThat(idOf("email:" + who + "@example.com")).isEqualTo(idOf("phone:" + phone));
    }

    @Test
    void anIdentifierThatWasNeverSeenAloneIsSomebodysOnceItIsUnlinked() {
        accepted(
                "identify",
                "{\"userId\":\"u-%s\",\"traits\":{\"phone\":\"%s\"}}".formatted(who, phone));
        String ana = awaitId("phone:" + phone);
        consent("phone:" + phone, "sms", "opted_out");

        JsonNode outcome =
                ok(admin().delete("/api/customers/" + ana + "/identifiers/phone:" + phone));

        assertThat(outcome.path("other").asText()).isEqualTo(idOf("phone:" + phone));
        assertThat(outcome.path("other").asText()).isNotEqualTo(ana);
        assertThat(idOf("user_id:u-" + who)).isEqualTo(ana);
        assertThat(states(ana)).isEmpty();
        assertThat(states(outcome.path("other").asText())).containsExactly("sms opted_out");
    }

    @Test
    void whoSurvivedAMergeKeepsItsIdWhenItIsUndone() {
        accepted("track", event("m1", "\"anonymousId\":\"a-%1$s\"", 0));
        String visitor = awaitId("anonymous_id:a-" + who);
        accepted("track", event("m2", "\"userId\":\"u-%1$s\"", 1));
        String user = awaitId("user_id:u-" + who);
        accepted("identify", "{\"userId\":\"u-%1$s\",\"anonymousId\":\"a-%1$s\"}".formatted(who));
        assertThat(awaitId("user_id:u-" + who)).isEqualTo(visitor);

        ok(admin().delete("/api/customers/" + visitor + "/merges/" + user));

        assertThat(idOf("anonymous_id:a-" + who)).isEqualTo(visitor);
        assertThat(idOf("user_id:u-" + who)).isNotEqualTo(visitor);
    }

    /** Readers put what an unlink states in the place of what they knew, and may hear it last. */
    @Test
    void whoIsTakenApartAndMergedAwayAtOnceIsToldWithWhatCountsOfTheSurvivor() {
        accepted("track", event("m1", "\"userId\":\"one-%1$s\"", 0));
        String survivor = awaitId("user_id:one-" + who);
        consent("user_id:one-" + who, "sms", "opted_out");
        accepted(
                "identify",
                event(
                        "m2",
                        "\"anonymousId\":\"d-%1$s\",\"traits\":{\"email\":\"%1$s@example.com\"}",
                        60));
        accepted("track", event("m3", "\"anonymousId\":\"d-%1$s\"", 90));
        String merged = awaitId("email:" + who + "@example.com");
        awaitTimeline(merged, entries -> assertThat(messageIds(entries)).hasSize(2));
        consent("email:" + who + "@example.com", "email", "opted_in");

        accepted(
                "batch",
                "{\"batch\":["
                        + typed(
                                "track",
                                event(
                                        "m4",
                                        "\"userId\":\"two-%1$s\",\"anonymousId\":\"d-%1$s\"",
                                        10))
                        + ","
                        + typed(
                                "identify",
                                event(
                                        "m5",
                                        "\"userId\":\"one-%1$s\",\"traits\":{\"email\":\"%1$s@example.com\"}",
                                        30))
                        + "]}");

        assertThat(idOf("email:" + who + "@example.com")).isEqualTo(survivor);
        assertThat(ok(admin().get("/api/customers/" + merged)).path("id").asText())
                .isEqualTo(survivor);
        assertThat(idOf("anonymous_id:d-" + who)).isEqualTo(idOf("user_id:two-" + who));
        String told =
                Events.await(
                        merged,
                        e ->
                                e.has("toConsents")
                                        ? e.path("consents")
                                                .valueStream()
                                                .map(c ->
                                                        c.path("channel").asText()
                                                                + " "
                                                                + c.path("state").asText())
                                                .collect(Collectors.joining(", "))
                                        : null);
        assertThat(told).isEqualTo("email opted_in, sms opted_out");
    }

    private static String typed(String type, String event) {
        return event.replaceFirst("\\{", "{\"type\":\"" + type + "\",");
    }

    /** The address names the phone number in a sighting of its own, and does not get its stop. */
    @Test
    void aStopStaysWithTheIdentifierItWasSaidUnder() {
        accepted(
                "identify",
                identify(
                        "\"anonymousId\":\"d-%1$s\",\"traits\":"
                                + "{\"email\":\"e2-%1$s@example.com\",\"phone\":\"%2$s\"}"));
        accepted("identify", identify("\"userId\":\"u-%1$s\",\"traits\":{\"phone\":\"%2$s\"}"));
        CustomerId ana = known("user_id:u-" + who);
        assertThat(idOf("email:e2-" + who + "@example.com")).isEqualTo(ana.toString());
        consent("phone:" + phone, "sms", "opted_out");
        consent("email:e2-" + who + "@example.com", "email", "opted_in");

        JsonNode outcome =
                ok(
                        admin().delete(
                                        "/api/customers/"
                                                + ana
                                                + "/identifiers/email:e2-"
                                                + who
                                                + "@example.com"));

        String other = outcome.path("other").asText();
        assertThat(idOf("phone:" + phone)).isEqualTo(ana.toString());
        assertThat(idOf("email:e2-" + who + "@example.com")).isEqualTo(other);
        assertThat(states(ana.toString())).containsExactly("sms opted_out");
        assertThat(states(other)).containsExactly("email opted_in");
        awaitRestated(ana);
        assertThat(reasonFor(ana, Channel.SMS)).isEqualTo(SuppressionReason.OPTED_OUT);
    }

    /** She said it on her account's page, of all mail, and has had that address then. */
    @Test
    void whatSheStoppedWhileSheHadAnAddressIsStoppedForWhoeverHasItNow() {
        String email = "email:l-" + who + "@example.com";
        accepted(
                "identify",
                identify("\"userId\":\"u-%1$s\",\"traits\":{\"email\":\"l-%1$s@example.com\"}"));
        CustomerId ana = known("user_id:u-" + who);
        consent(email, "email", "opted_in");
        consent("user_id:u-" + who, "email", "opted_out");

        ok(admin().delete("/api/customers/" + ana + "/identifiers/" + email));

        String other = idOf(email);
        assertThat(other).isNotEqualTo(ana.toString());
        assertThat(states(ana.toString())).containsExactly("email opted_out");
        assertThat(states(other)).containsExactly("email opted_out");
        JsonNode line =
                ok(admin().get("/api/customers/" + other + "/consents")).path("ledger").path(0);
        assertThat(line.path("source").asText()).isEqualTo("unlink");
        assertThat(line.path("identifier").asText()).isEqualTo(email);
    }

    /** At login her browser's older profile survives; she had the address when she said it. */
    @Test
    void whatSheStoppedBeforeAMergeHoldsForTheAddressThatSheHadThen() {
        String email = "email:n-" + who + "@example.com";
        accepted("track", event("first", "\"anonymousId\":\"b-%1$s\"", 5));
        CustomerId browser = known("anonymous_id:b-" + who);
        accepted(
                "identify",
                identify("\"userId\":\"n-%1$s\",\"traits\":{\"email\":\"n-%1$s@example.com\"}"));
        consent(email, "email", "opted_in");
        consent("user_id:n-" + who, "email", "opted_out");
        accepted("identify", identify("\"userId\":\"n-%1$s\",\"anonymousId\":\"b-%1$s\""));
        assertThat(idOf(email)).isEqualTo(browser.toString());

        ok(admin().delete("/api/customers/" + browser + "/identifiers/" + email));

        assertThat(states(idOf(email))).containsExactly("email opted_out");
    }

    @Test
    void whatWasStoppedBeforeAMergeIsNotTheOtherSidesOnceItIsUndone() {
        String email = "email:m-" + who + "@example.com";
        consent("user_id:a-" + who, "email", "opted_out");
        CustomerId ana = known("user_id:a-" + who);
        consent(email, "email", "opted_in");
        CustomerId bea = known(email);
        accepted(
                "identify",
                identify("\"userId\":\"a-%1$s\",\"traits\":{\"email\":\"m-%1$s@example.com\"}"));
        assertThat(idOf(email)).isEqualTo(ana.toString());
        assertThat(states(ana.toString())).containsExactly("email opted_out");

        ok(admin().delete("/api/customers/" + ana + "/merges/" + bea));

        assertThat(states(ana.toString())).containsExactly("email opted_out");
        assertThat(states(idOf(email))).containsExactly("email opted_in");
        JsonNode merge = ok(admin().get("/api/customers/" + ana + "/merges")).path("items").path(0);
        assertThat(merge.path("undone").asBoolean()).isTrue();
    }

    /** She said it of her account's mail, and the address stays where the account is not. */
    @Test
    void whatSheStoppedHoldsForTheAddressThatStays() {
        String email = "email:k-" + who + "@example.com";
        accepted(
                "identify",
                identify("\"userId\":\"k-%1$s\",\"traits\":{\"email\":\"k-%1$s@example.com\"}"));
        CustomerId ana = known("user_id:k-" + who);
        consent(email, "email", "opted_in");
        consent("user_id:k-" + who, "email", "opted_out");

        ok(admin().delete("/api/customers/" + ana + "/identifiers/user_id:k-" + who));

        String other = idOf("user_id:k-" + who);
        assertThat(other).isNotEqualTo(idOf(email));
        assertThat(states(other)).containsExactly("email opted_out");
        assertThat(states(idOf(email))).containsExactly("email opted_out");
    }

    /** Whoever the undoing gave both to is nobody's survivor, and was not one when they said it. */
    @Test
    void whatAMergeKeptOutlastsItsUndoingAndWhatIsUnlinkedAfterIt() {
        String email = "email:t-" + who + "@example.com";
        accepted("track", event("first", "\"anonymousId\":\"r-%1$s\"", 5));
        CustomerId oldest = known("anonymous_id:r-" + who);
        accepted(
                "identify",
                identify(
                        "\"anonymousId\":\"s-%1$s\",\"traits\":"
                                + "{\"email\":\"t-%1$s@example.com\",\"phone\":\"%2$s\"}"));
        CustomerId older = known(email);
        consent("user_id:m-" + who, "email", "opted_out");
        consent("phone:" + phone, "sms", "opted_in");
        consent(email, "email", "opted_in");
        link(older, "user_id:m-" + who);
        assertThat(states(older.toString())).contains("email opted_out");
        link(oldest, email);

        ok(admin().delete("/api/customers/" + oldest + "/merges/" + older));
        String both = idOf(email);
        assertThat(both).isNotEqualTo(oldest.toString()).isEqualTo(idOf("user_id:m-" + who));
        assertThat(states(both)).containsExactly("email opted_out", "sms opted_in");

        ok(admin().delete("/api/customers/" + both + "/identifiers/phone:" + phone));

        assertThat(states(idOf(email))).containsExactly("email opted_out");
        assertThat(states(idOf("phone:" + phone))).containsExactly("sms opted_in");
        awaitRestated(CustomerId.of(idOf(email)));
        assertThat(reasonFor(known(email), Channel.EMAIL)).isEqualTo(SuppressionReason.OPTED_OUT);
    }

    /** What is shown in an app goes to whoever she is, so it is hers on both sides. */
    @Test
    void anInAppStopStaysOnBothSides() {
        accepted(
                "identify",
                identify("\"userId\":\"i-%1$s\",\"traits\":{\"email\":\"i-%1$s@example.com\"}"));
        CustomerId ana = known("user_id:i-" + who);
        consent("email:i-" + who + "@example.com", "in_app", "opted_out");

        ok(admin().delete("/api/customers/" + ana + "/identifiers/user_id:i-" + who));

        String other = idOf("user_id:i-" + who);
        assertThat(other).isNotEqualTo(idOf("email:i-" + who + "@example.com"));
        assertThat(states(other)).containsExactly("in_app opted_out");
        assertThat(states(idOf("email:i-" + who + "@example.com")))
                .containsExactly("in_app opted_out");
    }

    @Test
    void aMergeThatIsUndoneLeavesToEachSideWhatWasSaidUnderItsIdentifiers() {
        accepted(
                "identify",
                identify("\"userId\":\"a-%1$s\",\"traits\":{\"email\":\"a-%1$s@example.com\"}"));
        CustomerId ana = known("user_id:a-" + who);
        accepted(
                "identify", identify("\"anonymousId\":\"b-%1$s\",\"traits\":{\"phone\":\"%2$s\"}"));
        CustomerId bea = known("phone:" + phone);
        accepted(
                "identify",
                identify(
                        "\"anonymousId\":\"b-%1$s\",\"traits\":"
                                + "{\"email\":\"a-%1$s@example.com\",\"phone\":\"%2$s\"}"));
        assertThat(idOf("phone:" + phone)).isEqualTo(ana.toString());
        consent("email:a-" + who + "@example.com", "email", "opted_out");
        consent("phone:" + phone, "sms", "opted_in");

        ok(admin().delete("/api/customers/" + ana + "/merges/" + bea));

        String other = idOf("phone:" + phone);
        assertThat(other).isNotEqualTo(ana.toString());
        assertThat(idOf("email:a-" + who + "@example.com")).isEqualTo(ana.toString());
        assertThat(states(ana.toString())).containsExactly("email opted_out");
        assertThat(states(other)).containsExactly("sms opted_in");
        awaitRestated(ana);
        assertThat(reasonFor(ana, Channel.EMAIL)).isEqualTo(SuppressionReason.OPTED_OUT);
    }

    @Test
    void aMergeCanBeUndone() {
        accepted("track", event("m1", "\"anonymousId\":\"a-%1$s\"", 0));
        String visitor = awaitId("anonymous_id:a-" + who);
        accepted(
                "identify",
                "{\"userId\":\"u-"
                        + who
                        + "\",\"messageId\":\"m2-"
                        + who
                        + "\",\"traits\":{\"plan\":\"gold\"}}");
        String user =
                awaitCustomer("user_id:u-" + who, c -> c.path("traits").has("plan"))
                        .path("id")
                        .asText();
        accepted("track", event("m3", "\"userId\":\"u-%1$s\",\"anonymousId\":\"a-%1$s\"", 10));
        assertThat(idOf("user_id:u-" + who)).isEqualTo(visitor);
        JsonNode merge =
                ok(admin().get("/api/customers/" + visitor + "/merges")).path("items").path(0);
        assertThat(merge.path("merged").asText()).isEqualTo(user);
        assertThat(merge.path("cause").asText()).isEqualTo("m3-" + who);

        ok(admin().delete("/api/customers/" + visitor + "/merges/" + user));

        assertThat(idOf("user_id:u-" + who)).isNotEqualTo(idOf("anonymous_id:a-" + who));
        JsonNode again = awaitCustomer("user_id:u-" + who, c -> c.path("traits").has("plan"));
        assertThat(messageIds(timeline(again.path("id").asText()))).contains("m2-" + who);
        JsonNode anonymous =
                awaitCustomer("anonymous_id:a-" + who, c -> !c.path("traits").has("plan"));
        assertThat(messageIds(timeline(anonymous.path("id").asText()))).contains("m1-" + who);
    }

    /** The law of the pure core, once through HTTP, Kafka and PostgreSQL with many at once. */
    @Test
    void anyOrderAndManySendersEndInTheSameCustomers() throws Exception {
        Random random = new Random(7);
        List<String> events = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            String named =
                    switch (random.nextInt(4)) {
                        case 0 ->
                                "\"userId\":\"u"
                                        + random.nextInt(3)
                                        + "-%1$s-%2$s\",\"anonymousId\":\"d"
                                        + random.nextInt(3)
                                        + "-%1$s-%2$s\"";
                        case 1 ->
                                "\"userId\":\"u"
                                        + random.nextInt(3)
                                        + "-%1$s-%2$s\",\"context\":{\"traits\":{\"email\":\"e"
                                        + random.nextInt(3)
                                        + "-%1$s-%2$s@example.com\"}}";
                        case 2 ->
                                "\"anonymousId\":\"d"
                                        + random.nextInt(3)
                                        + "-%1$s-%2$s\",\"context\":{\"traits\":{\"email\":\"e"
                                        + random.nextInt(3)
                                        + "-%1$s-%2$s@example.com\"}}";
                        default -> "\"anonymousId\":\"d" + random.nextInt(3) + "-%1$s-%2$s\"";
                    };
            events.add(event("m" + i + "-%2$s", named, random.nextInt(50)));
        }
        Set<Set<String>> inOrder = deliver(events, "a", 1);
        Collections.shuffle(events, random);
        Set<Set<String>> atOnce = deliver(events, "b", 8);
        assertThat(atOnce).isEqualTo(inOrder);
    }

    private Set<Set<String>> deliver(List<String> events, String round, int senders)
            throws Exception {
        try (ExecutorService pool = Executors.newFixedThreadPool(senders)) {
            List<Future<?>> sent = new ArrayList<>();
            for (String event : events) {
                sent.add(pool.submit(() -> accepted("track", event.formatted(who, round))));
            }
            for (Future<?> one : sent) {
                one.get();
            }
        }
        Set<Set<String>> customers = new HashSet<>();
        for (String identifier :
                List.of(
                        "user_id:u0",
                        "user_id:u1",
                        "user_id:u2",
                        "anonymous_id:d0",
                        "anonymous_id:d1",
                        "anonymous_id:d2")) {
            JsonNode found = holding(identifier + "-" + who + "-" + round);
            if (found.size() == 1) {
                customers.add(
                        found.path(0)
                                .path("identifiers")
                                .valueStream()
                                .map(i -> i.asText().replace("-" + who + "-" + round, ""))
                                .collect(Collectors.toCollection(TreeSet::new)));
            }
        }
        return customers;
    }

    private String event(String id, String named, int seconds) {
        String body =
                "{\"messageId\":\""
                        + id
                        + "-%1$s\","
                        + named
                        + ",\"event\":\"Cart Viewed\",\"timestamp\":\""
                        + TEN.plusSeconds(seconds)
                        + "\"}";
        return named.contains("%2$s") ? body : body.formatted(who);
    }

    private String identify(String body) {
        return "{" + body.formatted(who, phone) + "}";
    }

    private void link(CustomerId customer, String identifier) {
        ok(
                admin().body("{\"identifier\":\"" + identifier + "\"}")
                        .post("/api/customers/" + customer + "/identifiers"));
        assertThat(idOf(identifier)).isEqualTo(customer.toString());
    }

    /** Waits until the gate was told what a split gives back. */
    private void awaitRestated(CustomerId customer) {
        await().atMost(SOON)
                .until(() ->
                        pool.preparedQuery(
                                                "SELECT count(*) AS due FROM restatements WHERE"
                                                        + " customer_id = $1")
                                        .execute(Tuple.of(customer.value()))
                                        .await()
                                        .atMost(SOON)
                                        .iterator()
                                        .next()
                                        .getLong("due")
                                == 0);
    }

    private static List<String> states(String customer) {
        return ok(admin().get("/api/customers/" + customer + "/consents"))
                .path("current")
                .valueStream()
                .map(c -> c.path("channel").asText() + " " + c.path("state").asText())
                .toList();
    }

    private void consent(String identifier, String channel, String state) {
        ok(
                admin().body(
                                """
                                {"identifier":"%s","channel":"%s","state":"%s","source":"desk"}
                                """
                                        .formatted(identifier, channel, state))
                        .put("/api/consents"));
    }

    /** The customer that holds an identifier, known to the gate: permissions and contacts. */
    private CustomerId known(String identifier) {
        CustomerId customer = CustomerId.of(awaitId(identifier));
        admin().auth()
                .preemptive()
                .oauth2(Api.SERVICE_TOKEN)
                .body("{\"customers\":[\"" + customer + "\"]}")
                .post("/internal/gate/hydrate")
                .then()
                .statusCode(anyOf(is(200), is(204)));
        gate.hydrate(List.of(new CustomerHistory.Contacts(customer, List.of())))
                .await()
                .atMost(SOON);
        return customer;
    }

    private @Nullable SuppressionReason reasonFor(CustomerId customer, Channel channel) {
        GateRequest request =
                new GateRequest(
                        customer,
                        new MessageId(UUID.randomUUID()),
                        channel,
                        Category.MARKETING,
                        null,
                        "cart",
                        "an-address-of-nobody");
        return switch (gate.peek(List.of(request), ContactPolicy.initial())
                .await()
                .atMost(SOON)
                .getFirst()) {
            case GateAnswer.Allowed allowed -> null;
            case GateAnswer.Denied denied -> denied.reason();
        };
    }
}
