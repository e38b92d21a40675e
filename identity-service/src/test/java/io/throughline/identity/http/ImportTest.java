package io.throughline.identity.http;

import static io.restassured.RestAssured.given;
import static io.throughline.identity.http.Api.SOON;
import static io.throughline.identity.http.Api.admin;
import static io.throughline.identity.http.Api.holding;
import static io.throughline.identity.http.Api.idOf;
import static io.throughline.identity.http.Api.json;
import static io.throughline.identity.http.Api.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import io.throughline.contracts.Channel;
import io.throughline.governance.ContactGate;
import io.throughline.local.testing.EmbeddedInfrastructure;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files of customers, taken in. */
@QuarkusTest
@QuarkusTestResource(EmbeddedInfrastructure.class)
class ImportTest {

    @Inject ContactGate gate;

    private String who = "";

    @BeforeEach
    void somebodyElse() {
        who = UUID.randomUUID().toString().replace("-", "");
    }

    @Test
    void aFileIsTakenInAndWhatIsWrongWithItComesBack() {
        JsonNode done =
                taken(
                        """
                        user_id,email,trait.plan,consent.email,consent_at
                        u-%1$s,%1$s@example.com,gold,opted_in,2025-03-01
                        ,b-%1$s@example.com,,opted_out,
                        null,,silver,,
                        u-c-%1$s,,,opted_in,
                        """
                                .formatted(who),
                        "");
        assertThat(done.path("rows").asInt()).isEqualTo(4);
        assertThat(done.path("rejected").asInt()).isEqualTo(2);
        assertThat(done.path("customersCreated").asInt()).isEqualTo(2);
        assertThat(done.path("consents").asInt()).isEqualTo(2);
        assertThat(done.path("progress").asDouble()).isEqualTo(1);

        JsonNode ana = holding("user_id:u-" + who).path(0);
        assertThat(ana.path("traits").path("plan").asText()).isEqualTo("gold");
        assertThat(ana.path("addresses").path("email").asText()).isEqualTo(who + "@example.com");
        JsonNode consents =
                ok(admin().get("/api/customers/" + ana.path("id").asText() + "/consents"));
        assertThat(consents.path("current").path(0).path("state").asText()).isEqualTo("opted_in");
        assertThat(consents.path("ledger").path(0).path("occurredAt").asText())
                .isEqualTo("2025-03-01T00:00:00Z");
        assertThat(consents.path("ledger").path(0).path("recordedBy").asText())
                .isEqualTo("import " + done.path("id").asText());
        assertThat(stopped("b-" + who + "@example.com")).isTrue();

        String rejected =
                admin().get("/api/imports/" + done.path("id").asText() + "/rejected").asString();
        assertThat(rejected.lines().toList())
                .hasSize(3)
                .first()
                .isEqualTo("user_id,email,trait.plan,consent.email,consent_at,rejected_because");
        assertThat(rejected).contains("null,,silver,,,").contains("an opt-in needs to say when");
    }

    @Test
    void whatWasCorrectedCanBeImportedAsItCameBack() {
        JsonNode first = taken("email,trait.age:number\n%s@example.com,old\n".formatted(who), "");
        String rejected =
                admin().get("/api/imports/" + first.path("id").asText() + "/rejected").asString();
        JsonNode second = taken(rejected.replace(",old,", ",42,"), "");
        assertThat(second.path("rejected").asInt()).isZero();
        assertThat(
                        holding("email:" + who + "@example.com")
                                .path(0)
                                .path("traits")
                                .path("age")
                                .asInt())
                .isEqualTo(42);
    }

    @Test
    void aDryRunLooksAtEverythingAndKeepsNothing() {
        JsonNode done =
                taken(
                        "email,consent.email\n%1$s@example.com,opted_out\nnobody,\n".formatted(who),
                        "&dryRun=true");
        assertThat(done.path("rows").asInt()).isEqualTo(2);
        assertThat(done.path("rejected").asInt()).isEqualTo(1);
        assertThat(done.path("customersCreated").asInt()).isEqualTo(1);
        assertThat(holding("email:" + who + "@example.com")).isEmpty();
        assertThat(stopped(who + "@example.com")).isFalse();
    }

