package io.throughline.identity.http;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import io.throughline.local.testing.EmbeddedInfrastructure;
import io.throughline.local.testing.Outages;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What callers get for mistakes of theirs, and while something is away. */
@QuarkusTest
@QuarkusTestResource(EmbeddedInfrastructure.class)
@QuarkusTestResource(value = Outages.class, restrictToAnnotatedClass = true)
class BadInputTest {

    private static final String CUSTOMER = "3c8b0a4e-0000-7000-8000-000000000001";

    @AfterEach
    void mend() {
        Outages.end();
    }

    @ParameterizedTest
    @CsvSource({
        "/api/customers?identifier=email:a%00b, 400, identifier",
        "/api/customers, 400, identifier",
        "/api/customers?identifier=nobody, 400, identifier",
        "/api/customers/7, 400, id",
        "/api/customers/a%00b, 400, path",
        "/api/customers/" + CUSTOMER + ", 404,",
        "/api/customers/" + CUSTOMER + "/timeline?limit=abc, 400, limit",
        "/api/customers/" + CUSTOMER + "/timeline?limit=0, 400, limit",
        "/api/customers/" + CUSTOMER + "/timeline?cursor=AA, 400, cursor",
        "/api/customers/" + CUSTOMER + "/timeline?cursor=zzz, 400, cursor",
        "/api/customers/"
                + CUSTOMER
                + "/timeline?cursor=KzI5NDI3Ny0wMS0wMVQwMDowMDowMFovNw, 400, cursor",
        "/api/imports?cursor=KzI5NDI3Ny0wMS0wMVQwMDowMDowMFovM2M4YjBhNGUtMDAwMC03MDAwLTgwMDAtMDAwMDAwMDAwMDAx, 400, cursor",
        "/api/erasures?cursor=KzI5NDI3Ny0wMS0wMVQwMDowMDowMFovM2M4YjBhNGUtMDAwMC03MDAwLTgwMDAtMDAwMDAwMDAwMDAx, 400, cursor",
        "/nowhere, 404,",
    })
    void aMistakeIsNamed(String address, int status, String field) {
        assertProblem(admin().get(address), status, field);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                " | 400 | body",
                "null | 400 | body",
                "{ | 400 | body",
                "[] | 400 | body",
                "{\"identifer\":\"user_id:u\"} | 400 | identifer",
                "{\"identifier\":\"user_id:a\\u0000b\",\"channel\":\"sms\",\"state\":\"opted_out\",\"source\":\"t\"} | 400 | identifier",
                "{\"identifier\":\"user_id:u\",\"channel\":\"fax\",\"state\":\"opted_out\",\"source\":\"t\"} | 422 | channel",
            })
    void aConsentThatCannotBeReadIsNamed(String body, int status, String field) {
        Response response = body == null ? consents().put() : consents().body(body).put();
        assertProblem(response, status, field);
    }

    @Test
    void anEventWithACharacterThatCannotBeStoredInItsKeyIsRefused() {
        assertProblem(
                given().urlEncodingEnabled(false)
                        .contentType(ContentType.JSON)
                        .body("{\"userId\":\"u\",\"event\":\"E\"}")
                        .post("/v1/track?writeKey=a%00b"),
                400,
                "writeKey");
    }

    @ParameterizedTest
    @CsvSource({
        "/api/customers?identifier=email:ana@example.com",
        "/api/customers/" + CUSTOMER,
        "/api/customers/" + CUSTOMER + "/identifiers",
        "/api/customers/" + CUSTOMER + "/consents",
        "/api/customers/" + CUSTOMER + "/timeline",
    })
    void whileTheDatabaseIsAwayAReaderIsAskedToComeBack(String address) {
        Outages.begin(Outages.Part.POSTGRESQL);
        assertAway(admin().get(address));
        Outages.end();
        await().atMost(Api.SOON).until(() -> admin().get(address).statusCode() < 500);
    }

    @Test
    void whileTheDatabaseIsAwayAnUnknownWriteKeyMayBeTriedAgain() {
        Outages.begin(Outages.Part.POSTGRESQL);
        assertAway(
                given().auth()
                        .preemptive()
                        .basic("key-" + UUID.randomUUID(), "")
                        .body("{\"userId\":\"u\",\"event\":\"E\"}")
                        .post("/v1/track"));
    }

    @ParameterizedTest
    @CsvSource({"POSTGRESQL", "REDIS"})
    void aConsentThatCannotBeTakenIsAskedForAgain(Outages.Part part) {
        String body =
                """
                {"identifier":"user_id:%s","channel":"sms","state":"opted_out","source":"test"}
                """
                        .formatted(UUID.randomUUID());
        Outages.begin(part);
        assertAway(consents().body(body).put());
        Outages.end();
        await().atMost(Api.SOON).until(() -> consents().body(body).put().statusCode() == 200);
    }

    private static RequestSpecification admin() {
        return given().urlEncodingEnabled(false).auth().preemptive().oauth2(Api.ADMIN_TOKEN);
    }

    private static RequestSpecification consents() {
        return admin().contentType(ContentType.JSON).basePath("/api/consents");
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
