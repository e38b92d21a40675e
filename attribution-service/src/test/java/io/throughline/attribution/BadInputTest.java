package io.throughline.attribution;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import io.throughline.local.testing.EmbeddedInfrastructure;
import io.throughline.local.testing.Outages;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What callers get for mistakes of theirs, and while something is away. */
@QuarkusTest
@QuarkusTestResource(EmbeddedInfrastructure.class)
@QuarkusTestResource(value = Outages.class, restrictToAnnotatedClass = true)
class BadInputTest {

    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String CUSTOMER =
            "/api/customers/3c8b0a4e-0000-7000-8000-000000000001/decisions";

    /** Positions as this service writes them, in a year that the database does not know. */
    private static final String FAR_AWAY =
            "KzI5NDI3Ny0wMS0wMVQwMDowMDowMFovM2M4YjBhNGUtMDAwMC03MDAwLTgwMDAtMDAwMDAwMDAwMDAx";

    private static final String FAR_AWAY_TOO =
            "KzI5NDI3Ny0wMS0wMVQwMDowMDowMFovM2M4YjBhNGUtMDAwMC03MDAwLTgwMDAtMDAwMDAwMDAwMDAxL29wdF9vdXQ";

    @AfterEach
    void mend() {
        Outages.end();
    }

    @ParameterizedTest
    @CsvSource({
        "/api/customers/7/decisions, 400, id",
        "/api/customers/a%00b/decisions, 400, path",
        CUSTOMER + "?limit=abc, 400, limit",
        CUSTOMER + "?limit=0, 400, limit",
        CUSTOMER + "?cursor=AA, 400, cursor",
        CUSTOMER + "?cursor=" + FAR_AWAY + ", 400, cursor",
        "/api/reports/lift, 400, journey",
        "/api/reports/lift?journey=a%00b, 400, journey",
        "/api/reports/lift?journey=a&holdout=half, 400, holdout",
        "/api/reports/lift?journey=a&metric=joy, 400, metric",
        "/api/reports/attribution?from=yesterday, 400, from",
        "/api/reports/attribution?to=2026-13-01, 400, to",
        "/api/reports/attribution?to=-1000000000-01-01T00:00:00Z, 400, to",
        "/api/reports/assisted?to=%2B294277-01-01T00:00:00Z, 400, to",
        "/api/reports/funnel?from=1969-12-31, 400, from",
        "/api/reports/deliverability?from=2025-01-01&to=2026-03-01, 400, from",
        "/api/reports/lift?journey=a&from=2200-01-01, 400, from",
        "/api/reports/attribution?model=luck, 400, model",
        "/api/reports/attribution?lookback=week, 400, lookback",
        "/api/reports/attribution?touches=all, 400, touches",
        "/api/reports/suppression-misses?channel=pigeon, 400, channel",
        "/api/reports/suppression-misses?cursor=AA, 400, cursor",
        "/api/reports/suppression-misses?cursor=" + FAR_AWAY_TOO + ", 400, cursor",
        "/api/reports/suppression-misses?limit=0, 400, limit",
        "/api/reports/suppression-misses?journey=a%00b, 400, journey",
        "/api/reports/deliverability?journey=a%00b, 400, journey",
        "/api/reports/opt-outs?journey=a%00b, 400, journey",
        "/api/reports/opt-out-latency?from=yesterday, 400, from",
        "/nowhere, 404,",
    })
    void aMistakeIsNamed(String address, int status, String field) {
        Response response = viewer().get(address);
        assertThat(response.statusCode()).as(response.asString()).isEqualTo(status);
        assertThat(response.contentType()).startsWith("application/problem+json");
        assertThat(response.jsonPath().getString("field")).isEqualTo(field);
    }

    @ParameterizedTest
    @CsvSource({
        CUSTOMER,
        "/api/reports/attribution",
        "/api/reports/assisted",
        "/api/reports/lift?journey=a&holdout=0.1",
        "/api/reports/funnel?journey=a",
        "/api/reports/deliverability",
        "/api/reports/opt-outs",
        "/api/reports/suppression-misses",
        "/api/reports/opt-out-latency",
    })
    void whileTheDatabaseIsAwayAReaderIsAskedToComeBack(String address) {
        Outages.begin(Outages.Part.POSTGRESQL);
        Response response = viewer().get(address);
        assertThat(response.statusCode()).as(response.asString()).isEqualTo(503);
        assertThat(response.contentType()).startsWith("application/problem+json");
        assertThat(response.header("Retry-After")).isNotNull();
        Outages.end();
        await().atMost(SOON).until(() -> viewer().get(address).statusCode() < 500);
    }

    private static RequestSpecification viewer() {
        return given().urlEncodingEnabled(false).auth().preemptive().oauth2("local-admin-token");
    }
}
