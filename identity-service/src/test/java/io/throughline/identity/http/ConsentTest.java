package io.throughline.identity.http;

import static io.throughline.identity.http.Api.accepted;
import static io.throughline.identity.http.Api.admin;
import static io.throughline.identity.http.Api.awaitId;
import static io.throughline.identity.http.Api.idOf;
import static io.throughline.identity.http.Api.json;
import static io.throughline.identity.http.Api.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.throughline.contracts.Channel;
import io.throughline.governance.ContactGate;
import io.throughline.local.testing.EmbeddedInfrastructure;
import io.vertx.mutiny.sqlclient.Pool;
import jakarta.inject.Inject;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the ledger keeps of a consent, and opt-outs that people take down. */
@QuarkusTest
@QuarkusTestResource(EmbeddedInfrastructure.class)
class ConsentTest {

    @Inject Pool pool;
    @Inject ContactGate gate;

    private String who = "";
    private String email = "";
    private String phone = "";

    @BeforeEach
    void somebodyElse() {
        who = UUID.randomUUID().toString().replace("-", "");
        email = who + "@example.com";
        phone = "+346" + String.format("%08d", Math.floorMod(who.hashCode(), 100_000_000));
    }

    @Test
    void theLedgerShowsWhatWasAgreedToAndWhatProvesIt() {
        String version = "offers-" + who;
        ok(
                admin().body("{\"text\":\"Yes, send me offers.\",\"locale\":\"en\"}")
                        .put("/api/consent-wordings/" + version));
        ok(
                admin().body(
                                """
                                {"identifier":"email:%s","channel":"email","topic":"offers","state":"opted_in",
                                 "source":"checkout","wording":"%s","legalBasis":"consent",
                                 "evidence":{"ip":"203.0.113.7","page":"https://shop.example/checkout"}}\
                                """
                                        .formatted(email, version))
                        .put("/api/consents"));
        JsonNode line = ledger().path(0);
        assertThat(line.path("source").asText()).isEqualTo("checkout");
        assertThat(line.path("identifier").asText()).isEqualTo("email:" + email);
        assertThat(line.path("wording").asText()).isEqualTo(version);
        assertThat(line.path("legalBasis").asText()).isEqualTo("consent");
        assertThat(line.path("recordedBy").asText()).isNotEmpty();
        assertThat(line.path("evidence").path("ip").asText()).isEqualTo("203.0.113.7");
        assertThat(line.path("evidence").path("page").asText())
                .isEqualTo("https://shop.example/checkout");
    }

