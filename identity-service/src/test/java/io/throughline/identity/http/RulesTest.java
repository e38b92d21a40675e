package io.throughline.identity.http;

import static io.restassured.RestAssured.given;
import static io.throughline.identity.http.Api.SOON;
import static io.throughline.identity.http.Api.accepted;
import static io.throughline.identity.http.Api.admin;
import static io.throughline.identity.http.Api.awaitId;
import static io.throughline.identity.http.Api.idOf;
import static io.throughline.identity.http.Api.json;
import static io.throughline.identity.http.Api.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.throughline.local.testing.EmbeddedInfrastructure;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The rules of who is who, changed under customers that are there. */
@QuarkusTest
@QuarkusTestResource(EmbeddedInfrastructure.class)
class RulesTest {

    private static final String RULES = "/api/identity-rules";

    /** So many customers are decided about at once. */
    private static final int A_STEP = 50;

    private String who = "";
    private String household = "";

    @BeforeEach
    void somebodyElse() {
        who = UUID.randomUUID().toString();
        household = "household_" + who.substring(0, 8);
    }

    @Test
    void aChangeIsFirstPreviewedAndThenMeetsEverybodyWhoIsThere() {
        identify("a");
        identify("b");
        String together = awaitId("anonymous_id:a-" + who);
        assertThat(awaitId("anonymous_id:b-" + who)).isEqualTo(together);

        JsonNode preview = previewed(withoutHouseholds());
        assertThat(preview.path("divided").asInt()).isEqualTo(1);
        assertThat(preview.path("merged").asInt()).isZero();
        assertThat(preview.path("largest").path(0).path("what").asText()).isEqualTo("divided");
        assertThat(preview.path("largest").path(0).path("customer").asText()).isEqualTo(together);
        assertThat(preview.path("customers").asLong()).isEqualTo(preview.path("total").asLong());
        assertThat(idOf("anonymous_id:a-" + who)).isEqualTo(idOf("anonymous_id:b-" + who));

        ObjectNode before = (ObjectNode) ok(admin().get(RULES));
        changed(withoutHouseholds());
        assertThat(idOf("anonymous_id:a-" + who)).isNotEqualTo(idOf("anonymous_id:b-" + who));

        before.put("version", before.path("version").asInt() + 1);
        before.remove("change");
        assertThat(previewed(before).path("merged").asInt()).isEqualTo(1);
        JsonNode done = changed(before);
        assertThat(done.path("change").path("merged").asInt()).isEqualTo(1);
        assertThat(idOf("anonymous_id:a-" + who)).isEqualTo(idOf("anonymous_id:b-" + who));
    }

    /** Two who have something in common that joins nobody, and more than a step between them. */
    @ParameterizedTest
    @ValueSource(strings = {"unique", "never", "firstHand"})
    void aChangeThatJoinsFindsThoseItConnectsHoweverFarApartTheyAre(String what) {
        String key = Api.addSource("form-" + who.substring(0, 8), "claimed");
        ObjectNode apart = rules();
        household(apart, !what.equals("unique"), false);
        if (what.equals("never")) {
            apart.withArray("never").addObject().put("type", household).put("pattern", "h-.*");
        }
        changed(apart);
        String writeKey = what.equals("firstHand") ? key : Api.WRITE_KEY;
        identify(writeKey, "a");
        String ana = awaitId("anonymous_id:a-" + who);
        for (int i = 0; i <= A_STEP; i++) {
            accepted("track", "{\"anonymousId\":\"s%d-%s\",\"event\":\"E\"}".formatted(i, who));
        }
        awaitId("anonymous_id:s%d-%s".formatted(A_STEP, who));
        identify(writeKey, "b");
        String bea = awaitId("anonymous_id:b-" + who);
        assertThat(bea).isNotEqualTo(ana);

        ObjectNode together = rules();
        together.withArray("types").remove(0);
        household(together, true, what.equals("firstHand"));
        if (what.equals("never")) {
            ArrayNode never = together.withArray("never");
            never.remove(never.size() - 1);
        }
        assertThat(previewed(together).path("merged").asInt()).isEqualTo(1);
        assertThat(idOf("anonymous_id:b-" + who)).isEqualTo(bea);
        assertThat(changed(together).path("change").path("merged").asInt()).isEqualTo(1);

        assertThat(idOf("anonymous_id:b-" + who)).isEqualTo(ana);
        assertThat(idOf("anonymous_id:a-" + who)).isEqualTo(ana);
        assertThat(idOf(household + ":h-" + who)).isEqualTo(ana);
    }