    @Test
    void anOlderOptInLiftsNoStopThatCameAfterIt() {
        String email = who + "@example.com";
        ok(
                admin().body(
                                """
                                {"identifier":"email:%s","channel":"email","state":"opted_out","source":"x"}\
                                """
                                        .formatted(email))
                        .put("/api/consents"));
        taken(
                "email,consent.email\n%s,opted_in\n".formatted(email),
                "&consentAt=2025-01-01T00:00:00Z");
        assertThat(stopped(email)).isTrue();
        JsonNode consents =
                ok(admin().get("/api/customers/" + idOf("email:" + email) + "/consents"));
        assertThat(consents.path("current").path(0).path("state").asText()).isEqualTo("opted_out");
        assertThat(consents.path("ledger")).hasSize(2);
    }

    /**
     * Known in time, the opt-in would have been the other's, and the merge would have kept the
     * stop.
     */
    @Test
    void anOptInFromBeforeAMergeLiftsNoStopThatTheMergeKept() {
        String ana = "ana-" + who + "@example.com";
        String bea = "bea-" + who + "@example.com";
        taken("email\n%s\n".formatted(ana), "");
        said("email:" + bea, "opted_out");
        Instant between = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        String customer = idOf("email:" + ana);
        ok(
                admin().body("{\"identifier\":\"email:" + bea + "\"}")
                        .post("/api/customers/" + customer + "/identifiers"));
        assertThat(idOf("email:" + bea)).isEqualTo(customer);

        taken("email,consent.email\n%s,opted_in\n".formatted(ana), "&consentAt=" + between);

        assertThat(state(customer)).isEqualTo("opted_out");
        assertThat(stopped(bea)).isTrue();
        said("email:" + ana, "opted_in");
        assertThat(state(customer)).isEqualTo("opted_in");
    }

    /**
     * The same opt-in of her who had opted out is her last word, and the other has said nothing.
     */
    @Test
    void anOptInFromBeforeAMergeIsHersWhoHadTheAddressThen() {
        String ana = "ana-" + who + "@example.com";
        String bea = "bea-" + who + "@example.com";
        taken("email\n%s\n".formatted(ana), "");
        said("email:" + bea, "opted_out");
        String customer = idOf("email:" + ana);
        Instant between = Instant.now().plusMillis(1).truncatedTo(ChronoUnit.MILLIS);
        await().atMost(SOON).until(() -> Instant.now().isAfter(between.plusMillis(1)));
        ok(
                admin().body("{\"identifier\":\"email:" + bea + "\"}")
                        .post("/api/customers/" + customer + "/identifiers"));

        taken("email,consent.email\n%s,opted_in\n".formatted(bea), "&consentAt=" + between);

        assertThat(state(customer)).isEqualTo("opted_in");
    }

    private void said(String identifier, String state) {
        ok(
                admin().body(
                                """
                                {"identifier":"%s","channel":"email","state":"%s","source":"x"}\
                                """
                                        .formatted(identifier, state))
                        .put("/api/consents"));
    }

    private static String state(String customer) {
        return ok(admin().get("/api/customers/" + customer + "/consents"))
                .path("current")
                .path(0)
                .path("state")
                .asText();
    }

    /** The row comes back, so that nothing is dropped without being said. */
    @Test
    void whoWasErasedIsNotMessagedAgainBecauseAFileSaysSo() {
        String email = who + "@example.com";
        taken("email,trait.name\n%s,Ana\n".formatted(email), "");
        String customer = idOf("email:" + email);
        assertThat(admin().delete("/api/customers/" + customer).statusCode()).isEqualTo(202);
        JsonNode done =
                taken("email,consent.email\n%s,opted_in\n".formatted(email), "&consentAt=" + now());
        assertThat(done.path("rejected").asInt()).isEqualTo(1);
        JsonNode without = taken("email,trait.name\n%s,Ana\n".formatted(email), "");
        assertThat(without.path("rejected").asInt()).isZero();
        assertThat(idOf("email:" + email)).isNotEqualTo(customer);
        assertThat(stopped(email)).isTrue();
    }

