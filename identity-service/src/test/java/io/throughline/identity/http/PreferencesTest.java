package io.throughline.identity.http;

import static io.restassured.RestAssured.given;
import static io.throughline.identity.http.Api.accepted;
import static io.throughline.identity.http.Api.admin;
import static io.throughline.identity.http.Api.awaitCustomer;
import static io.throughline.identity.http.Api.json;
import static io.throughline.identity.http.Api.ok;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.throughline.contracts.Channel;
import io.throughline.governance.ContactGate;
import io.throughline.local.testing.EmbeddedInfrastructure;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.util.List;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The pages on which customers decide for themselves. */
@QuarkusTest
@QuarkusTestResource(EmbeddedInfrastructure.class)
@QuarkusTestResource(StubChannel.class)
class PreferencesTest {

    @Inject ContactGate gate;
    @Inject Pool pool;

    private String who = "";
    private String email = "";
    private String customer = "";

    @BeforeEach
    void somebodyElse() {
        who = UUID.randomUUID().toString().replace("-", "");
        email = who + "@example.com";
        accepted(
                "identify",
                "{\"userId\":\"u-%s\",\"traits\":{\"email\":\"%s\"}}".formatted(who, email));
        customer =
                awaitCustomer("email:" + email, c -> c.path("addresses").has("email"))
                        .path("id")
                        .asText();
    }

    @Test
    void aCustomerChoosesAndItHoldsAtOnce() {
        String link = link();
        Response page = given().header("Accept-Language", "en").get(link);
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.asString())
                .contains("name=\"on\" value=\"email\"")
                .contains(email.charAt(0) + "•••@example.com")
                .doesNotContain(email)
                .doesNotContain("<script");
        assertThat(page.header("Content-Security-Policy")).contains("default-src 'none'");
        assertThat(current()).isEmpty();

        chosen(link, "email");
        assertThat(current().path(0).path("state").asText()).isEqualTo("opted_in");
        chosen(link);
        assertThat(current().path(0).path("state").asText()).isEqualTo("opted_out");
        assertThat(stopped()).isTrue();

