package io.throughline.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.throughline.local.Service;
import io.throughline.local.launcher.StackProcess;
import io.throughline.local.simulators.Simulators;
import io.throughline.local.testing.Traces;
import io.throughline.story.Api.Answer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A customer is erased in all services, over one running stack. */
class ErasureTest {

    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Duration A_WHILE = Duration.ofSeconds(6);

    private static final StackProcess STACK = Stack.running();
    private static final Api API = new Api(STACK.gateway());
    private static final Simulators OUTSIDE = STACK.simulators();

    @BeforeAll
    static void journey() {
        API.template("goodbye", Map.of("email", "For {{ customer.first_name }}", "sms", "For you"));
        API.activate(
                "goodbye",
                """
                journey: goodbye
                category: marketing
                entry: { on: Goodbye Due, again-after: PT1S }
                goal: { on: Order Completed, within: P3D, value: event.properties.total }
                steps:
                  - send: { channel: email, template: goodbye }
                  - wait: PT4S
                  - send: { channel: sms, template: goodbye }
                """);
    }

    @Test
    void nothingIsLeftOfHerAnywhereAndNothingIsSentToHerAnyMore() {
        String email = "ursula-quandt@example.com";
        String phone = "+34600070001";
        String customer = customer("ursula-quandt", email, phone);
        API.event("ursula-quandt", "Goodbye Due", Map.of("note", "from Ursula-Quandt"));
        await().atMost(SOON).untilAsserted(() -> assertThat(OUTSIDE.mailsTo(email)).hasSize(1));
        API.event("ursula-quandt", "Order Completed", Map.of("order_id", "O-u", "total", 50));
        await().atMost(SOON)
                .untilAsserted(() ->
                        assertThat(API.decisions(customer).toString())
                                .contains("\"kind\":\"sent\""));

        JsonNode export = API.get("/api/customers/" + customer + "/export").expect(200).body();
        assertThat(export.path("identity").path("timeline").toString()).contains("Goodbye Due");
        assertThat(export.path("journey").path("instances")).hasSize(1);
        assertThat(export.path("channel").path("messages").toString())
                .contains(email)
                .contains("goodbye");
        await().atMost(SOON)
                .until(() ->
                        API.get("/api/customers/" + customer + "/export")
                                        .body()
                                        .path("attribution")
                                        .path("conversions")
                                        .size()
                                == 2);
        for (Service service : Service.values()) {
            assertThat(traces(service, customer))
                    .as("what is looked for was in " + service)
                    .isNotEmpty();
        }

        String erasure = erase(customer).path("id").asText();
        await().atMost(SOON)
                .until(() ->
                        API.get("/api/erasures/" + erasure)
                                .expect(200)
                                .body()
                                .path("state")
                                .asText()
                                .equals("complete"));
        await().atMost(SOON).untilAsserted(() -> assertNothingIsLeft(customer, "ursula", phone));
        assertThat(API.get("/api/customers/" + customer).status()).isEqualTo(410);
        assertThat(API.customer("email:" + email)).isEmpty();

        // An import, and a journey that would write to her.
        API.identify("crm-77", "browser-77", Map.of("email", email, "first_name", "Uma"));
        String again = API.customerId("email:" + email);
        assertThat(again).isNotEqualTo(customer);
        API.consent("user_id:crm-77", "email", "opted_in");
        API.event("crm-77", "Goodbye Due", Map.of());
        await().atMost(SOON)
                .untilAsserted(() ->
                        assertThat(API.decisions(again).toString())
                                .contains("address_opted_out")
                                .contains("\"kind\":\"left\""));
        API.consent("email:" + email, "email", "opted_in");
        API.event("crm-77", "Goodbye Due", Map.of());
        await().atMost(SOON).untilAsserted(() -> assertThat(OUTSIDE.mailsTo(email)).hasSize(2));
        assertThat(OUTSIDE.smsTo(phone)).isEmpty();
    }

    @Test
    void whoeverHasTheAnswerIsWrittenToNoMore() {
        record Erased(String email, String phone, Instant answeredAt) {}
        List<Erased> erased = new ArrayList<>();
        for (int i : IntStream.range(0, 12).toArray()) {
            String name = "gone-" + i;
            String email = name + "@example.com";
            String phone = "+3460007" + (1000 + i);
            String customer = customer(name, email, phone);
            API.event(name, "Goodbye Due", Map.of());
            // On the way, queued, claimed, being handed over: wherever it is by now.
            await().pollDelay(Duration.ofMillis(12L * i)).until(() -> true);
            assertThat(erase(customer).path("customer").asText()).isEqualTo(customer);
            erased.add(new Erased(email, phone, Instant.now()));
        }
        await().pollDelay(A_WHILE)
                .atMost(A_WHILE.plusSeconds(10))
                .untilAsserted(() ->
                        assertThat(erased)
                                .allSatisfy(e -> {
                                    assertThat(OUTSIDE.mailsTo(e.email()))
                                            .allMatch(m -> m.receivedAt().isBefore(e.answeredAt()));
                                    assertThat(OUTSIDE.smsTo(e.phone())).isEmpty();
                                }));
    }

    private static String customer(String user, String email, String phone) {
        API.identify(
                user,
                "browser-" + user,
                Map.of("email", email, "phone", phone, "first_name", user));
        API.consent("email:" + email, "email", "opted_in");
        API.consent("phone:" + phone, "sms", "opted_in");
        return API.customerId("email:" + email);
    }

    private static JsonNode erase(String customer) {
        Answer answer =
                API.send(
                        "DELETE",
                        "/api/customers/" + customer,
                        "application/json",
                        "Bearer local-admin-token",
                        "");
        return answer.expect(202).body();
    }

    /** Her id stays where it says that she is gone, and nowhere else. */
    private static void assertNothingIsLeft(String customer, String... words) {
        for (Service service : Service.values()) {
            assertThat(traces(service, words)).as(service.toString()).isEmpty();
            assertThat(traces(service, customer))
                    .as(service.toString())
                    .isSubsetOf(
                            "gone.id: " + customer,
                            "gone_causes.subject: " + customer,
                            "customers.id: " + customer,
                            "erasures.customer: " + customer);
        }
    }

    private static List<String> traces(Service service, String... words) {
        Map<String, String> environment = STACK.environment(service);
        return Traces.of(
                environment.getOrDefault("QUARKUS_DATASOURCE_JDBC_URL", ""),
                environment.getOrDefault("QUARKUS_DATASOURCE_USERNAME", ""),
                environment.getOrDefault("QUARKUS_DATASOURCE_PASSWORD", ""),
                List.of(words));
    }
}
