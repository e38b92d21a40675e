package io.throughline.identity.http;

import static io.throughline.identity.http.Api.SOON;
import static io.throughline.identity.http.Api.accepted;
import static io.throughline.identity.http.Api.admin;
import static io.throughline.identity.http.Api.awaitId;
import static io.throughline.identity.http.Api.idOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.throughline.local.testing.EmbeddedInfrastructure;
import io.throughline.local.testing.Outages;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Redis is away: what must be in force is not acknowledged, the rest goes on. */
@QuarkusTest
@QuarkusTestResource(EmbeddedInfrastructure.class)
@QuarkusTestResource(value = Outages.class, restrictToAnnotatedClass = true)
class OutageTest {

    private String who = "";

    @BeforeEach
    void somebodyElse() {
        who = UUID.randomUUID().toString();
    }

    @AfterEach
    void mend() {
        Outages.end();
    }

    @Test
    void anOptOutThatCannotBeInForceIsNotAcknowledgedAndNotStored() {
        Outages.begin(Outages.Part.REDIS);
        Response response = optOut();
        assertThat(response.statusCode()).as(response.asString()).isEqualTo(503);
        assertThat(response.header("Retry-After")).isNotNull();
        assertThat(Api.holding("user_id:u-" + who)).isEmpty();

        Outages.end();
        await().atMost(SOON).until(() -> optOut().statusCode() == 200);
    }

    @Test
    void aMergeThatCannotBeInForceIsNotAcknowledgedAndNotStored() {
        accepted("track", "{\"anonymousId\":\"a-%s\",\"event\":\"E\"}".formatted(who));
        accepted("track", "{\"userId\":\"u-%s\",\"event\":\"E\"}".formatted(who));
        String a = awaitId("anonymous_id:a-" + who);
        String u = awaitId("user_id:u-" + who);
        assertThat(a).isNotEqualTo(u);

        Outages.begin(Outages.Part.REDIS);
        String link =
                "{\"anonymousId\":\"a-%1$s\",\"userId\":\"u-%1$s\",\"messageId\":\"m-%1$s\"}"
                        .formatted(who);
        Response response = Api.send("identify", link);
        assertThat(response.statusCode()).as(response.asString()).isEqualTo(503);
        assertThat(idOf("anonymous_id:a-" + who)).isEqualTo(a);
        assertThat(idOf("user_id:u-" + who)).isEqualTo(u);

        Outages.end();
        await().atMost(SOON).until(() -> Api.send("identify", link).statusCode() == 200);
        assertThat(idOf("anonymous_id:a-" + who)).isEqualTo(idOf("user_id:u-" + who));
    }

    @Test
    void anEventThatLinksAndEndsNothingIsTakenAllTheSame() {
        Outages.begin(Outages.Part.REDIS);
        accepted("track", "{\"anonymousId\":\"a-%s\",\"event\":\"E\"}".formatted(who));
        awaitId("anonymous_id:a-" + who);
    }

    private Response optOut() {
        return admin().body(
                        """
                        {"identifier":"user_id:u-%s","channel":"sms","state":"opted_out","source":"test"}
                        """
                                .formatted(who))
                .put("/api/consents");
    }
}