        JsonNode line = ledger().path(0);
        assertThat(line.path("source").asText()).isEqualTo("preference-centre");
        assertThat(line.path("evidence").path("ip").asText()).isNotEmpty();
        assertThat(line.path("evidence").path("page").asText()).contains("/preferences/");
        assertThat(line.path("evidence").path("page").asText())
                .doesNotContain(link.substring(link.lastIndexOf('/')));
    }

    /** She stopped in the shop while the page was open, and then changes something else. */
    @Test
    void aPageThatStoodOpenTakesBackNoStop() {
        chosen(link(), "email");
        String link = link();
        assertThat(given().get(link).asString()).contains("name=\"was\" value=\"email\"");
        ok(
                admin().body(
                                """
                                {"identifier":"email:%s","channel":"email","state":"opted_out","source":"shop"}\
                                """
                                        .formatted(email))
                        .put("/api/consents"));

        Response done =
                given().redirects()
                        .follow(false)
                        .formParam("do", "save")
                        .formParam("shown", List.of("email"))
                        .formParam("was", List.of("", "email"))
                        .formParam("on", "email")
                        .post(link);

        assertThat(done.statusCode()).isEqualTo(303);
        assertThat(current().path(0).path("state").asText()).isEqualTo("opted_out");
        assertThat(stopped()).isTrue();
    }

    /** Somebody who had the address before her stopped, and that holds for the address. */
    @Test
    void aStopOfTheAddressShowsAndCanBeLifted() {
        pool.preparedQuery(
                        """
                        INSERT INTO address_consents (address, channel, topic, state, at)
                        VALUES ($1, 'email', '', 'opted_out', now() - interval '1 day')
                        """)
                .executeAndAwait(Tuple.of(email));
        ok(
                admin().body(
                                """
                                {"identifier":"user_id:u-%s","channel":"email","state":"opted_in","source":"shop"}\
                                """
                                        .formatted(who))
                        .put("/api/consents"));
        String link = link();
        assertThat(given().get(link).asString())
                .contains("value=\"email\"")
                .doesNotContain("value=\"email\" checked")
                .doesNotContain("name=\"was\" value=\"email\"");

        chosen(link, "email");

        assertThat(given().get(link).asString()).contains("value=\"email\" checked");
        assertThat(stopped()).isFalse();
    }

    @Test
    void whoConfirmsATopicOfAnAddressThatIsStoppedIsTold() {
        askedFor(",\"topic\":\"offers\"");
        String link = confirmationLink();
        pool.preparedQuery(
                        """
                        INSERT INTO address_consents (address, channel, topic, state, at)
                        VALUES ($1, 'email', '', 'opted_out', now() - interval '1 day')
                        """)
                .executeAndAwait(Tuple.of(email));

        assertThat(given().post(link).asString()).contains("You have stopped these messages");
    }

    @Test
    void oneButtonStopsEverything() {
        String link = link();
        Response done = given().redirects().follow(false).formParam("do", "stop").post(link);
        assertThat(done.statusCode()).isEqualTo(303);
        assertThat(current()).hasSize(Channel.values().length);
        assertThat(stopped()).isTrue();
    }

    @Test
    void theLinkOfAMessageLeadsThereAndTheLedgerNamesTheMessage() {
        String token = "tl" + who;
        String message = UUID.randomUUID().toString();
        StubChannel.knowsPreferences(token, message, customer, email);
        chosen("/preferences/" + token, "email");
        assertThat(ledger().path(0).path("evidence").path("message").asText()).isEqualTo(message);
    }

    @Test
    void topicsAreOfferedInTheCustomersLanguage() {
        ObjectNode centre = (ObjectNode) ok(admin().get("/api/preference-centre"));
        centre.put("sender", "Example <Shop>");
        centre.putArray("topics")
                .addObject()
                .put("topic", "offers")
                .set("name", centre.objectNode().put("*", "Offers").put("de", "Angebote"));
        int version = centre.path("version").asInt();
        JsonNode changed = ok(admin().body(centre.toString()).put("/api/preference-centre"));
        assertThat(changed.path("version").asInt()).isEqualTo(version + 1);
        assertThat(admin().body(centre.toString()).put("/api/preference-centre").statusCode())
                .isEqualTo(409);

        String page = given().header("Accept-Language", "de-AT").get(link()).asString();
        assertThat(page)
                .contains("<html lang=\"de\">")
                .contains("Angebote")
                .contains("Example &lt;Shop&gt;")
                .contains("value=\"email/offers\"");
    }

    /** What was offered may have changed before she pressed the button. */
    @Test
    void theLedgerSaysWhatWasShownWhenSheChose() {
        int shown = offering("Offers");
        String link = link();
        String page = given().header("Accept-Language", "fr").get(link).asString();
        offering("Something else");

        Response done =
                given().redirects()
                        .follow(false)
                        .header("Accept-Language", "de")
                        .formParam("centre", hidden(page, "centre"))
                        .formParam("language", hidden(page, "language"))
                        .formParam("do", "save")
                        .formParam("shown", "email", "email/offers")
                        .formParam("on", "email", "email/offers")
                        .post(link);

        assertThat(done.statusCode()).as(done.asString()).isEqualTo(303);
        JsonNode evidence = ledger().path(0).path("evidence");
        assertThat(evidence.path("centre").asInt()).isEqualTo(shown);
        assertThat(evidence.path("language").asText()).isEqualTo("fr");
        assertThat(ok(admin().get("/api/preference-centre?version=" + shown)).findValuesAsText("*"))
                .contains("Offers");
        assertThat(admin().get("/api/preference-centre?version=99999").statusCode()).isEqualTo(404);
    }

    /** Changes what is offered, and gives its version. */
    private int offering(String name) {
        ObjectNode centre = (ObjectNode) ok(admin().get("/api/preference-centre"));
        centre.putArray("topics")
                .addObject()
                .put("topic", "offers")
                .set("name", centre.objectNode().put("*", name));
        return ok(admin().body(centre.toString()).put("/api/preference-centre"))
                .path("version")
                .asInt();
    }

    private static String hidden(String page, String name) {
        Matcher found = Pattern.compile("name=\"" + name + "\" value=\"([^\"]*)\"").matcher(page);
        assertThat(found.find()).as(page).isTrue();
        return found.group(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "null | body",
                "{} | version",
                "{\"version\":0,\"privacyUrl\":\"javascript:alert(1)\"} | privacyUrl",
                "{\"version\":0,\"channels\":[\"fax\"]} | channels[0]",
                "{\"version\":0,\"topics\":[null]} | topics[0].topic",
                "{\"version\":0,\"topics\":[{\"topic\":\"a\",\"name\":7}]} | topics[0].name",
                "{\"version\":0,\"topics\":[{\"topic\":\"a\",\"name\":{\"de-AT\":\"x\"}}]} | topics[0].name.de-AT",
                "{\"version\":0,\"topics\":[{\"topic\":\"a\"},{\"topic\":\"a\"}]} | topics[1].topic",
                "{\"version\":0,\"sender\":\"a\\u0000\"} | sender",
            })
    void wrongOffersAreExplained(String body, String field) {
        Response response = admin().body(body).put("/api/preference-centre");
        assertThat(response.statusCode()).as(response.asString()).isIn(400, 422);
        assertThat(response.asString()).contains("\"" + field + "\"");
    }

    @Test
    void aLinkThatIsNoneOfOursSaysSoToAPerson() {
        Response page = given().header("Accept-Language", "fr").get("/preferences/nonsense");
        assertThat(page.statusCode()).isEqualTo(404);
        assertThat(page.asString()).contains("Ce lien ne fonctionne plus");
        assertThat(given().get("/opt-ins/nonsense").statusCode()).isEqualTo(404);
        assertThat(given().post("/opt-ins/nonsense").statusCode()).isEqualTo(404);
    }

    @Test
    void whileTheChannelServiceIsAwayNothingIsChanged() {
        StubChannel.isAway(true);
        try {
            Response page = given().get("/preferences/of-a-message-" + who);
            assertThat(page.statusCode()).isEqualTo(503);
            assertThat(page.asString()).contains("Nothing was changed");
        } finally {
            StubChannel.isAway(false);
        }
    }

    @Test
    void anOptInCountsOnceItsAddressHasConfirmedIt() {
        Response asked = askedFor();
        assertThat(asked.statusCode()).as(asked.asString()).isEqualTo(202);
        String request = json(asked).path("id").asText();
        assertThat(asked.asString()).doesNotContain("opt-ins");
        assertThat(current()).isEmpty();
        assertThat(consents().path("pending").path(0).path("id").asText()).isEqualTo(request);

        String link = confirmationLink();
        Response page = given().get(link);
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.asString()).contains("•••@example.com").doesNotContain(email);
        assertThat(current()).isEmpty();

        assertThat(given().post(link).statusCode()).isEqualTo(200);
        assertThat(current().path(0).path("state").asText()).isEqualTo("opted_in");
        JsonNode line = ledger().path(0);
        assertThat(line.path("source").asText()).isEqualTo("footer-form");
        assertThat(line.path("evidence").path("request").asText()).isEqualTo(request);
        assertThat(line.path("legalBasis").asText()).isEqualTo("consent");
        JsonNode stands = ok(admin().get("/api/opt-in-requests/" + request));
        assertThat(stands.path("state").asText()).isEqualTo("confirmed");
        assertThat(consents().path("pending")).isEmpty();
    }

    @Test
    void aLinkThatIsFollowedAgainUndoesNoLaterStop() {
        askedFor();
        String link = confirmationLink();
        given().post(link);
        given().formParam("do", "stop").redirects().follow(false).post(link());
        assertThat(given().post(link).asString()).contains("You have stopped these messages");
        assertThat(given().get(link).asString()).contains("You have stopped these messages");
        assertThat(stopped()).isTrue();
        for (JsonNode consent : current()) {
            assertThat(consent.path("state").asText()).isEqualTo("opted_out");
        }
    }

    @Test
    void aFormOfVeryManyFieldsIsReadLikeAnyOther() {
        String form = "do=save&shown=email" + "&on=x".repeat(40_000);
        Response done =
                given().redirects()
                        .follow(false)
                        .contentType("application/x-www-form-urlencoded")
                        .body(form)
                        .post(link());
        assertThat(done.statusCode()).isEqualTo(303);
    }

    @Test
    void whatTheButtonsDoNotSayIsNotSaidToBeSaved() {
        Response done = given().redirects().follow(false).formParam("do", "explode").post(link());
        assertThat(done.statusCode()).isEqualTo(400);
        assertThat(current()).isEmpty();
    }

    @Test
    void whatCannotBeReadIsNotSaidToBeSaved() {
        for (String form : new String[] {"", "do=%zz"}) {
            Response answer =
                    given().redirects()
                            .follow(false)
                            .contentType("application/x-www-form-urlencoded")
                            .body(form)
                            .post(link());
            assertThat(answer.statusCode()).as(form).isEqualTo(400);
            assertThat(answer.asString()).contains("Nothing was changed");
        }
    }

    @Test
    void aBrowserWhoseLanguageNobodyCanReadGetsEnglish() {
        Response page = given().header("Accept-Language", "de;q=abc").get(link());
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.asString()).contains("<html lang=\"en\">");
    }

    @Test
    void nobodyIsAskedWithoutEnd() {
        for (int i = 0; i < 5; i++) {
            assertThat(askedFor().statusCode()).isEqualTo(202);
        }
        Response again = askedFor();
        assertThat(again.statusCode()).isEqualTo(429);
        assertThat(again.header("Retry-After")).isNotNull();
    }

    @Test
    void whatCannotConfirmIsNotAsked() {
        Response response =
                admin().body(
                                "{\"identifier\":\"user_id:u-%s\",\"channel\":\"email\",\"source\":\"x\"}"
                                        .formatted(who))
                        .post("/api/opt-in-requests");
        assertThat(response.statusCode()).isEqualTo(422);
        assertThat(response.asString()).contains("\"identifier\"");
    }

    private Response askedFor() {
        return askedFor("");
    }

    private Response askedFor(String besides) {
        return admin().body(
                        """
                        {"identifier":"email:%s","channel":"email","source":"footer-form",
                         "evidence":{"ip":"203.0.113.7"}%s}\
                        """
                                .formatted(email, besides))
                .post("/api/opt-in-requests");
    }

    /** From the log, as a journey has it; it may have been published already or not yet. */
    private String confirmationLink() {
        return Events.await(
                        customer,
                        event ->
                                event.path("name").asText().equals("Opt-In Requested")
                                        ? event.path("properties").path("confirmation_url").asText()
                                        : null)
                .replaceFirst("^https?://[^/]+", "");
    }

    private void chosen(String link, String... on) {
        Response done =
                given().redirects()
                        .follow(false)
                        .formParam("do", "save")
                        .formParam("shown", "email")
                        .formParam("on", List.of(on))
                        .post(link);
        assertThat(done.statusCode()).as(done.asString()).isEqualTo(303);
        assertThat(given().get(link + "?saved=yes").asString()).contains("role=\"status\"");
    }

    private String link() {
        Response made = admin().post("/api/customers/" + customer + "/preference-links");
        return ok(made).path("url").asText().replaceFirst("^https?://[^/]+", "");
    }

    private boolean stopped() {
        return gate.addressOptedOut(Channel.EMAIL, List.of(email))
                .await()
                .indefinitely()
                .getFirst();
    }

    private JsonNode consents() {
        return ok(admin().get("/api/customers/" + customer + "/consents"));
    }

    private JsonNode current() {
        return consents().path("current");
    }

    private JsonNode ledger() {
        return consents().path("ledger");
    }
}
