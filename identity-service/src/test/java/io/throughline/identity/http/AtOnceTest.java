package io.throughline.identity.http;

import static io.restassured.RestAssured.given;
import static io.throughline.identity.http.Api.SOON;
import static io.throughline.identity.http.Api.accepted;
import static io.throughline.identity.http.Api.admin;
import static io.throughline.identity.http.Api.awaitId;
import static io.throughline.identity.http.Api.awaitTimeline;
import static io.throughline.identity.http.Api.holding;
import static io.throughline.identity.http.Api.idOf;
import static io.throughline.identity.http.Api.json;
import static io.throughline.identity.http.Api.kinds;
import static io.throughline.identity.http.Api.ok;
import static io.throughline.identity.http.Api.send;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.throughline.contracts.Channel;
import io.throughline.governance.ContactGate;
import io.throughline.local.testing.EmbeddedInfrastructure;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Work on the same customers at the same time; a lock that the test holds says what is when. */
@QuarkusTest
@QuarkusTestResource(EmbeddedInfrastructure.class)
class AtOnceTest {

    @Inject ContactGate gate;
    @Inject Pool pool;

    private String who = "";

    @BeforeEach
    void somebodyElse() {
        who = UUID.randomUUID().toString();
    }

    @Test
    void anOptOutIsTakenThoughItsCustomerIsMergedAwayMeanwhile() throws Exception {
        accepted("track", "{\"userId\":\"old-%s\",\"event\":\"x\"}".formatted(who));
        String old = settled("user_id:old-" + who);
        accepted("identify", identify("\"anonymousId\":\"y-%1$s\""));
        String young = settled("email:" + email());
        assertThat(young).isGreaterThan(old);

        try (ExecutorService others = Executors.newFixedThreadPool(2);
                Lock held = new Lock(young)) {
            Future<Response> merge =
                    others.submit(() -> send("identify", identify("\"userId\":\"old-%1$s\"")));
            held.awaitWaiting(1);
            Future<Response> optOut = others.submit(this::optOut);
            held.awaitWaiting(2);
            held.release();
            assertThat(merge.get().statusCode()).isEqualTo(200);
            assertThat(optOut.get().statusCode()).as(optOut.get().asString()).isEqualTo(200);
        }

        assertThat(idOf("email:" + email())).isEqualTo(old);
        assertThat(stopped(email())).isTrue();
    }

    @Test
    void anOptOutIsTakenThoughTheDatabaseEndsItBecauseOfADeadlock() throws Exception {
        Response taken = inADeadlock(this::optOut);
        assertThat(taken.statusCode()).as(taken.asString()).isEqualTo(200);
        assertThat(stopped(email())).isTrue();
    }

    @Test
    void anIdentifierIsUnlinkedThoughTheDatabaseEndsItBecauseOfADeadlock() throws Exception {
        Response unlinked =
                inADeadlock(() ->
                        admin().delete(
                                        "/api/customers/%s/identifiers/email:%s"
                                                .formatted(idOf("user_id:a-" + who), email())));
        assertThat(unlinked.statusCode()).as(unlinked.asString()).isEqualTo(200);
    }

    /** Who waits for the lock does not know of the customer who is made under it. */
    @Test
    void whatIsUnlinkedStaysWithWhomeverItWentToThoughAnEventIsUnderWay() throws Exception {
        accepted("identify", identify("\"userId\":\"a-%1$s\""));
        String ana = settled("user_id:a-" + who);
        assertThat(optOut().statusCode()).isEqualTo(200);
        String address = "/api/customers/%s/identifiers/email:%s".formatted(ana, email());
        String event = "{\"userId\":\"a-%1$s\",\"anonymousId\":\"d-%1$s\"}".formatted(who);

        try (ExecutorService others = Executors.newFixedThreadPool(2);
                Lock held = new Lock(ana)) {
            Future<Response> unlinked = others.submit(() -> admin().delete(address));
            held.awaitWaiting(1);
            Future<Response> named = others.submit(() -> send("identify", event));
            held.awaitWaiting(2);
            held.release();
            String other = ok(unlinked.get()).path("other").asText();
            assertThat(named.get().statusCode()).isEqualTo(200);
            assertThat(other).isNotEqualTo(ana);
            assertThat(idOf("email:" + email())).isEqualTo(other);
        }
    }