    /** The file was announced before she was erased, and is taken in after it. */
    @Test
    void whoWasErasedMeanwhileIsNotBroughtBackByAFileFromBefore() {
        String email = who + "@example.com";
        taken("email,trait.name\n%s,Ana\n".formatted(email), "");
        String opened =
                json(admin().body("{\"format\":\"csv\",\"source\":\"crm\"}").post("/api/imports"))
                        .path("id")
                        .asText();
        String address = "/api/imports/" + opened;
        byte[] file =
                "email,trait.name,consent.email\n%1$s,Ana,opted_out\nb-%1$s,Bea,opted_out\n"
                        .formatted(email)
                        .getBytes(StandardCharsets.UTF_8);
        assertThat(file().body(file).put(address + "/parts/0").statusCode()).isEqualTo(204);
        assertThat(admin().delete("/api/customers/" + idOf("email:" + email)).statusCode())
                .isEqualTo(202);
        assertThat(admin().post(address + "/start").statusCode()).isEqualTo(202);

        assertThat(finished(address).path("rejected").asInt()).isEqualTo(1);
        assertThat(holding("email:" + email)).isEmpty();
        assertThat(holding("email:b-" + email)).hasSize(1);
        assertThat(admin().get(address + "/rejected").asString())
                .contains("was erased after this file was announced")
                .doesNotContain("Ana")
                .doesNotContain(who);
    }

    @Test
    void anErasureRemovesRejectedRowsThatNameHer() {
        String phone = "6" + ThreadLocalRandom.current().nextInt(10_000_000, 99_999_999);
        JsonNode done =
                taken(
                        """
                        user_id,email,phone,trait.age:number
                        %1$s,%1$s@example.com,+34%2$s,7
                        ,%3$s@EXAMPLE.com,,by-address
                        ,,%4$s %5$s,by-number
                        %1$s,,,by-name
                        x%1$s,,,another
                        """
                                .formatted(
                                        who,
                                        phone,
                                        who.toUpperCase(Locale.ROOT),
                                        phone.substring(0, 3),
                                        phone.substring(3)),
                        "&region=ES");
        String rejected = "/api/imports/" + done.path("id").asText() + "/rejected";
        assertThat(admin().get(rejected).asString())
                .contains("by-address", "by-number", "by-name", "another");

        assertThat(admin().delete("/api/customers/" + idOf("user_id:" + who)).statusCode())
                .isEqualTo(202);

        assertThat(admin().get(rejected).asString())
                .doesNotContain("by-address", "by-number", "by-name")
                .contains("another");
    }

    private static String now() {
        return Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    }

    @Test
    void rowsThatNameTheSamePersonMakeOneCustomer() {
        taken(
                """
                {"identifiers":{"user_id":"%1$s"},"traits":{"a":1}}
                {"identifiers":{"email":"%1$s@example.com"},"traits":{"b":2}}
                {"identifiers":["user_id:%1$s","email:%1$s@example.com"]}
                """
                        .formatted(who),
                "application/x-ndjson",
                "");
        JsonNode customer = holding("user_id:" + who).path(0);
        assertThat(customer.path("traits").path("a").asInt()).isEqualTo(1);
        assertThat(customer.path("traits").path("b").asInt()).isEqualTo(2);
        assertThat(customer.path("identifiers")).hasSize(2);
    }

    @Test
    void aFileThatCameBackTwiceIsStillOne() {
        String file = "email,trait.age:number\n%s@example.com,old\n".formatted(who);
        for (int i = 0; i < 3; i++) {
            JsonNode done = taken(file, "");
            assertThat(done.path("rejected").asInt()).isEqualTo(1);
            file = admin().get("/api/imports/" + done.path("id").asText() + "/rejected").asString();
            assertThat(file.lines().toList().getLast()).contains("expected a number");
        }
        assertThat(taken(file.replace(",old,", ",42,"), "").path("rejected").asInt()).isZero();
    }

    @Test
    void aMistypedDryRunIsNoImport() {
        for (String query : List.of("&dryRun=1", "&dryRun=", "&dry_run=true", "&nonsense=1")) {
            Response response =
                    file().contentType("text/csv")
                            .body("email\n%s@example.com\n".formatted(who))
                            .post("/api/imports?source=crm" + query);
            assertThat(response.statusCode()).as(query).isEqualTo(400);
        }
        assertThat(holding("email:" + who + "@example.com")).isEmpty();
    }

