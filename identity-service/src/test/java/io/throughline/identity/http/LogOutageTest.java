package io.throughline.identity.http;

import static io.throughline.identity.http.Api.SOON;
import static io.throughline.identity.http.Api.accepted;
import static io.throughline.identity.http.Api.awaitId;
import static io.throughline.identity.http.Api.awaitTimeline;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.throughline.local.testing.EmbeddedInfrastructure;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Kafka is away: nothing is acknowledged that is not in the log, and nothing is lost (P4). */
@QuarkusTest
@QuarkusTestResource(EmbeddedInfrastructure.class)
@QuarkusTestResource(value = OwnKafka.class, restrictToAnnotatedClass = true)
class LogOutageTest {

    /** The earliest at which an SDK gives a request up. */
    private static final Duration SDK_PATIENCE = Duration.ofSeconds(10);

    @Test
    void anEventThatIsNotInTheLogIsNotAcknowledgedAndCountsOnceWhenItIsSentAgain() {
        String who = UUID.randomUUID().toString();
        // The rules of conversion are read first, by the same brokers.
        await().atMost(SOON)
                .until(() -> Api.send("track", event(who, "before")).statusCode() == 200);
        awaitId("anonymous_id:a-" + who);

        OwnKafka.isUp(false);
        Instant asked = Instant.now();
        Response refused = Api.send("track", event(who, "during"));
        assertThat(refused.statusCode()).as(refused.asString()).isEqualTo(503);
        assertThat(refused.contentType()).startsWith("application/problem+json");
        assertThat(Integer.parseInt(refused.header("Retry-After"))).isPositive();
        assertThat(Duration.between(asked, Instant.now())).isLessThan(SDK_PATIENCE);

        OwnKafka.isUp(true);
        await().atMost(Duration.ofSeconds(60))
                .until(() -> Api.send("track", event(who, "during")).statusCode() == 200);
        accepted("track", event(who, "after"));
        awaitTimeline(
                awaitId("anonymous_id:a-" + who),
                entries ->
                        assertThat(Api.messageIds(entries))
                                .containsExactlyInAnyOrder(
                                        "before-" + who, "during-" + who, "after-" + who));
    }

    private static String event(String who, String messageId) {
        return """
        {"anonymousId":"a-%1$s","messageId":"%2$s-%1$s","event":"E","timestamp":"2026-11-23T10:00:00Z"}
        """
                .formatted(who, messageId);
    }
}