    /** What goes to the gate before the commit would else be there and nowhere else. */
    @Test
    void cancellingAnImportWaitsForThePortionThatIsUnderWay() throws Exception {
        accepted("identify", identify("\"userId\":\"a-%1$s\""));
        String known = settled("user_id:a-" + who);
        String file =
                "user_id,email,consent.email\nb-%1$s,b-%1$s@example.com,opted_out\na-%1$s,,\n"
                        .formatted(who);

        try (ExecutorService others = Executors.newFixedThreadPool(1);
                Lock held = new Lock(known)) {
            Response begun =
                    given().auth()
                            .preemptive()
                            .oauth2(Api.ADMIN_TOKEN)
                            .contentType("text/csv")
                            .body(file.getBytes(StandardCharsets.UTF_8))
                            .post("/api/imports?source=crm");
            assertThat(begun.statusCode()).as(begun.asString()).isEqualTo(202);
            held.awaitWaiting(1);
            String address = "/api/imports/" + json(begun).path("id").asText();
            Future<Response> cancelled = others.submit(() -> admin().delete(address));
            await().atMost(SOON).until(() -> cancelled.isDone() || held.waiting() > 1);
            held.release();
            assertThat(cancelled.get().statusCode()).isEqualTo(204);
            assertThat(ok(admin().get(address)).path("state").asText()).isEqualTo("cancelled");
        }

        await().atMost(SOON).until(() -> stopped("b-" + email()));
        assertThat(holding("email:b-" + email())).hasSize(1);
        String taken = idOf("email:b-" + email());
        assertThat(
                        ok(admin().get("/api/customers/" + taken + "/consents"))
                                .path("current")
                                .findValuesAsText("state"))
                .containsExactly("opted_out");
    }

    /**
     * Two customers who are connected, and work on the one that comes to need the other; the test
     * has the other and then wants the one.
     */
    private Response inADeadlock(Supplier<Response> work) throws Exception {
        accepted("identify", identify("\"userId\":\"a-%1$s\""));
        String one = settled("user_id:a-" + who);
        accepted("identify", identify("\"userId\":\"b-%1$s\""));
        String other = settled("user_id:b-" + who);
        assertThat(idOf("email:" + email())).isEqualTo(one);
        try (ExecutorService others = Executors.newFixedThreadPool(1);
                Lock held = new Lock(other)) {
            Future<Response> done = others.submit(work::get);
            held.awaitWaiting(1);
            // Who waits for longest finds the circle, a second after it began to, and is ended.
            held.lock(one);
            held.release();
            return done.get();
        }
    }

    /** A customer with one event, of whom no reader of the log has anything to do any more. */
    private static String settled(String identifier) {
        String customer = awaitId(identifier);
        awaitTimeline(
                customer,
                entries -> assertThat(kinds(entries)).filteredOn("event"::equals).hasSize(1));
        return customer;
    }

    private Response optOut() {
        return admin().body("{\"identifier\":\"email:%s\",\"source\":\"desk\"}".formatted(email()))
                .post("/api/opt-outs");
    }

    private String identify(String named) {
        return ("{" + named + ",\"traits\":{\"email\":\"%1$s@example.com\"}}").formatted(who);
    }

    private String email() {
        return who + "@example.com";
    }

    private boolean stopped(String email) {
        return gate.addressOptedOut(Channel.EMAIL, List.of(email)).await().atMost(SOON).getFirst();
    }

    /** A transaction of the test's own that has customers locked. */
    private final class Lock implements AutoCloseable {

        private final SqlConnection connection = pool.getConnection().await().atMost(SOON);
        private final int process;

        Lock(String customer) {
            run("BEGIN");
            process =
                    connection
                            .query("SELECT pg_backend_pid() AS pid")
                            .execute()
                            .await()
                            .atMost(SOON)
                            .iterator()
                            .next()
                            .getInteger("pid");
            lock(customer);
        }

        void lock(String customer) {
            RowSet<Row> locked =
                    connection
                            .preparedQuery("SELECT id FROM customers WHERE id = $1 FOR UPDATE")
                            .execute(Tuple.of(UUID.fromString(customer)))
                            .await()
                            .atMost(SOON);
            assertThat(locked.rowCount()).isEqualTo(1);
        }

        /** How many wait for this one, or for somebody who does. */
        long waiting() {
            return pool.preparedQuery(
                            """
                            WITH RECURSIVE waiting (pid) AS (
                              SELECT $1::integer
                              UNION
                              SELECT a.pid FROM pg_stat_activity a JOIN waiting w
                                     ON w.pid = ANY(pg_blocking_pids(a.pid)))
                            SELECT count(*) - 1 AS others FROM waiting
                            """)
                    .execute(Tuple.of(process))
                    .await()
                    .atMost(SOON)
                    .iterator()
                    .next()
                    .getLong("others");
        }

        void awaitWaiting(long others) {
            await().atMost(SOON)
                    .pollInterval(Duration.ofMillis(10))
                    .until(() -> waiting() >= others);
        }

        void release() {
            run("COMMIT");
        }

        @Override
        public void close() {
            connection.close().await().atMost(SOON);
        }

        private void run(String statement) {
            assertThat(connection.query(statement).execute().await().atMost(SOON)).isNotNull();
        }
    }
}
