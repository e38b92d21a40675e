package io.throughline.identity.http;

import static io.throughline.identity.http.Api.accepted;
import static io.throughline.identity.http.Api.awaitCustomer;
import static io.throughline.identity.http.Api.awaitId;
import static io.throughline.identity.http.Api.awaitTimeline;
import static io.throughline.identity.http.Api.idOf;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.throughline.local.testing.EmbeddedInfrastructure;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who an event belongs to, seen from outside. */
@QuarkusTest
@QuarkusTestResource(EmbeddedInfrastructure.class)
class ConversationTest {

    private String who = "";
    private String phone = "";

    @BeforeEach
    void somebodyElse() {
        who = UUID.randomUUID().toString();
        phone = "+346" + ThreadLocalRandom.current().nextInt(10_000_000, 99_999_999);
    }

    @Test
    void anAnonymousVisitorWhoIdentifiesHerselfIsOneCustomer() {
        accepted(
                "track",
                """
                {"anonymousId":"a-%1$s","messageId":"m1-%1$s","event":"Cart Viewed","properties":{"value":20}}
                """
                        .formatted(who));
        String anonymous = awaitId("anonymous_id:a-" + who);

        accepted(
                "identify",
                """
                {"anonymousId":"a-%1$s","userId":"u-%1$s","messageId":"m2-%1$s",
                 "traits":{"email":"Ana-%1$s@Example.com","phone":"%2$s","plan":"gold"}}
                """
                        .formatted(who, phone));

        assertThat(idOf("user_id:u-" + who)).isEqualTo(anonymous);
        assertThat(idOf("email:ana-" + who + "@example.com")).isEqualTo(anonymous);
        JsonNode customer = awaitCustomer("user_id:u-" + who, c -> c.path("traits").has("plan"));
        assertThat(customer.path("addresses").path("email").asText())
                .isEqualTo("ana-" + who + "@example.com");
        assertThat(customer.path("addresses").path("sms").asText()).isEqualTo(phone);
        awaitTimeline(
                anonymous,
                entries ->
                        assertThat(Api.messageIds(entries))
                                .containsExactlyInAnyOrder("m1-" + who, "m2-" + who));
    }

    @Test
    void anEventThatLinksTwoCustomersMergesThemBeforeItIsAcknowledged() {
        accepted("track", track("anonymousId", "a-" + who, "One"));
        accepted("track", track("userId", "u-" + who, "Two"));
        String older = awaitId("anonymous_id:a-" + who);
        String younger = awaitId("user_id:u-" + who);
        assertThat(older).isNotEqualTo(younger);

        accepted(
                "identify",
                """
                {"anonymousId":"a-%1$s","userId":"u-%1$s","messageId":"link-%1$s"}
                """
                        .formatted(who));

        String survivor = older.compareTo(younger) < 0 ? older : younger;
        assertThat(List.of(idOf("anonymous_id:a-" + who), idOf("user_id:u-" + who)))
                .containsOnly(survivor);
        for (String id : List.of(older, younger)) {
            assertThat(Api.admin().get("/api/customers/" + id).jsonPath().getString("id"))
                    .isEqualTo(survivor);
        }
        awaitTimeline(
                older,
                entries ->
                        assertThat(Api.kinds(entries))
                                .containsExactlyInAnyOrder("event", "event", "event", "merge"));
    }

    @Test
    void manySendersAtOnceStillMakeOneCustomer() throws Exception {
        List<Callable<Integer>> calls = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            String body =
                    """
                    {"userId":"u-%1$s","anonymousId":"a%2$d-%1$s","messageId":"m%3$d-%1$s",
                     "traits":{"email":"e%4$d-%1$s@example.com"}}
                    """
                            .formatted(who, i % 5, i, i % 3);
            calls.add(() -> Api.send("identify", body).statusCode());
        }
        try (ExecutorService senders = Executors.newFixedThreadPool(8)) {
            for (Future<Integer> answer : senders.invokeAll(calls)) {
                assertThat(answer.get()).isEqualTo(200);
            }
        }
        String customer = idOf("user_id:u-" + who);
        for (int i = 0; i < 5; i++) {
            assertThat(idOf("anonymous_id:a" + i + "-" + who)).isEqualTo(customer);
        }
        for (int i = 0; i < 3; i++) {
            assertThat(idOf("email:e" + i + "-" + who + "@example.com")).isEqualTo(customer);
        }
        awaitTimeline(
                customer,
                entries -> assertThat(Api.kinds(entries)).filteredOn("event"::equals).hasSize(40));
    }

    private String track(String idField, String id, String event) {
        return """
        {"%s":"%s","messageId":"%s-%s","event":"%s"}
        """
                .formatted(idField, id, event, who, event);
    }
}
