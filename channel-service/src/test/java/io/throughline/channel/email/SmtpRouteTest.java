package io.throughline.channel.email;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.smallrye.mutiny.Uni;
import io.throughline.channel.email.SmtpServer.StartTls;
import io.throughline.channel.route.Content;
import io.throughline.channel.route.HandOver;
import io.throughline.channel.route.Lease;
import io.throughline.channel.route.Leases;
import io.throughline.channel.route.Outbound;
import io.throughline.contracts.MessageId;
import jakarta.mail.internet.AddressException;
import jakarta.mail.internet.InternetAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("The email route")
@Timeout(60)
class SmtpRouteTest {

    private static final String ANA = "ana@example.com";
    private static final Duration PATIENT = Duration.ofSeconds(20);

    private final ScriptedSmtp server = new ScriptedSmtp();
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.now());

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void handsAMailOver() throws Exception {
        SmtpRoute route = route(PATIENT);
        Outbound message = mail(ANA, Leases.HOLDS);

        assertThat(result(route.handOver(message)))
                .isEqualTo(
                        new HandOver.Accepted(List.of("<" + message.message() + "@shop.example>")));

        assertThat(server.commands)
                .contains("MAIL FROM:<hello@shop.example>", "RCPT TO:<ana@example.com>");
        assertThat(server.taken.getFirst())
                .contains("From: Shop <hello@shop.example>")
                .contains("To: ana@example.com")
                .contains("Message-ID: <" + message.message() + "@shop.example>")
                .contains("Subject: =?UTF-8?")
                .contains("X-Own: yes")
                .contains("multipart/alternative")
                .contains("\n..a line that begins with a dot");
    }

    @Test
    void lookAtTheLeaseBeforeTheLastLine() throws Exception {
        SmtpRoute route = route(PATIENT);
        AtomicInteger looks = new AtomicInteger();
        Lease over =
                () -> {
                    looks.incrementAndGet();
                    assertThat(server.commands).contains("DATA");
                    return Leases.OVER.holds();
                };

        assertThat(result(route.handOver(mail(ANA, over))))
                .isEqualTo(new HandOver.NotTaken("its lease was over, and it got no other"));
        assertThat(looks).hasValue(1);
        assertThat(result(route.handOver(mail(ANA, FAILS)))).isInstanceOf(HandOver.NotTaken.class);
        await().until(() -> server.openConnections() == 0);
        assertThat(server.taken).isEmpty();
        assertThat(result(route.handOver(mail(ANA, Leases.HOLDS))))
                .isInstanceOf(HandOver.Accepted.class);
    }

    @Test
    void countsAMailUntilItsConversationHasEndedAndClosesOneThatTakesTooLong() throws Exception {
        server.answers("RCPT", "");
        SmtpRoute route = route(Duration.ofMillis(300));
        CompletableFuture<HandOver> first = start(route, mail(ANA, Leases.HOLDS));
        CompletableFuture<HandOver> second = start(route, mail(ANA, Leases.HOLDS));
        await().until(() -> server.connections.get() == 2);

        assertThat(route.room()).isZero();
        assertThat(result(route.handOver(mail(ANA, Leases.HOLDS))))
                .isEqualTo(new HandOver.NotTaken("every connection is taken"));

        assertThat(first.get(5, TimeUnit.SECONDS)).isInstanceOf(HandOver.NotTaken.class);
        assertThat(second.get(5, TimeUnit.SECONDS)).isInstanceOf(HandOver.NotTaken.class);
        await().until(() -> server.openConnections() == 0);
        assertThat(route.room()).isEqualTo(2);
    }

    @Test
    void doesNotKnowWhenNoAnswerComesToTheLastLine() throws Exception {
        server.answers(".", "");
        SmtpRoute route = route(Duration.ofMillis(300));

        assertThat(result(route.handOver(mail(ANA, Leases.HOLDS))))
                .isInstanceOf(HandOver.Unknown.class);
        assertThat(server.taken).hasSize(1);
        await().until(() -> server.openConnections() == 0);
    }

    @Test
    void knowsThatAMailWasNotTakenWhenTheLineGoesBeforeItsEnd() throws Exception {
        server.answers(
                "RCPT",
                () -> {
                    server.hangUp();
                    return "";
                });
        SmtpRoute route = route(PATIENT);

        assertThat(result(route.handOver(mail(ANA, Leases.HOLDS))))
                .isInstanceOf(HandOver.NotTaken.class);
        assertThat(route.up()).isTrue();
    }

    @ParameterizedTest(name = "{1}")
    @CsvSource({
        "GREETING, 554 we do not want you",
        "MAIL, 550 5.7.60 not your address",
        "MAIL, 530 5.7.0 authentication required",
    })
    void restsWhileTheServerRefusesUsAndTriesMoreAndMoreRarely(String verb, String reply)
            throws Exception {
        server.answers(verb, reply);
        SmtpRoute route = route(PATIENT);

        for (int seconds : List.of(5, 10, 20)) {
            assertThat(result(route.handOver(mail(ANA, Leases.HOLDS))))
                    .isEqualTo(new HandOver.NotTaken(reply));
            assertThat(route.up()).isFalse();
            assertThat(route.room()).isZero();
            pass(Duration.ofSeconds(seconds).minusMillis(1));
            assertThat(route.up()).isFalse();
            pass(Duration.ofMillis(1));
            assertThat(route.up()).isTrue();
        }
    }

    @Test
    void restsWhereThePasswordIsWrongOrNoneIsWanted() throws Exception {
        server.answers("EHLO", "250-scripted\r\n250 AUTH PLAIN")
                .answers("AUTH", "535 5.7.8 wrong password");
        SmtpRoute route = route(PATIENT, StartTls.OPTIONAL, "shop");

        assertThat(result(route.handOver(mail(ANA, Leases.HOLDS))))
                .isEqualTo(new HandOver.NotTaken("535 5.7.8 wrong password"));
        assertThat(route.up()).isFalse();

        server.answers("EHLO", "250 scripted");
        SmtpRoute other = route(PATIENT, StartTls.OPTIONAL, "shop");
        assertThat(result(other.handOver(mail(ANA, Leases.HOLDS))))
                .isInstanceOf(HandOver.NotTaken.class);
        assertThat(other.up()).isFalse();
        assertThat(server.taken).isEmpty();
    }

    @Test
    void restsWhereEncryptionIsRequiredAndNotOffered() throws Exception {
        SmtpRoute route = route(PATIENT, StartTls.REQUIRED, null);

        assertThat(result(route.handOver(mail(ANA, Leases.HOLDS))))
                .isInstanceOf(HandOver.NotTaken.class);
        pass(Duration.ofSeconds(4));
        assertThat(route.up()).isFalse();
        assertThat(server.commands).noneMatch(command -> command.startsWith("MAIL"));
    }

    @Test
    void refusesForGoodOnlyTheMailThatIsMeant() throws Exception {
        server.answers(
                "RCPT",
                () ->
                        server.commands.getLast().contains("gone")
                                ? "550 5.1.1 no such user"
                                : "250 ok");
        SmtpRoute route = route(PATIENT);

        assertThat(result(route.handOver(mail("gone@example.com", Leases.HOLDS))))
                .isEqualTo(new HandOver.Refused("550 5.1.1", "550 5.1.1 no such user"));
        assertThat(result(route.handOver(mail(ANA, Leases.HOLDS))))
                .isInstanceOf(HandOver.Accepted.class);
        assertThat(server.connections).hasValue(1);
        assertThat(result(route.handOver(mail("ana@bücher.example", Leases.HOLDS))))
                .isInstanceOf(HandOver.Refused.class);
        assertThat(result(route.handOver(mail("ana@example.com>\r\nDATA", Leases.HOLDS))))
                .isInstanceOf(HandOver.Refused.class);
    }

    @Test
    void takesAnotherConnectionWhereTheOneAtRestWasClosed() throws Exception {
        SmtpRoute route = route(PATIENT);
        result(route.handOver(mail(ANA, Leases.HOLDS)));
        server.hangUp();

        assertThat(result(route.handOver(mail(ANA, Leases.HOLDS))))
                .isInstanceOf(HandOver.Accepted.class);
        server.hangUp();
        pass(Duration.ofMinutes(1));
        assertThat(result(route.handOver(mail(ANA, Leases.HOLDS))))
                .isInstanceOf(HandOver.Accepted.class);
        assertThat(server.connections).hasValue(3);
    }

    @Test
    void restsAMomentWhileTheServerIsAway() throws Exception {
        SmtpRoute route = route(PATIENT);
        server.close();

        assertThat(result(route.handOver(mail(ANA, Leases.HOLDS))))
                .isInstanceOf(HandOver.NotTaken.class);
        assertThat(route.up()).isFalse();
        pass(Duration.ofSeconds(2));
        assertThat(route.up()).isTrue();
    }

    private static final Lease FAILS =
            () -> Uni.createFrom().failure(new IllegalStateException("the gate is away"));

    private SmtpRoute route(Duration timeout) {
        return route(timeout, StartTls.OPTIONAL, null);
    }

    private SmtpRoute route(Duration timeout, StartTls startTls, @Nullable String username) {
        InstantSource clock = now::get;
        return new SmtpRoute(
                SmtpServer.of("127.0.0.1", server.port(), startTls, username, "secret", timeout),
                from(),
                2,
                clock);
    }

    private static InternetAddress from() {
        try {
            return new InternetAddress("Shop <hello@shop.example>", true);
        } catch (AddressException e) {
            throw new IllegalStateException(e);
        }
    }

    private void pass(Duration time) {
        now.updateAndGet(then -> then.plus(time));
    }

    private static Outbound mail(String to, Lease lease) {
        return new Outbound(
                new MessageId(UUID.randomUUID()),
                to,
                new Content.Email(
                        "Your basket, déjà vu",
                        "<p>Hello</p>",
                        "Hello\n.a line that begins with a dot",
                        Map.of("X-Own", "yes")),
                Instant.now().plusSeconds(3600),
                lease);
    }

    private static CompletableFuture<HandOver> start(SmtpRoute route, Outbound message) {
        return route.handOver(message).subscribeAsCompletionStage();
    }

    private static HandOver result(Uni<HandOver> outcome) throws Exception {
        return outcome.subscribeAsCompletionStage().get(20, TimeUnit.SECONDS);
    }
}
