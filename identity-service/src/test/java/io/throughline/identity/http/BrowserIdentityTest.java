package io.throughline.identity.http;

import static io.restassured.RestAssured.given;
import static io.throughline.identity.http.Api.accepted;
import static io.throughline.identity.http.Api.awaitId;
import static io.throughline.identity.http.Api.idOf;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import io.throughline.local.testing.EmbeddedInfrastructure;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.hamcrest.Matchers;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The identity cookie, and links in messages as a hint of who somebody is. */
@QuarkusTest
@QuarkusTestResource(EmbeddedInfrastructure.class)
@QuarkusTestResource(value = StubChannel.class, restrictToAnnotatedClass = true)
class BrowserIdentityTest {

    private static final String COOKIE = "__Host-tl_id";
    private static final String SHOP = "https://www.shop.example";

    @TestHTTPResource("/")
    String service = "";

    private String who = "";
    private String token = "";

    @BeforeEach
    void somebodyElse() {
        who = UUID.randomUUID().toString();
        token = who.replace("-", "").substring(0, 22);
        StubChannel.isAway(false);
    }

    @Test
    void aBrowserIsGivenAnIdThatNoScriptCanReadAndKeepsIt() {
        Response first = given().get("/v1/identity");
        String id = Api.ok(first).path("anonymousId").asText();
        assertThat(UUID.fromString(id).version()).isEqualTo(4);
        assertThat(Api.json(first).path("isNew").asBoolean()).isTrue();
        assertThat(first.header("Cache-Control")).contains("no-store");
        assertThat(first.header("Set-Cookie"))
                .isEqualTo(
                        COOKIE
                                + "="
                                + id
                                + "; Max-Age=31536000; Path=/; Secure; HttpOnly; SameSite=Lax");

        Response second = browser(id).get("/v1/identity/");
        assertThat(Api.ok(second).path("anonymousId").asText()).isEqualTo(id);
        assertThat(Api.json(second).path("isNew").asBoolean()).isFalse();
        assertThat(second.header("Set-Cookie")).startsWith(COOKIE + "=" + id);
    }

    @Test
    void anEventThatNamesNobodyIsTheBrowsers() {
        browser(who)
                .auth()
                .preemptive()
                .basic(Api.WRITE_KEY, "")
                .body("{\"event\":\"E\"}")
                .post("/v1/track")
                .then()
                .statusCode(200);
        String customer = awaitId("anonymous_id:" + who);
        browser(who)
                .queryParam("writeKey", Api.WRITE_KEY)
                .queryParam("userId", "u-" + who)
                .queryParam("name", "Home")
                .get("/pixel/v1/page")
                .then()
                .statusCode(200);
        assertThat(awaitId("user_id:u-" + who)).isEqualTo(customer);
    }

    @Test
    void anEventThatNamesSomebodyIsTheirs() {
        String own = UUID.randomUUID().toString();
        browser(who)
                .auth()
                .preemptive()
                .basic(Api.WRITE_KEY, "")
                .body("{\"event\":\"E\",\"anonymousId\":\"%s\"}".formatted(own))
                .post("/v1/track")
                .then()
                .statusCode(200);
        awaitId("anonymous_id:" + own);
        assertThat(Api.holding("anonymous_id:" + who)).isEmpty();
    }

