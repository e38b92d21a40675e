package io.throughline.channel.service;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import io.throughline.channel.link.LinkTokens;
import io.throughline.channel.link.LinkTokens.Purpose;
import io.throughline.contracts.MessageId;
import io.throughline.local.testing.Outages;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What callers get for mistakes of theirs, and while something is away. */
@QuarkusTest
@QuarkusTestResource(value = Outages.class, restrictToAnnotatedClass = true)
class BadInputTest {

    private static final Duration SOON = Duration.ofSeconds(20);

    @Inject Pool pool;
    @Inject LinkTokens tokens;

    @AfterEach
    void mend() {
        Outages.end();
    }

    @ParameterizedTest
    @CsvSource({
        "/api/templates/a%00b, 400, path",
        "/api/templates/nothing, 404,",
        "/api/templates?cursor=AA, 400, cursor",
        "/api/templates?cursor=a%00b, 400, cursor",
        "/api/templates?limit=abc, 400, limit",
        "/api/templates?limit=1000, 400, limit",
        "/api/messages?limit=abc, 400, limit",
        "/api/messages?cursor=AA, 400, cursor",
        "/api/messages?cursor=KzI5NDI3Ny0wMS0wMVQwMDowMDowMFovM2M4YjBhNGUtMDAwMC03MDAwLTgwMDAtMDAwMDAwMDAwMDAx, 400, cursor",
        "/api/messages?state=lost, 400, state",
        "/api/messages?customer=7, 400, customer",
        "/api/messages/7, 400, id",
        "/c/a%00b, 400, path",
        "/o/a%00b, 400, path",
        "/u/a%00b, 400, path",
        "/c/unknown, 404,",
        "/nowhere, 404,",
    })
    void aMistakeIsNamed(String address, int status, String field) {
        assertProblem(admin().get(address), status, field);
    }

    @ParameterizedTest
    @CsvSource({"/c/a%00b", "/api/templates/a%00b", "/webhooks/a%00b"})
    void anAddressThatNobodyCanMeanIsRefusedToStrangersToo(String address) {
        assertProblem(given().urlEncodingEnabled(false).get(address), 400, "path");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                " | 400 | body",
                "{ | 400 | body",
                "{} | 400 | variants",
                "null | 400 | variants",
                "{\"variants\":[null]} | 400 | variants[0].channel",
                "{\"variants\":[{\"channel\":\"fax\",\"text\":\"x\"}]} | 400 | variants[0].channel",
                "{\"variants\":[{\"channel\":\"sms\",\"text\":\"a\\u0000b\"}]} | 400 | variants[0].text",
            })
    void aTemplateThatCannotBeReadIsNamed(String body, int status, String field) {
        RequestSpecification request = admin().contentType(ContentType.JSON);
        Response response =
                body == null
                        ? request.put("/api/templates/bad")
                        : request.body(body).put("/api/templates/bad");
        assertProblem(response, status, field);
    }

    @Test
    void aClickLeadsOnWhereverTheTemplateSaid() {
        MessageId message = new MessageId(UUID.randomUUID());
        String url = "https://shop.example/list?colour=red|blue";
        String token = tokens.clickToken(message, url);
        pool.preparedQuery(
                        "INSERT INTO links (token, message, url, created_at) VALUES ($1, $2, $3, now())")
                .execute(Tuple.of(token, message.value(), url))
                .await()
                .atMost(SOON);
        given().redirects()
                .follow(false)
                .get("/c/" + token)
                .then()
                .statusCode(302)
                .header("Location", "https://shop.example/list?colour=red%7Cblue");
    }

    @ParameterizedTest
    @CsvSource({
        "/api/channels",
        "/api/templates",
        "/api/templates/cart",
        "/api/messages",
        "/api/messages/3c8b0a4e-0000-7000-8000-000000000001",
        "/c/AAAAAAAAAAAAAAAAAAAAAA",
    })
    void whileTheDatabaseIsAwayAReaderIsAskedToComeBack(String address) {
        Outages.begin(Outages.Part.POSTGRESQL);
        assertAway(admin().get(address));
        Outages.end();
        awaitMended(address);
    }

    @Test
    void whileTheDatabaseIsAwayNothingIsPut() {
        String body = "{\"variants\":[{\"channel\":\"sms\",\"text\":\"x\"}]}";
        Outages.begin(Outages.Part.POSTGRESQL);
        assertAway(admin().contentType(ContentType.JSON).body(body).put("/api/templates/later"));
    }

    @ParameterizedTest
    @CsvSource({"/u/", "/o/"})
    void whileTheDatabaseIsAwayALinkMayBeTriedAgain(String path) {
        Purpose purpose = path.equals("/u/") ? Purpose.UNSUBSCRIBE : Purpose.OPEN;
        String token = tokens.issue(purpose, new MessageId(UUID.randomUUID()), Instant.now());
        Outages.begin(Outages.Part.POSTGRESQL);
        assertAway(given().get(path + token));
    }

    @Test
    void whileTheDatabaseIsAwayACustomerIsToldInAPage() {
        String token =
                tokens.issue(Purpose.UNSUBSCRIBE, new MessageId(UUID.randomUUID()), Instant.now());
        Outages.begin(Outages.Part.POSTGRESQL);
        Response response = given().accept("text/html").post("/u/" + token);
        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(response.contentType()).startsWith("text/html");
        assertThat(response.asString()).contains("This cannot be done right now");
    }

    private static void awaitMended(String address) {
        Instant deadline = Instant.now().plus(SOON);
        while (admin().get(address).statusCode() >= 500) {
            assertThat(Instant.now()).isBefore(deadline);
        }
    }

    private static RequestSpecification admin() {
        return given().urlEncodingEnabled(false).auth().preemptive().oauth2("local-admin-token");
    }

    private static void assertProblem(Response response, int status, String field) {
        assertThat(response.statusCode()).as(response.asString()).isEqualTo(status);
        assertThat(response.contentType()).startsWith("application/problem+json");
        assertThat(response.jsonPath().getString("field")).isEqualTo(field);
    }

    private static void assertAway(Response response) {
        assertThat(response.statusCode()).as(response.asString()).isEqualTo(503);
        assertThat(response.contentType()).startsWith("application/problem+json");
        assertThat(response.header("Retry-After")).isNotNull();
    }
}
