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
import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.governance.ContactGate;
import io.throughline.governance.CustomerHistory;
import io.throughline.governance.GateAnswer;
import io.throughline.governance.GateRequest;
import io.throughline.local.testing.EmbeddedInfrastructure;
import io.throughline.local.testing.Outages;
import jakarta.inject.Inject;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Redis is away: what must be in force is not acknowledged, the rest goes on. */
@QuarkusTest
@QuarkusTestResource(EmbeddedInfrastructure.class)
@QuarkusTestResource(value = Outages.class, restrictToAnnotatedClass = true)
class OutageTest {

    @Inject ContactGate gate;

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

    @Test
    void anOptInThatIsStoredComesIntoForceWithoutBeingSaidAgain() {
        accepted("identify", "{\"userId\":\"u-%s\"}".formatted(who));
        CustomerId customer = CustomerId.of(awaitId("user_id:u-" + who));
        gate.hydrate(
                        List.of(
                                new CustomerHistory.Permissions(
                                        customer, List.of(), List.of(), null, List.of()),
                                new CustomerHistory.Contacts(customer, List.of())))
                .await()
                .atMost(SOON);
        assertThat(mayBeTexted(customer)).isFalse();

        Outages.begin(Outages.Part.REDIS);
        Response response = say("opted_in");
        assertThat(response.statusCode()).as(response.asString()).isEqualTo(503);
        Outages.end();
        await().atMost(SOON).ignoreExceptions().until(() -> mayBeTexted(customer));
    }

    private boolean mayBeTexted(CustomerId customer) {
        GateRequest text =
                new GateRequest(
                        customer,
                        new MessageId(UUID.randomUUID()),
                        Channel.SMS,
                        Category.MARKETING,
                        null,
                        "cart",
                        "+34600" + who);
        return gate.peek(List.of(text), ContactPolicy.initial()).await().atMost(SOON).getFirst()
                instanceof GateAnswer.Allowed;
    }

    private Response optOut() {
        return say("opted_out");
    }

    private Response say(String state) {
        return admin().body(
                        """
                        {"identifier":"user_id:u-%s","channel":"sms","state":"%s","source":"test"}
                        """
                                .formatted(who, state))
                .put("/api/consents");
    }
}