    @Test
    void aWordingNeverChanges() {
        String address = "/api/consent-wordings/w-" + who;
        ok(admin().body("{\"text\":\"One\"}").put(address));
        ok(admin().body("{\"text\":\"One\"}").put(address));
        Response other = admin().body("{\"text\":\"Another\"}").put(address);
        assertThat(other.statusCode()).isEqualTo(409);
        assertThat(ok(admin().get(address)).path("text").asText()).isEqualTo("One");
        assertThat(ok(admin().get("/api/consent-wordings")).path("items").size()).isPositive();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "null | body | 400",
                "{\"text\":[]} | text | 400",
                "{\"text\":\"One\",\"colour\":\"red\"} | colour | 400",
                "{} | text | 422",
                "{\"text\":\" \"} | text | 422",
                "{\"text\":\"One\",\"locale\":\"!\"} | locale | 422",
            })
    void whatIsWrongWithAWordingIsNamed(String body, String field, int status) {
        Response response = admin().body(body).put("/api/consent-wordings/w-" + who);
        assertThat(response.statusCode()).as(response.asString()).isEqualTo(status);
        assertThat(response.asString()).contains("\"" + field + "\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "UPDATE consent_ledger SET state = 'opted_in' WHERE address = '%s'",
                "DELETE FROM consent_ledger WHERE address = '%s'",
                "TRUNCATE consent_ledger",
            })
    void nobodyChangesOrRemovesALineOfTheLedger(String statement) {
        consent("email:" + email, "email", "opted_out");
        assertThatThrownBy(() ->
                        pool.query(statement.formatted(email)).execute().await().indefinitely())
                .hasMessageContaining("append-only");
    }

    @Test
    void whatSomebodyTellsTheSupportDeskHoldsForEveryAddressSheHas() {
        accepted(
                "identify",
                """
                {"userId":"u-%s","traits":{"email":"%s","phone":"%s"}}\
                """
                        .formatted(who, email, phone));
        awaitId("phone:" + phone);
        consent("email:" + email, "email", "opted_in");
        JsonNode taken =
                ok(
                        admin().body(
                                        """
                                        {"identifier":"user_id:u-%s","source":"call-centre",
                                         "evidence":{"text":"no more advertising","agent":"desk-7"}}\
                                        """
                                                .formatted(who))
                                .post("/api/opt-outs"));
        assertThat(taken.path("consents").size()).isEqualTo(Channel.values().length);
        for (JsonNode counts : consents().path("current")) {
            assertThat(counts.path("state").asText()).isEqualTo("opted_out");
        }
        assertThat(consents().path("current").size()).isEqualTo(Channel.values().length);
        assertThat(stopped(Channel.EMAIL, email)).isTrue();
        assertThat(stopped(Channel.SMS, phone)).isTrue();
        assertThat(ledger().path(0).path("evidence").path("agent").asText()).isEqualTo("desk-7");
    }

    /** One write to the gate for all of them: the customer does not wait for one after another. */
    @Test
    void whatIsSaidAtOneTimeIsInForceAtOneTime() {
        accepted(
                "identify",
                """
                {"userId":"u-%s","traits":{"email":"%s","phone":"%s"}}\
                """
                        .formatted(who, email, phone));
        String customer = awaitId("phone:" + phone);
        int all = 2 * Channel.values().length;
        JsonNode taken =
                ok(
                        admin().body(
                                        """
                                        {"identifier":"user_id:u-%s","topics":["offers","news"],"source":"desk"}\
                                        """
                                                .formatted(who))
                                .post("/api/opt-outs"));
        assertThat(taken.path("consents").size()).isEqualTo(all);
        assertThat(consents().path("current").size()).isEqualTo(all);
        assertThat(ledger().size()).isEqualTo(all);

        Set<String> times = new HashSet<>();
        Set<String> abouts = new HashSet<>();
        String told =
                Events.await(
                        customer,
                        event -> {
                            if (!event.path("state").asText().equals("opted_out")) {
                                return null;
                            }
                            times.add(event.path("receivedAt") + " " + event.path("inForceAt"));
                            abouts.add(event.path("channel") + " " + event.path("topic"));
                            return abouts.size() == all ? "all" : null;
                        });
        assertThat(told).isEqualTo("all");
        assertThat(times).hasSize(1);
    }

    @Test
    void anOptOutOfOneTopicLeavesTheOthers() {
        consent("email:" + email, "email", "opted_in");
        ok(
                admin().body(
                                """
                                {"identifier":"email:%s","channels":["email"],"topics":["offers"],"source":"letter"}\
                                """
                                        .formatted(email))
                        .post("/api/opt-outs"));
        assertThat(stopped(Channel.EMAIL, email)).isFalse();
        assertThat(consents().path("current").size()).isEqualTo(2);
    }

    @Test
    void whoIsMistypedIsNobodyAndNotSomebodyNew() {
        Response response =
                admin().body("{\"identifier\":\"loyalty:%s\",\"source\":\"desk\"}".formatted(who))
                        .post("/api/opt-outs");
        assertThat(response.statusCode()).isEqualTo(404);
        assertThat(Api.holding("loyalty:" + who)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "null | body",
                "{} | identifier",
                "{\"identifier\":\"email:a@example.com\"} | source",
                "{\"identifier\":\"email:a@example.com\",\"source\":\"x\",\"channels\":[]} | channels",
                "{\"identifier\":\"email:a@example.com\",\"source\":\"x\",\"channels\":[null]} | channels[0]",
                "{\"identifier\":\"email:a@example.com\",\"source\":\"x\",\"channels\":[\"fax\"]} | channels[0]",
                "{\"identifier\":\"email:a@example.com\",\"source\":\"x\",\"topics\":[\"a\\u0000\"]} | topics[0]",
                "{\"identifier\":\"email:a@example.com\",\"source\":\"x\",\"evidence\":7} | evidence",
                "{\"identifier\":\"email:a@example.com\",\"source\":\"x\",\"evidence\":{\"ip\":7}} | evidence.ip",
                "{\"identifier\":\"email:a@example.com\",\"source\":\"x\",\"evidence\":{\"shoe\":\"7\"}} | evidence.shoe",
            })
    void wrongOptOutsAreExplained(String body, String field) {
        Response response = admin().body(body).post("/api/opt-outs");
        assertThat(response.statusCode()).as(response.asString()).isIn(400, 422);
        assertThat(response.asString()).contains("\"" + field + "\"");
    }

    @Test
    void aWordingThatNobodyRegisteredProvesNothing() {
        Response response =
                admin().body(
                                """
                                {"identifier":"email:%s","channel":"email","state":"opted_in","source":"x","wording":"no-%s"}\
                                """
                                        .formatted(email, who))
                        .put("/api/consents");
        assertThat(response.statusCode()).isEqualTo(422);
        assertThat(json(response).path("errors").path(0).path("field").asText())
                .isEqualTo("wording");
    }

    private void consent(String identifier, String channel, String state) {
        ok(
                admin().body(
                                """
                                {"identifier":"%s","channel":"%s","state":"%s","source":"test","evidence":"said so"}\
                                """
                                        .formatted(identifier, channel, state))
                        .put("/api/consents"));
    }

    private boolean stopped(Channel channel, String address) {
        return gate.addressOptedOut(channel, List.of(address)).await().indefinitely().getFirst();
    }

    private JsonNode consents() {
        return ok(admin().get("/api/customers/" + idOf("email:" + email) + "/consents"));
    }

    private JsonNode ledger() {
        return consents().path("ledger");
    }
}