    @Test
    void aPreviewCountsWhoLosesIdentifiersThatNobodyWouldHold() {
        accepted("identify", mailed("one"));
        accepted("identify", mailed("two"));
        String ana = awaitId("user_id:u-" + who);
        assertThat(awaitId("email:two-" + who + "@example.com")).isEqualTo(ana);
        ObjectNode rules = (ObjectNode) ok(admin().get(RULES));
        rules.remove("change");
        rules.withArray("types")
                .forEach(type -> {
                    if (type.path("type").asText().equals("email")) {
                        ((ObjectNode) type).put("most", 1);
                    }
                });

        JsonNode preview = previewed(rules);

        assertThat(preview.path("released").asLong()).isPositive();
        assertThat(preview.path("largest"))
                .anySatisfy(found -> {
                    assertThat(found.path("what").asText()).isEqualTo("released");
                    assertThat(found.path("identifiers").asInt()).isPositive();
                });
    }

    private String mailed(String name) {
        return "{\"userId\":\"u-%1$s\",\"traits\":{\"email\":\"%2$s-%1$s@example.com\"}}"
                .formatted(who, name);
    }

    @Test
    void rulesThatWereMadeFromOthersThanThoseInForceAreRefused() {
        ObjectNode rules = withoutHouseholds();
        rules.put("version", rules.path("version").asInt() + 7);
        Response response = admin().body(rules.toString()).put(RULES);
        assertThat(response.statusCode()).isEqualTo(409);
        assertThat(json(response).path("detail").asText()).contains("version");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{} | version",
                "{\"version\":1} | types",
                "{\"version\":1,\"types\":[{\"type\":\"*\"},{\"type\":\"*\"}]} | types[1].type",
                "{\"version\":1,\"types\":[{\"type\":\"E Mail\"},{\"type\":\"*\"}]} | types[0].type",
                "{\"version\":1,\"types\":[{\"type\":\"email\"}]} | types",
                "{\"version\":1,\"types\":[{\"type\":\"*\",\"most\":0}]} | types[0].most",
                "{\"version\":1,\"types\":[{\"type\":\"*\",\"within\":\"-P1D\"}]} | types[0].within",
                "{\"version\":1,\"types\":[{\"type\":\"*\",\"within\":\"a week\"}]} | types[0].within",
                "{\"version\":1,\"types\":[{\"type\":\"*\"}],\"largestProfile\":1} | largestProfile",
                "{\"version\":1,\"types\":[{\"type\":\"*\"}],\"never\":[{\"type\":\"email\",\"pattern\":\"(\"}]} | never[0].pattern",
                "{\"version\":1,\"types\":[{\"type\":\"*\"}],\"never\":[{\"pattern\":\"a\"}]} | never[0].type",
                "{\"version\":1,\"types\":[null]} | types[0].type",
            })
    void wrongRulesAreExplained(String body, String field) {
        for (Response response :
                new Response[] {
                    admin().body(body).put(RULES), admin().body(body).post(RULES + "/previews")
                }) {
            assertThat(response.statusCode()).as(response.asString()).isIn(400, 422);
            assertThat(response.asString()).contains("\"" + field + "\"");
        }
    }

    private void identify(String visitor) {
        accepted("identify", visitorOfTheHousehold(visitor));
    }

    private void identify(String writeKey, String visitor) {
        Response response =
                given().auth()
                        .preemptive()
                        .basic(writeKey, "")
                        .contentType("application/json")
                        .body(visitorOfTheHousehold(visitor))
                        .post("/v1/identify");
        assertThat(response.statusCode()).as(response.asString()).isEqualTo(200);
    }

    private String visitorOfTheHousehold(String visitor) {
        return """
        {"anonymousId":"%s-%s","context":{"externalIds":[
          {"type":"%s","id":"h-%s","collection":"users","encoding":"none"}]}}\
        """
                .formatted(visitor, who, household, who);
    }

    /** The rules in force, and one by which households join nobody. */
    private ObjectNode withoutHouseholds() {
        ObjectNode rules = rules();
        household(rules, false, false);
        return rules;
    }

    private void household(ObjectNode rules, boolean unique, boolean firstHand) {
        rules.withArray("types")
                .insertObject(0)
                .put("type", household)
                .put("unique", unique)
                .put("firstHand", firstHand)
                .put("most", 10);
    }

    /** Those in force. */
    private static ObjectNode rules() {
        ObjectNode rules = (ObjectNode) ok(admin().get(RULES));
        rules.remove("change");
        return rules;
    }

    private static JsonNode previewed(ObjectNode rules) {
        Response begun = admin().body(rules.toString()).post(RULES + "/previews");
        assertThat(begun.statusCode()).as(begun.asString()).isEqualTo(202);
        String address = begun.header("Location").replaceFirst("^https?://[^/]+", "");
        return await().atMost(SOON)
                .until(() -> ok(admin().get(address)), p -> p.hasNonNull("finishedAt"));
    }

    private static JsonNode changed(ObjectNode rules) {
        JsonNode inForce = ok(admin().body(rules.toString()).put(RULES));
        assertThat(inForce.path("version").asInt()).isEqualTo(rules.path("version").asInt() + 1);
        return await().atMost(SOON)
                .until(
                        () -> ok(admin().get(RULES)),
                        r -> r.path("change").hasNonNull("finishedAt"));
    }
}
