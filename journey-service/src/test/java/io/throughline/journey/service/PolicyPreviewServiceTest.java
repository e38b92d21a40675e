package io.throughline.journey.service;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.throughline.contracts.CustomerId;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Previews of a policy over HTTP, the database and a channel service. */
@QuarkusTest
@QuarkusTestResource(StubNeighbours.class)
class PolicyPreviewServiceTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String ADMIN = "Bearer local-admin-token";
    private static final String PREVIEWS = "/api/contact-policy/previews";

    private static final String ONE_A_DAY =
            """
            {"caps":[{"scope":"global","max":1,"per":"P1D"}],"defaultTimeZone":"UTC",
             "consent":{"email":"opt-out","sms":"opt-out"},"optOutCoversTransactional":[],"silences":[]}
            """;
    private static final String WITHOUT_CAPS =
            """
            {"caps":[],"defaultTimeZone":"UTC","consent":{"email":"opt-out","sms":"opt-out"},
             "optOutCoversTransactional":[],"silences":[]}
            """;

    @Inject Pool pool;

    @AfterEach
    void forget() {
        StubNeighbours.HISTORY.clear();
    }

    @Test
    void itCountsWhatWouldBeStoppedAndTellsTheSameAgainAfterItsProcessWasLost() {
        given().header("Authorization", ADMIN)
                .contentType(ContentType.JSON)
                .body(WITHOUT_CAPS)
                .put("/api/contact-policy")
                .then()
                .statusCode(200);
        CustomerId ana = new CustomerId(UUID.randomUUID());
        execute("INSERT INTO customers (id) VALUES ($1)", ana.value());
        Instant noon = Instant.now().minus(Duration.ofDays(3));
        String second = UUID.randomUUID().toString();
        StubNeighbours.HISTORY.put(
                ana,
                List.of(
                        attempt(ana, UUID.randomUUID().toString(), noon),
                        attempt(ana, second, noon.plusSeconds(3600)),
                        attempt(ana, UUID.randomUUID().toString(), noon.plusSeconds(90_000))));

        Response started = ask("{\"days\":7,\"policy\":" + ONE_A_DAY + "}");
        started.then().statusCode(202);
        String at = started.header("Location");
        assertThat(at).contains(PREVIEWS);
        String id = started.jsonPath().getString("id");
        Response done = done(id);
        done.then()
                .body("progress", equalTo(1.0f))
                .body("report.totals.attempts", equalTo(3))
                .body("report.totals.stopped", equalTo(1))
                .body("report.changes.rule", hasItem("cap:global:P1D"))
                .body("report.changes[0].journey", equalTo("welcome"))
                .body("report.changes[0].stopped", equalTo(1))
                .body("report.examples[0].effect", equalTo("stopped"))
                .body("report.examples[0].messages[0].message", equalTo(second));

        execute(
                """
                UPDATE policy_previews
                   SET status = 'running', report = NULL, changed_at = now() - interval '2 minutes'
                 WHERE id = $1
                """,
                UUID.fromString(id));
        assertThat(done(id).asString()).isEqualTo(done.asString());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}                                     | 400 | policy",
                "[]                                     | 400 | body",
                "null                                   | 400 | body",
                "{\"policy\":null}                      | 400 | policy",
                "{\"policy\":POLICY,\"days\":\"x\"}     | 400 | days",
                "{\"policy\":POLICY,\"days\":1.5}       | 400 | days",
                "{\"policy\":POLICY,\"days\":99999999999} | 400 | days",
                "{\"policy\":POLICY,\"days\":0}         | 422 | days",
                "{\"policy\":POLICY,\"days\":91}        | 422 | days",
                "{\"policy\":POLICY,\"day\":9}          | 400 | day",
                "{\"policy\":{\"caps\":[]}}             | 422 | policy.defaultTimeZone",
                "{\"policy\":BROKEN}                 | 400 | policy.caps",
            })
    void aMistakeIsNamed(String body, int status, String field) {
        Response answer =
                ask(
                        body.replace("POLICY", ONE_A_DAY)
                                .replace(
                                        "BROKEN",
                                        WITHOUT_CAPS.replace("[],\"default", "7,\"default")));

        assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(status);
        assertThat(answer.contentType()).startsWith("application/problem+json");
        assertThat(answer.jsonPath().getList("errors.field", String.class)).contains(field);
    }

    private static Map<String, Object> attempt(CustomerId customer, String message, Instant at) {
        return Map.of(
                "customer",
                customer.toString(),
                "message",
                message,
                "channel",
                "email",
                "category",
                "marketing",
                "journey",
                "welcome",
                "at",
                at.toString());
    }

    private static Response ask(String body) {
        return given().header("Authorization", ADMIN)
                .contentType(ContentType.JSON)
                .body(body)
                .post(PREVIEWS);
    }

    private static Response done(String id) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            Response found = given().header("Authorization", ADMIN).get(PREVIEWS + "/" + id);
            String status = found.then().statusCode(200).extract().path("status");
            if (status.equals("done")) {
                return found;
            }
            assertThat(status).as(found.asString()).isIn("waiting", "running");
            assertThat(System.nanoTime()).as("done in time").isLessThan(end);
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
        }
    }

    private void execute(String statement, UUID id) {
        var unused = pool.preparedQuery(statement).execute(Tuple.of(id)).await().atMost(PATIENCE);
    }
}
