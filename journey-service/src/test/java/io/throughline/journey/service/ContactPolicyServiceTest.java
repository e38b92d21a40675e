package io.throughline.journey.service;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasItem;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.specification.RequestSpecification;
import io.throughline.contracts.policy.PolicyEvent;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The contact policy over HTTP, and what is published of it. */
@QuarkusTest
@QuarkusTestResource(StubNeighbours.class)
class ContactPolicyServiceTest {

    private static final String ONE_CAP =
            """
            {"caps": [{"scope": "global", "max": 7, "per": "P1D"}], "defaultTimeZone": "UTC",
             "consent": {"email": "opt-out"}, "optOutCoversTransactional": ["sms"],
             "silences": [{"on": "Order Completed", "period": "P2D"}]}
            """;

    @ConfigProperty(name = "kafka.bootstrap.servers")
    String bootstrapServers;

    private Wire wire;
    private String before = "";

    @BeforeEach
    void open() {
        wire = new Wire(bootstrapServers);
        before = api().get("/api/contact-policy").asString();
    }

    /** Other tests of this process go by the policy that was there. */
    @AfterEach
    void close() {
        api().contentType("application/json").body(before).put("/api/contact-policy");
        wire.close();
    }

    @Test
    void theInitialContactPolicyIsPublishedAndANewVersionToo() {
        wire.awaitSome(PolicyEvent.ContactPolicyPublished.class, e -> e.policy().version() == 1);
        String etag =
                api().get("/api/contact-policy")
                        .then()
                        .statusCode(200)
                        .body("caps.size()", greaterThan(0))
                        .extract()
                        .header("ETag");
        api().header("If-Match", "\"999\"")
                .contentType("application/json")
                .body(ONE_CAP)
                .put("/api/contact-policy")
                .then()
                .statusCode(412);
        int version =
                api().header("If-Match", etag)
                        .contentType("application/json")
                        .body(ONE_CAP)
                        .put("/api/contact-policy")
                        .then()
                        .statusCode(200)
                        .extract()
                        .path("version");
        assertThat(
                        wire.await(
                                        PolicyEvent.ContactPolicyPublished.class,
                                        1,
                                        e -> e.policy().version() == version)
                                .getFirst()
                                .policy()
                                .caps()
                                .getFirst()
                                .max())
                .isEqualTo(7);
    }

    @Test
    void aPolicyThatIsShownCanBePutAgain() {
        String policy =
                """
                {"caps": [{"scope": "global", "max": 7, "per": "P1D"},
                          {"scope": "topic", "topic": "nothing-else", "max": 7, "per": "P1D"}],
                 "defaultTimeZone": "UTC", "consent": {}, "optOutCoversTransactional": ["sms"],
                 "silences": [], "fatigue": {"within": "P30D",
                    "steps": [{"ignored": 500, "share": "0.5"}, {"ignored": 900, "share": 0.25}],
                    "nearlyLeft": {"within": "PT1S", "share": "1.0"}, "least": 1}}
                """;
        api().contentType("application/json")
                .body(policy)
                .put("/api/contact-policy")
                .then()
                .statusCode(200)
                .body("fatigue.steps[0].share", equalTo("0.5"));

        api().contentType("application/json")
                .body(api().get("/api/contact-policy").then().extract().asString())
                .put("/api/contact-policy")
                .then()
                .statusCode(200)
                .body("fatigue.steps[1].share", equalTo("0.25"));
        api().contentType("application/json")
                .body(policy.replace("\"0.5\"", "\"half\""))
                .put("/api/contact-policy")
                .then()
                .statusCode(422)
                .body("errors[0].field", equalTo("fatigue.steps[0].share"));
    }

