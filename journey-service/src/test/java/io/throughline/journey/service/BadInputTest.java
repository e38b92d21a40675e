package io.throughline.journey.service;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import io.throughline.local.testing.Outages;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What callers get for mistakes of theirs, and while something is away. */
@QuarkusTest
@QuarkusTestResource(value = Outages.class, restrictToAnnotatedClass = true)
class BadInputTest {

    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String POLICY =
            """
            {"caps":[],"defaultTimeZone":"UTC","consent":{"email":"opt-out"},
             "optOutCoversTransactional":[],"silences":[]}
            """;
    private static final String JOURNEY =
            """
            {"journey":"later","category":"service","entry":{"on":"E"},"steps":[{"wait":"PT1S"}]}
            """;

    @AfterEach
    void mend() {
        Outages.end();
    }

    @ParameterizedTest
    @CsvSource({
        "/api/journeys?limit=abc, 400, limit",
        "/api/journeys?limit=0, 400, limit",
        "/api/journeys?cursor=AA, 400, cursor",
        "/api/journeys/a%00b, 400, path",
        "/api/journeys/nothing, 404,",
        "/api/journeys/nothing?version=abc, 400, version",
        "/api/journeys/nothing?version=99999999999, 400, version",
        "/api/journeys/nothing?version=7, 404,",
        "/api/journeys/nothing/instances?limit=abc, 400, limit",
        "/api/journeys/nothing/instances?customer=7, 400, customer",
        "/api/journeys/nothing/instances?cursor=AA, 400, cursor",
        "/api/journeys/nothing/instances?status=a%00b, 400, status",
        "/api/dry-runs/7, 400, id",
        "/api/dry-runs/3c8b0a4e-0000-7000-8000-000000000001, 404,",
        "/api/contact-policy/previews/7, 400, id",
        "/api/contact-policy/previews/3c8b0a4e-0000-7000-8000-000000000001, 404,",
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
                "[] | 400 | body",
                "{ | 400 | body",
                "{\"caps\":[],\"defaultTimeZone\":\"UTC\",\"consent\":{\"fax\":\"opt-in\"},\"optOutCoversTransactional\":[],\"silences\":[]} | 422 | consent.fax",
                "{\"caps\":[],\"defaultTimeZone\":\"Europe/Nowhere\",\"consent\":{},\"optOutCoversTransactional\":[],\"silences\":[]} | 422 | defaultTimeZone",
                "{\"caps\":[{\"scope\":\"global\",\"max\":\"3\",\"per\":\"P1D\"}],\"defaultTimeZone\":\"UTC\",\"consent\":{},\"optOutCoversTransactional\":[],\"silences\":[]} | 400 | caps[0].max",
                "{\"caps\":[{\"scope\":\"global\",\"max\":1.5,\"per\":\"P1D\"}],\"defaultTimeZone\":\"UTC\",\"consent\":{},\"optOutCoversTransactional\":[],\"silences\":[]} | 400 | caps[0].max",
                "{\"caps\":[{\"scope\":\"global\",\"max\":1,\"per\":5}],\"defaultTimeZone\":\"UTC\",\"consent\":{},\"optOutCoversTransactional\":[],\"silences\":[]} | 400 | caps[0].per",
                "{\"caps\":[{\"scope\":\"x\",\"max\":1,\"per\":\"P1D\"}],\"defaultTimeZone\":\"UTC\",\"consent\":{},\"optOutCoversTransactional\":[],\"silences\":[]} | 422 | caps[0].scope",
                "{\"caps\":[],\"minimumGap\":5,\"defaultTimeZone\":\"UTC\",\"consent\":{},\"optOutCoversTransactional\":[],\"silences\":[]} | 400 | minimumGap",
            })
    void aPolicyThatCannotBeReadIsNamed(String body, int status, String field) {
        assertProblem(put("/api/contact-policy", body), status, field);
    }

    @Test
    void aPolicyWhoseLengthIsNotKnownMayBeEmptyToo() throws Exception {
        assertThat(Raw.chunked("PUT /api/contact-policy", "local-admin-token", ""))
                .startsWith("HTTP/1.1 400")
                .contains("\"field\":\"body\"");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                " | 400 | body",
                "{ | 400 | document",
                "{\"journey\":\"other\",\"category\":\"service\",\"entry\":{\"on\":\"E\"},\"steps\":[{\"wait\":\"PT1S\"}]} | 422 | journey",
                "{\"journey\":\"bad\",\"category\":\"service\",\"entry\":{\"on\":\"E\"},\"steps\":[{\"wait\":\"soon\"}]} | 422 | steps[0].wait",
                "{\"journey\":\"bad\",\"category\":\"service\",\"entry\":{\"on\":\"E\"},\"steps\":[{\"teleport\":1}]} | 422 | steps[0].teleport",
                "{\"journey\":\"bad\",\"category\":\"service\",\"entry\":{\"on\":\"E\",\"when\":\"1 +\"},\"steps\":[{\"wait\":\"PT1S\"}]} | 422 | entry.when",
                "{\"journey\":\"bad\",\"category\":\"service\",\"entry\":{\"on\":\"E\",\"when\":\"1 + 1\"},\"steps\":[{\"wait\":\"PT1S\"}]} | 422 | entry.when",
                "{\"journey\":\"bad\",\"category\":\"service\",\"entry\":{\"on\":\"A\\u0000B\"},\"steps\":[{\"wait\":\"PT1S\"}]} | 422 | entry.on",
                "{\"journey\":\"bad\",\"category\":\"service\",\"entry\":{\"on\":\"E\"},\"steps\":[{\"send\":{\"channel\":\"sms\",\"template\":\"missing\"}}]} | 422 | steps[0].send.template",
            })
    void aJourneyThatCannotBeReadIsNamed(String body, int status, String field) {
        assertProblem(put("/api/journeys/bad", body), status, field);
    }

    @ParameterizedTest
    @CsvSource({
        "/api/journeys",
        "/api/journeys/nothing",
        "/api/journeys/nothing/instances",
        "/api/contact-policy",
        "/api/dry-runs/3c8b0a4e-0000-7000-8000-000000000001",
    })
    void whileTheDatabaseIsAwayAReaderIsAskedToComeBack(String address) {
        Outages.begin(Outages.Part.POSTGRESQL);
        assertAway(admin().get(address));
        Outages.end();
        awaitMended(address);
    }

    @Test
    void whileTheDatabaseIsAwayNothingIsPut() {
        Outages.begin(Outages.Part.POSTGRESQL);
        assertAway(put("/api/contact-policy", POLICY));
        assertAway(put("/api/journeys/later", JOURNEY));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/api/journeys/nothing/activate | null | 404 |",
                "/api/journeys/nothing/activate | {\"version\":1.5} | 400 | version",
                "/api/journeys/nothing/dry-runs | null | 404 |",
                "/api/journeys/nothing/dry-runs | {\"days\":1.5} | 400 | days",
            })
    void anOrderThatCannotBeReadIsNamed(String address, String body, int status, String field) {
        assertProblem(
                admin().contentType(ContentType.JSON).body(body).post(address), status, field);
    }

    private static Response put(String address, String body) {
        RequestSpecification request = admin().contentType(ContentType.JSON);
        return body == null ? request.put(address) : request.body(body).put(address);
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
