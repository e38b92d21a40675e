package io.throughline.attribution;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import io.throughline.local.testing.EmbeddedInfrastructure;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whether a message would pass now, as the channel service says. */
@QuarkusTest
@QuarkusTestResource(EmbeddedInfrastructure.class)
@QuarkusTestResource(value = StubChannel.class, restrictToAnnotatedClass = true)
class AskedAboutNowTest {

    private static final String CUSTOMER =
            "/api/customers/3c8b0a4e-0000-7000-8000-000000000001/decisions";
    private static final String REFUSED =
            """
            {"at":"2026-11-23T10:45:00Z","allowed":false,"reason":"no_consent","policyVersion":7,
             "verdicts":[{"rule":"reachable","passed":true},{"rule":"consent","passed":false},
                         {"rule":"quiet-hours","passed":false,"retryAt":"2026-11-23T18:00:00Z","where":"Europe/Madrid"}],
             "change":"consent for SMS, allowed from 2026-11-23T18:00:00Z","from-a-newer-one":1}
            """;

    @Test
    void theAnswerStandsBesideTheDecisions() {
        StubChannel.answers(200, REFUSED);
        JsonPath answer =
                asks("?channel=sms&template=cart-last&journey=cart")
                        .then()
                        .statusCode(200)
                        .extract()
                        .jsonPath();

        assertThat(answer.getList("items")).isEmpty();
        assertThat(answer.getString("now.template")).isEqualTo("cart-last");
        assertThat(answer.getString("now.category")).isEqualTo("marketing");
        assertThat(answer.getString("now.journey")).isEqualTo("cart");
        assertThat(answer.getBoolean("now.allowed")).isFalse();
        assertThat(answer.getString("now.reason")).isEqualTo("no_consent");
        assertThat(answer.getList("now.verdicts.rule"))
                .containsExactly("reachable", "consent", "quiet-hours");
        assertThat(answer.getString("now.verdicts[2].where")).isEqualTo("Europe/Madrid");
        assertThat(answer.getString("now.retryAt")).isNull();
        assertThat(answer.getString("now.change"))
                .isEqualTo("consent for SMS, allowed from 2026-11-23T18:00:00Z");
        JsonPath question = JsonPath.from(StubChannel.asked());
        assertThat(question.getString("customer"))
                .isEqualTo("3c8b0a4e-0000-7000-8000-000000000001");
        assertThat(question.getString("channel")).isEqualTo("sms");
        assertThat(question.getString("journey")).isEqualTo("cart");
        assertThat(question.getString("category")).isEqualTo("marketing");
    }

    @Test
    void whoDoesNotAskAboutNowNeedsNoChannelService() {
        StubChannel.answers(503, "");
        JsonPath answer = asks("").then().statusCode(200).extract().jsonPath();

        assertThat(answer.getMap("")).containsOnlyKeys("items");
        assertThat(StubChannel.asked()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "template=cart, channel",
        "channel=sms, template",
        "journey=cart, channel",
        "channel=sms&template=%20, template",
        "channel=pigeon&template=cart, channel",
        "channel=sms&template=cart&category=urgent, category",
        "channel=sms&template=cart&topic=%20, topic",
        "channel=sms&template=cart&journey=%20, journey",
        "channel=sms&template=a%00b, template",
        "channel=sms&template=cart&topic=a%00b, topic",
    })
    void aMistakeIsNamedAndNobodyIsAsked(String question, String field) {
        StubChannel.answers(200, REFUSED);
        Response response = asks("?" + question);

        assertThat(response.statusCode()).as(response.asString()).isEqualTo(400);
        assertThat(response.jsonPath().getString("field")).isEqualTo(field);
        assertThat(StubChannel.asked()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "400, 400, template",
        "404, 404,",
        "410, 410,",
        "401, 503,",
        "500, 503,",
        "503, 503,",
    })
    void whatTheChannelServiceSaysIsTold(int said, int told, String field) {
        StubChannel.answers(
                said,
                "{\"status\":%d,\"field\":\"template\",\"detail\":\"it is so\"}".formatted(said));
        Response response = asks("?channel=sms&template=cart");

        assertThat(response.statusCode()).as(response.asString()).isEqualTo(told);
        assertThat(response.contentType()).startsWith("application/problem+json");
        assertThat(response.jsonPath().getString("field")).isEqualTo(field);
        assertThat(response.jsonPath().getString("detail"))
                .isEqualTo(
                        told == 503
                                ? "whether a message would pass now cannot be said: the channel service does not answer"
                                : "it is so");
    }

    @Test
    void anAnswerThatCannotBeReadIsNone() {
        StubChannel.answers(200, "<html>");
        assertThat(asks("?channel=sms&template=cart").statusCode()).isEqualTo(503);
    }

    private static Response asks(String question) {
        return given().urlEncodingEnabled(false)
                .auth()
                .preemptive()
                .oauth2("local-viewer-token")
                .get(CUSTOMER + question);
    }
}