    @Test
    void quietHoursAreShownAsTheyWerePutAndPublishedSoThatAnyReaderTakesThem() {
        String policy =
                """
                {"caps": [{"scope": "global", "max": 7, "per": "P1D"}], "defaultTimeZone": "UTC",
                 "consent": {}, "optOutCoversTransactional": ["sms"],
                 "silences": [], "legalPresets": ["us"], "quietHours": [
                    {"from": "03:00", "to": "03:01", "channels": ["push"]},
                    {"from": "00:00", "to": "00:00", "channels": ["push"],
                     "categories": ["marketing"], "dates": ["2020-12-25"]}]}
                """;
        int version =
                api().contentType("application/json")
                        .body(policy)
                        .put("/api/contact-policy")
                        .then()
                        .statusCode(200)
                        .body("quietHours.size()", equalTo(2))
                        .body("quietHours[1].dates[0]", equalTo("2020-12-25"))
                        .body("legalPresets", equalTo(List.of("us")))
                        .extract()
                        .path("version");
        PolicyEvent.ContactPolicyPublished published =
                wire.await(
                                PolicyEvent.ContactPolicyPublished.class,
                                1,
                                e -> e.policy().version() == version)
                        .getFirst();
        assertThat(published.policy().quietRules()).hasSize(2);
        assertThat(published.policy().moreQuietHours()).hasSize(1);
        api().contentType("application/json")
                .body(policy.replace("\"us\"", "\"atlantis\""))
                .put("/api/contact-policy")
                .then()
                .statusCode(422)
                .body("field", equalTo("legalPresets[0]"));
        api().contentType("application/json")
                .body(policy.replace("\"00:00\"", "\"midnight\""))
                .put("/api/contact-policy")
                .then()
                .statusCode(400);
        api().contentType("application/json")
                .body(policy.replaceAll("(?s)\\[\\s*\\{\"from.*}]", "null").replace("\"us\"", ""))
                .put("/api/contact-policy")
                .then()
                .statusCode(200);
    }

    @Test
    void theLawsQuietHoursAreListedWithWhereTheyWereRead() {
        api().get("/api/contact-policy/legal-presets")
                .then()
                .statusCode(200)
                .body("presets.id", hasItem("us-federal-tcpa"))
                .body("presets.find { it.id == 'us-tx' }.allowed.size()", equalTo(2))
                .body("presets.find { it.id == 'us-tx' }.region", equalTo("US-TX"))
                .body("presets.find { it.id == 'us-fl' }.asOf", equalTo("2026-11-01"))
                .body("presets.every { it.source.citation != null }", equalTo(true));
    }

    @Test
    void aWrongPolicyIsRefusedNamingEveryField() {
        api().contentType("application/json")
                .body(
                        """
                        {"caps": [{"scope": "global", "max": 1}], "defaultTimeZone": "Mars/Base",
                         "consent": {}, "optOutCoversTransactional": []}
                        """)
                .put("/api/contact-policy")
                .then()
                .statusCode(422)
                .body("errors.field", hasItem("caps[0].per"))
                .body("errors.field", hasItem("defaultTimeZone"))
                .body("errors.field", hasItem("silences"));
        api().contentType("application/json")
                .body(
                        """
                        {"caps": [{"scope": "galaxy", "max": 1, "per": "P1D"}], "silences": [],
                         "defaultTimeZone": "UTC", "consent": {}, "optOutCoversTransactional": []}
                        """)
                .put("/api/contact-policy")
                .then()
                .statusCode(422)
                .body("field", equalTo("caps[0].scope"));
        api().contentType("application/json")
                .body(
                        """
                        {"caps": [], "silences": [], "defaultTimeZone": "UTC",
                         "consent": {"sms": null}, "optOutCoversTransactional": []}
                        """)
                .put("/api/contact-policy")
                .then()
                .statusCode(422)
                .body("field", equalTo("consent.sms"));
        for (String nothing : List.of("", "null", "[]")) {
            api().contentType("application/json")
                    .body(nothing)
                    .put("/api/contact-policy")
                    .then()
                    .statusCode(400);
        }
    }

    @Test
    void ofManyWhoReadTheSamePolicyOneChangesIt() throws Exception {
        String etag = api().get("/api/contact-policy").header("ETag");
        List<Integer> statuses =
                together(() ->
                        api().header("If-Match", etag)
                                .contentType("application/json")
                                .body(ONE_CAP)
                                .put("/api/contact-policy")
                                .statusCode());
        assertThat(statuses).containsOnlyOnce(200).containsOnly(200, 412);
    }

    @Test
    void whoDoesNotMindWhatWasThereIsNeverRefused() throws Exception {
        List<Integer> versions =
                together(() ->
                        api().contentType("application/json")
                                .body(ONE_CAP)
                                .put("/api/contact-policy")
                                .then()
                                .statusCode(200)
                                .extract()
                                .<Integer>path("version"));
        assertThat(versions).doesNotHaveDuplicates();
    }

    private static <T> List<T> together(Callable<T> request) throws Exception {
        try (ExecutorService several = Executors.newVirtualThreadPerTaskExecutor()) {
            List<T> answers = new ArrayList<>();
            for (Future<T> answer : several.invokeAll(Collections.nCopies(6, request))) {
                answers.add(answer.get());
            }
            return answers;
        }
    }

    private static RequestSpecification api() {
        return given().auth().oauth2("local-admin-token");
    }
}
