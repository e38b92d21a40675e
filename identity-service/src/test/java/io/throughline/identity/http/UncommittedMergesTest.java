package io.throughline.identity.http;

import static io.restassured.RestAssured.given;
import static io.throughline.identity.http.Api.SOON;
import static io.throughline.identity.http.Api.admin;
import static io.throughline.identity.http.Api.idOf;
import static io.throughline.identity.http.Api.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.message.SuppressionReason;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.governance.ContactGate;
import io.throughline.governance.CustomerHistory;
import io.throughline.governance.GateAnswer;
import io.throughline.governance.GateRequest;
import io.throughline.identity.registry.UncommittedMerges;
import io.throughline.identity.resolution.Changes;
import io.throughline.identity.resolution.Occasion;
import io.throughline.local.testing.EmbeddedInfrastructure;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A merge that the gate heard of, and that was never committed (promise P6). */
@QuarkusTest
@QuarkusTestResource(EmbeddedInfrastructure.class)
@QuarkusTestResource(StubChannel.class)
class UncommittedMergesTest {

    private static final ContactPolicy BARE =
            new ContactPolicy(
                    0, List.of(), null, null, "UTC", Map.of(), Set.of(Channel.EMAIL), List.of());

    @Inject UncommittedMerges merges;
    @Inject ContactGate gate;

    private final String who = UUID.randomUUID().toString();

    @Test
    void leavesBothAsTheyAreInTheLedger() {
        CustomerId ana = customer("ana-" + who, "opted_in");
        CustomerId bea = customer("bea-" + who, "opted_out");
        Instant now = Instant.now();
        merges.begin(
                List.of(
                        new Changes.Merged(
                                ana, bea, List.of(), List.of(), new Occasion(now, "shop", "m-1"))));
        gate.merge(ana, bea).await().atMost(SOON);
        assertThat(refusal(ana)).isEqualTo(SuppressionReason.OPTED_OUT);

        merges.lookAt(now.minusSeconds(1)).await().atMost(SOON);
        assertThat(refusal(ana)).isEqualTo(SuppressionReason.OPTED_OUT);
        merges.lookAt(now.plusSeconds(60)).await().atMost(SOON);

        await().atMost(SOON).until(() -> refusal(ana) == null);
        assertThat(refusal(bea)).isEqualTo(SuppressionReason.UNKNOWN_CUSTOMER);
        contacts(bea);
        assertThat(refusal(bea)).isEqualTo(SuppressionReason.OPTED_OUT);
    }

    private CustomerId customer(String userId, String state) {
        ok(
                admin().body(
                                """
                                {"identifier":"user_id:%s","channel":"email","state":"%s","source":"test"}\
                                """
                                        .formatted(userId, state))
                        .put("/api/consents"));
        CustomerId customer = CustomerId.of(idOf("user_id:" + userId));
        given().auth()
                .preemptive()
                .oauth2(Api.SERVICE_TOKEN)
                .contentType("application/json")
                .body("{\"customers\":[\"" + customer + "\"]}")
                .post("/internal/gate/hydrate")
                .then()
                .statusCode(204);
        contacts(customer);
        return customer;
    }

    private void contacts(CustomerId customer) {
        gate.hydrate(List.of(new CustomerHistory.Contacts(customer, List.of())))
                .await()
                .atMost(SOON);
    }

    private @Nullable SuppressionReason refusal(CustomerId customer) {
        GateRequest email =
                new GateRequest(
                        customer,
                        new MessageId(UUID.randomUUID()),
                        Channel.EMAIL,
                        Category.MARKETING,
                        null,
                        null,
                        "nobody@example.com");
        return switch (gate.peek(List.of(email), BARE).await().atMost(SOON).getFirst()) {
            case GateAnswer.Allowed allowed -> null;
            case GateAnswer.Denied denied -> denied.reason();
        };
    }
}