    /** In parts that are cut anywhere, uploaded in any order, one of them twice. */
    @Test
    void aLongFileComesInParts() {
        StringBuilder file = new StringBuilder("user_id,trait.note\n");
        int rows = 2_500;
        for (int i = 0; i < rows; i++) {
            file.append("%s-%d,\"é, line\n%d\"\n".formatted(who, i, i));
        }
        byte[] bytes = file.toString().getBytes(StandardCharsets.UTF_8);
        JsonNode opened =
                json(admin().body("{\"format\":\"csv\",\"source\":\"crm\"}").post("/api/imports"));
        String address = "/api/imports/" + opened.path("id").asText();
        int size = bytes.length / 4 + 1;
        for (int part : new int[] {3, 1, 0, 1, 2}) {
            byte[] body =
                    Arrays.copyOfRange(
                            bytes, part * size, Math.min(bytes.length, (part + 1) * size));
            assertThat(file().body(body).put(address + "/parts/" + part).statusCode())
                    .isEqualTo(204);
            if (part == 3) {
                assertThat(admin().post(address + "/start").statusCode()).isEqualTo(409);
            }
        }
        assertThat(admin().post(address + "/start").statusCode()).isEqualTo(202);
        JsonNode done = finished(address);
        assertThat(done.path("rows").asInt()).isEqualTo(rows);
        assertThat(done.path("rejected").asInt()).isZero();
        assertThat(done.path("customersCreated").asInt()).isEqualTo(rows);
        assertThat(
                        holding("user_id:" + who + "-" + (rows - 1))
                                .path(0)
                                .path("traits")
                                .path("note")
                                .asText())
                .isEqualTo("é, line\n" + (rows - 1));
        assertThat(file().body(new byte[] {1}).put(address + "/parts/0").statusCode())
                .isEqualTo(409);
        assertThat(ok(admin().get("/api/imports")).path("items").size()).isPositive();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "null | body",
                "{} | format",
                "{\"format\":\"xls\",\"source\":\"x\"} | format",
                "{\"format\":\"csv\"} | source",
                "{\"format\":\"csv\",\"source\":\"x\",\"columns\":{\"A\":\"shoe\"}} | columns.A",
                "{\"format\":\"csv\",\"source\":\"x\",\"delimiter\":\"ab\"} | delimiter",
                "{\"format\":\"csv\",\"source\":\"x\",\"region\":\"Spain\"} | region",
                "{\"format\":\"csv\",\"source\":\"x\",\"region\":\"XX\"} | region",
                "{\"format\":\"csv\",\"source\":\"x\",\"consentAt\":\"2099-01-01T00:00:00Z\"} | consentAt",
                "{\"format\":\"csv\",\"source\":\"x\",\"dryRun\":\"yes\"} | dryRun",
            })
    void wrongAnnouncementsAreExplained(String body, String field) {
        Response response = admin().body(body).post("/api/imports");
        assertThat(response.statusCode()).as(response.asString()).isIn(400, 422);
        assertThat(response.asString()).contains("\"" + field + "\"");
    }

    @Test
    void aColumnThatNobodyKnowsStopsTheFileBeforeItsFirstRow() {
        Response response =
                file().contentType("text/csv")
                        .body("email,Umsatz\na@example.com,7\n")
                        .post("/api/imports?source=crm");
        assertThat(response.statusCode()).isEqualTo(422);
        assertThat(json(response).path("errors").path(0).path("field").asText())
                .isEqualTo("Umsatz");
    }

    private JsonNode taken(String text, String query) {
        return taken(text, "text/csv", query);
    }

    private JsonNode taken(String text, String type, String query) {
        Response begun =
                file().contentType(type)
                        .body(text.getBytes(StandardCharsets.UTF_8))
                        .post("/api/imports?source=crm" + query);
        assertThat(begun.statusCode()).as(begun.asString()).isEqualTo(202);
        return finished("/api/imports/" + json(begun).path("id").asText());
    }

    private static JsonNode finished(String address) {
        return await().atMost(SOON)
                .until(
                        () -> ok(admin().get(address)),
                        now -> now.path("state").asText().equals("finished"));
    }

    private static RequestSpecification file() {
        return given().auth()
                .preemptive()
                .oauth2(Api.ADMIN_TOKEN)
                .contentType("application/octet-stream");
    }

    private boolean stopped(String email) {
        return gate.addressOptedOut(Channel.EMAIL, List.of(email))
                .await()
                .indefinitely()
                .getFirst();
    }
}
