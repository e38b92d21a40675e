package io.throughline.channel.service;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.throughline.channel.link.LinkTokens;
import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.message.JourneyRef;
import io.throughline.contracts.message.MessageEvent;
import io.throughline.contracts.message.MessageRequested;
import io.throughline.contracts.message.SuppressionReason;
import io.throughline.governance.ContactGate;
import io.throughline.governance.SilenceWrite;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(value = SlowMailServer.class, restrictToAnnotatedClass = true)
@DisplayName("In the middle of a slow conversation with the mail server")
class SlowMailServerTest {

    private static final Duration PATIENCE = Duration.ofSeconds(15);

    @Inject LinkTokens tokens;
    @Inject ContactGate gate;

    private static @Nullable Bus bus;

    private final CustomerId ana = new CustomerId(UUID.randomUUID());
    private final String email = "ana-" + ana + "@example.com";

    @BeforeAll
    static void begin() {
        bus = new Bus(ConfigProvider.getConfig().getValue("kafka.bootstrap.servers", String.class));
    }

    @BeforeEach
    void putTemplate() {
        given().header("Authorization", "Bearer local-admin-token")
                .contentType(ContentType.JSON)
                .body(
                        "{\"variants\": [{\"channel\": \"email\", \"subject\": \"s\", \"html\": \"<p>x</p>\"}]}")
                .put("/api/templates/cart")
                .then()
                .statusCode(200);
    }

    @AfterAll
    static void end() throws InterruptedException {
        bus().close();
    }

    @Test
    @DisplayName("an acknowledged opt-out holds the mail back")
    void optOut() {
        MessageId message = underWay();

        given().contentType("application/x-www-form-urlencoded")
                .body("List-Unsubscribe=One-Click")
                .post("/u/" + tokens.issue(LinkTokens.Purpose.UNSUBSCRIBE, message, Instant.now()))
                .then()
                .statusCode(200);

        staysBehind(message, SuppressionReason.OPTED_OUT);
    }

    @Test
    @DisplayName("a silence in force holds the mail back")
    void silence() {
        MessageId message = underWay();

        gate.silence(List.of(new SilenceWrite(ana, null, Instant.now().plusSeconds(600))))
                .await()
                .atMost(PATIENCE);

        staysBehind(message, SuppressionReason.SILENCED);
    }

    @Test
    @DisplayName("a mail that nothing is said against goes out in the end")
    void nothing() {
        MessageId message = underWay();

        await().atMost(PATIENCE)
                .until(() ->
                        bus().heardOf(message).stream()
                                .anyMatch(MessageEvent.Sent.class::isInstance));
        assertThat(taken()).isTrue();
    }

    /** A mail whose recipient the server is thinking about. */
    private MessageId underWay() {
        MessageId message = new MessageId(UUID.randomUUID());
        bus().say(
                        new MessageRequested(
                                message,
                                ana,
                                Channel.EMAIL,
                                email,
                                "cart",
                                Category.MARKETING,
                                null,
                                50,
                                new JourneyRef("carts", 1, UUID.randomUUID(), "steps[0].send"),
                                Map.of(),
                                "en",
                                null,
                                List.of(),
                                Instant.now(),
                                Instant.now().plusSeconds(600)));
        await().atMost(PATIENCE)
                .until(() ->
                        SlowMailServer.server().commands.stream()
                                .anyMatch(command -> command.contains("<" + email + ">")));
        return message;
    }

    private void staysBehind(MessageId message, SuppressionReason reason) {
        assertThat(taken()).isFalse();
        await().atMost(PATIENCE)
                .until(() ->
                        bus().heardOf(message).stream()
                                .anyMatch(event ->
                                        event instanceof MessageEvent.Suppressed suppressed
                                                && suppressed.reason() == reason));
        assertThat(taken()).isFalse();
    }

    private boolean taken() {
        return SlowMailServer.server().taken.stream()
                .anyMatch(mail -> mail.contains("To: " + email));
    }

    private static Bus bus() {
        return Objects.requireNonNull(bus);
    }
}