    @Test
    void whatThePagesLibraryHasStoredBecomesTheBrowsersOnlyOnce() {
        String stored = UUID.randomUUID().toString();
        given().body("{\"anonymousId\":\"%s\"}".formatted(stored))
                .post("/v1/identity")
                .then()
                .statusCode(200)
                .body("anonymousId", Matchers.is(stored))
                .header("Set-Cookie", Matchers.startsWith(COOKIE + "=" + stored));
        // Its storage was cleared: it has made another one since.
        browser(stored)
                .body("{\"anonymousId\":\"%s\"}".formatted(UUID.randomUUID()))
                .post("/v1/identity")
                .then()
                .statusCode(200)
                .body("anonymousId", Matchers.is(stored));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ana@example.com", "1", "00000000-0000-4000-8000-000000000000"})
    void whatSomebodyCouldGuessIsNeverTakenOver(String guessable) {
        given().body("{\"anonymousId\":\"%s\"}".formatted(guessable))
                .post("/v1/identity")
                .then()
                .statusCode(200)
                .body("anonymousId", Matchers.not(guessable));
        browser(guessable).get("/v1/identity").then().body("anonymousId", Matchers.not(guessable));
    }

    @Test
    void aPersonWhoLogsOutIsNotTheNextOne() {
        browser(who)
                .delete("/v1/identity")
                .then()
                .statusCode(200)
                .body("anonymousId", Matchers.not(who))
                .header("Set-Cookie", Matchers.not(Matchers.containsString(who)));
    }

    @Test
    void theLinkOfAMessageTellsWhoseBrowserItIs() {
        String email = who + "@example.com";
        accepted(
                "identify",
                "{\"userId\":\"u-%s\",\"traits\":{\"email\":\"%s\"}}".formatted(who, email));
        String customer = awaitId("email:" + email);
        StubChannel.knows(token, who, "email", email, Instant.now().toString());

        Response told = follow(who, token);
        assertThat(Api.ok(told).path("link").asText()).isEqualTo("taken");
        assertThat(told.asString()).doesNotContain(email).doesNotContain(customer);
        assertThat(idOf("anonymous_id:" + who)).isEqualTo(customer);
        assertThat(Api.ok(follow(who, token)).path("link").asText()).isEqualTo("taken");
    }

    @Test
    void aLinkThatWasForwardedJoinsNobodyWhoHasAnAddressOfHerOwn() {
        String email = who + "@example.com";
        accepted(
                "identify",
                "{\"anonymousId\":\"d-%s\",\"traits\":{\"email\":\"%s\"}}".formatted(who, email));
        String friend = "friend-" + email;
        accepted(
                "identify",
                "{\"anonymousId\":\"%s\",\"traits\":{\"email\":\"%s\"}}".formatted(who, friend));
        String recipient = awaitId("email:" + email);
        String other = awaitId("email:" + friend);
        StubChannel.knows(token, who, "email", email, Instant.now().toString());

        assertThat(Api.ok(follow(who, token)).path("link").asText()).isEqualTo("taken");
        assertThat(idOf("email:" + email)).isEqualTo(recipient).isNotEqualTo(other);
        assertThat(idOf("anonymous_id:" + who)).isEqualTo(other);
    }

    @Test
    void aVisitorASignUpAndAKnownSubscriberAreOneAcrossDevicesAndWithCookiesGone() {
        String phone = "+346" + ThreadLocalRandom.current().nextInt(10_000_000, 99_999_999);
        String email = "ana-" + who + "@example.com";
        Api.ok(
                Api.admin()
                        .body(
                                "{\"identifier\":\"phone:%s\",\"channel\":\"sms\",\"state\":\"opted_in\",\"source\":\"till\"}"
                                        .formatted(phone))
                        .put("/api/consents"));
        String subscriber = awaitId("phone:" + phone);
        browser(who)
                .auth()
                .preemptive()
                .basic(Api.WRITE_KEY, "")
                .body("{\"messageId\":\"looked-%s\",\"event\":\"Product Viewed\"}".formatted(who))
                .post("/v1/track")
                .then()
                .statusCode(200);
        signUp(who, "{\"email\":\"%s\"}".formatted(email));
        signUp("tablet-" + who, "{\"email\":\"%s\"}".formatted(email));
        assertThat(awaitId("anonymous_id:tablet-" + who)).isEqualTo(awaitId("email:" + email));

        signUp("cleared-" + who, "{\"email\":\"%s\",\"phone\":\"%s\"}".formatted(email, phone));

        for (String identifier :
                List.of(
                        "email:" + email,
                        "phone:" + phone,
                        "anonymous_id:" + who,
                        "anonymous_id:tablet-" + who,
                        "anonymous_id:cleared-" + who)) {
            assertThat(idOf(identifier)).as(identifier).isEqualTo(subscriber);
        }
        Api.awaitTimeline(
                subscriber,
                entries -> assertThat(Api.messageIds(entries)).contains("looked-" + who));
        assertThat(
                        Api.ok(Api.admin().get("/api/customers/" + subscriber + "/consents"))
                                .path("current")
                                .findValuesAsText("state"))
                .contains("opted_in");
    }

    private static void signUp(String device, String traits) {
        accepted("identify", "{\"anonymousId\":\"%s\",\"traits\":%s}".formatted(device, traits));
    }

    @Test
    void aLinkIsBelievedInFewBrowsersOnly() {
        StubChannel.knows(token, who, "sms", "+34600111222", Instant.now().toString());
        for (String expected : List.of("taken", "taken", "refused")) {
            assertThat(Api.ok(follow(UUID.randomUUID().toString(), token)).path("link").asText())
                    .isEqualTo(expected);
        }
    }

    @Test
    void anOldOrForeignLinkIsNotBelieved() {
        StubChannel.knows(
                token,
                who,
                "email",
                who + "@example.com",
                Instant.now().minus(Duration.ofDays(8)).toString());
        assertThat(Api.ok(follow(who, token)).path("link").asText()).isEqualTo("refused");
        assertThat(Api.ok(follow(who, "A".repeat(22))).path("link").asText()).isEqualTo("refused");
        assertThat(Api.holding("anonymous_id:" + who)).isEmpty();
    }

    @Test
    void aLinkThatCannotBeCheckedIsAskedAboutLaterAndTheBrowserHasItsIdAllTheSame() {
        StubChannel.isAway(true);
        Response told = follow(who, token);
        assertThat(Api.ok(told).path("link").asText()).isEqualTo("later");
        assertThat(Api.json(told).path("anonymousId").asText()).isEqualTo(who);
    }

    @Test
    void aLinkNeedsAWriteKeyAndAToken() {
        browser(who)
                .body("{\"link\":\"%s\"}".formatted(token))
                .post("/v1/identity")
                .then()
                .statusCode(401)
                .body("field", Matchers.is("writeKey"));
        browser(who)
                .body(
                        "{\"link\":\"https://evil.example\",\"writeKey\":\"%s\"}"
                                .formatted(Api.WRITE_KEY))
                .post("/v1/identity")
                .then()
                .statusCode(400)
                .body("field", Matchers.is("link"));
        browser(who)
                .body("{\"redirect\":\"https://evil.example\"}")
                .post("/v1/identity")
                .then()
                .statusCode(400)
                .body("field", Matchers.is("redirect"));
    }

    @Test
    void onlyConfiguredPagesMayBringTheCookieAlong() {
        browser(who)
                .header("Origin", SHOP)
                .get("/v1/identity")
                .then()
                .statusCode(200)
                .header("Access-Control-Allow-Origin", SHOP)
                .header("Access-Control-Allow-Credentials", "true")
                .header("Vary", Matchers.containsString("Origin"));
        given().header("Origin", SHOP)
                .header("Access-Control-Request-Method", "POST")
                .options("/v1/t")
                .then()
                .statusCode(204)
                .header("Access-Control-Allow-Origin", SHOP)
                .header("Access-Control-Allow-Credentials", "true");

        for (String foreign : List.of("https://shop.example", "https://evil.example", "null")) {
            browser(who)
                    .header("Origin", foreign)
                    .get("/v1/identity")
                    .then()
                    .statusCode(403)
                    .contentType("application/problem+json")
                    .header("Access-Control-Allow-Origin", Matchers.nullValue())
                    .header("Set-Cookie", Matchers.nullValue());
            given().header("Origin", foreign)
                    .header("Access-Control-Request-Method", "POST")
                    .options("/v1/t")
                    .then()
                    .statusCode(204)
                    .header("Access-Control-Allow-Origin", "*")
                    .header("Access-Control-Allow-Credentials", Matchers.nullValue());
        }
    }

    @Test
    void aPageOfTheSameHostMayAlways() {
        String origin = service.replaceAll("/$", "");
        Response own = given().header("Origin", origin).get(service + "v1/identity");
        assertThat(own.statusCode()).as(origin + own.asString()).isEqualTo(200);
    }

    private static RequestSpecification browser(String cookie) {
        return given().cookie(COOKIE, cookie).contentType("text/plain");
    }

    private Response follow(String browser, String link) {
        return browser(browser)
                .body("{\"link\":\"%s\",\"writeKey\":\"%s\"}".formatted(link, Api.WRITE_KEY))
                .post("/v1/identity");
    }
}
