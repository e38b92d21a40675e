package io.throughline.channel.service;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.restassured.response.ValidatableResponse;
import io.throughline.channel.inbound.Hearing;
import io.throughline.channel.route.HandOver;
import io.throughline.channel.route.InboundText;
import io.throughline.channel.route.Outbound;
import io.throughline.channel.route.RecallAnswer;
import io.throughline.channel.route.Receipt;
import io.throughline.channel.store.Conversations;
import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Identifier;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.customer.ConsentChanged;
import io.throughline.contracts.customer.CustomerErased;
import io.throughline.contracts.customer.CustomersMerged;
import io.throughline.contracts.customer.IdentifiersUnlinked;
import io.throughline.contracts.customer.ProfileChanged;
import io.throughline.contracts.customer.SilenceBegun;
import io.throughline.contracts.customer.SilenceLifted;
import io.throughline.contracts.message.JourneyRef;
import io.throughline.contracts.message.MessageEvent;
import io.throughline.contracts.message.MessageRequested;
import io.throughline.contracts.message.MessageRequested.Fallback;
import io.throughline.contracts.message.SuppressionReason;
import io.throughline.contracts.message.Verdict;
import io.throughline.contracts.message.WithdrawalRequested;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.governance.ConsentWrite;
import io.throughline.governance.ContactGate;
import io.throughline.governance.GateAnswer;
import io.throughline.governance.GateRequest;
import io.throughline.local.simulators.Mail;
import io.throughline.local.testing.EmbeddedInfrastructure;
import io.vertx.mutiny.redis.client.RedisAPI;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Transaction;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(OwnPort.class)
@DisplayName("The channel service")
class ChannelServiceTest {

    private static final String ADMIN = "Bearer local-admin-token";
    private static final String SERVICE = "Bearer local-service-token";
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static int numbers = 1000;

    @Inject Hearing hearing;
    @Inject Pool pool;
    @Inject RedisAPI redis;
    @Inject ContactGate gate;
    @Inject Conversations conversations;

    private static @Nullable Bus bus;
    private static long redisProcess;

    private final CustomerId ana = new CustomerId(UUID.randomUUID());
    private final String phone = "+3460000" + numbers++;
    private final String email = "ana" + numbers + "@example.com";

    @BeforeAll
    static void listen() {
        bus = new Bus(ConfigProvider.getConfig().getValue("kafka.bootstrap.servers", String.class));
    }

    @AfterAll
    static void stopListening() throws InterruptedException {
        bus().close();
    }

    @BeforeEach
    void putTemplate() {
        StubIdentity.AWAY.set(false);
        putTemplate(
                        """
                        {"variants": [
                          {"channel": "email", "subject": "Hi {{ customer.name }}",
                           "html": "<p>Hi {{ customer.name }}</p><a href='https://shop.example/cart'>cart</a> <a href='{{ unsubscribe_url }}'>no more</a> <a href='{{ preferences_url }}'>choose</a>"},
                          {"channel": "sms", "text": "Hi {{ customer.name }}"}]}
                        """)
                .then()
                .statusCode(200);
    }

    @Test
    void handsAnEmailOverWithItsHeadersAndTellsItsLife() {
        MessageId message = request(email(Category.MARKETING));

        Mail mail = awaitMail(email, 1).getFirst();

        assertThat(mail.header("Subject")).isEqualTo("Hi Ana <3");
        assertThat(mail.header("Message-ID")).contains(message.toString());
        assertThat(mail.header("List-Unsubscribe")).contains("/u/");
        assertThat(mail.header("List-Unsubscribe-Post")).isEqualTo("List-Unsubscribe=One-Click");
        assertThat(mail.header("Feedback-ID")).isEqualTo("cart:carts:marketing:throughline");
        assertThat(mail.html()).contains("Hi Ana &lt;3").contains("/c/").contains("/o/");
        assertThat(mail.html()).doesNotContain("shop.example");
        assertThat(mail.text()).contains("Hi Ana <3").contains("/c/");
        await(() -> has(message, MessageEvent.Sent.class));
        given().header("Authorization", ADMIN)
                .get("/api/messages/" + message)
                .then()
                .statusCode(200)
                .body("state", equalTo("sent"))
                .body("route", equalTo("smtp"))
                .body("customer", equalTo(ana.toString()))
                .body("origin.journey", equalTo("carts"))
                .body("verdicts.rule", hasItem("consent"))
                .body("history.state", equalTo(List.of("queued", "sent")))
                .body("parts[0].providerId", containsString(message.toString()));
    }

    @Test
    void forgetsAnErasedCustomerAndWhatIsQueuedForHer() {
        MessageId sent = request(email(Category.MARKETING));
        String click = link(awaitMail(email, 1).getFirst().html(), "/c/");
        await(() -> has(sent, MessageEvent.Sent.class));
        bus().say(profile(ana));
        await(() ->
                count("SELECT count(*) FROM address_book WHERE customer = $1", ana.value()) == 2);
        hearing.text(text("hello")).await().atMost(PATIENCE);
        StubIdentity.AWAY.set(true);
        redis.flushallAndAwait(List.of());
        MessageId queued = request(sms(Category.MARKETING));
        await(() -> history(queued).contains("queued"));
        assertThat(exported()).contains(email, phone, "Ana <3", "hello", "shop.example");

        CustomerErased erased =
                new CustomerErased(ana, List.of(), UUID.randomUUID(), Instant.now());
        bus().say(erased);
        MessageId late = request(email(Category.MARKETING));
        await(() ->
                count(
                                "SELECT count(*) FROM gone_causes WHERE cause = $1 AND cleared_at IS NOT NULL",
                                erased.erasure())
                        == 1);
        StubIdentity.AWAY.set(false);
        bus().say(profile(ana));
        MessageId other = request(of(new CustomerId(UUID.randomUUID()), sms(Category.MARKETING)));
        await(() -> has(other, MessageEvent.Sent.class));
        for (MessageId message : List.of(sent, queued, late)) {
            given().header("Authorization", ADMIN)
                    .get("/api/messages/" + message)
                    .then()
                    .statusCode(404);
        }
        given().redirects().follow(false).get(click).then().statusCode(404);
        assertThat(exported()).doesNotContain(email, phone, "Ana <3", "hello", "shop.example");
        assertThat(count("SELECT count(*) FROM inbound_texts WHERE address = $1", phone)).isZero();
        assertThat(EmbeddedInfrastructure.simulators().mailsTo(email)).hasSize(1);
    }

    private String exported() {
        return given().header("Authorization", SERVICE)
                .contentType(ContentType.JSON)
                .body("{\"ids\":[\"" + ana + "\"]}")
                .post("/internal/export")
                .then()
                .statusCode(200)
                .extract()
                .asString();
    }

    @Test
    void sendsATransactionalEmailWithoutAnUnsubscribeHeader() {
        request(email(Category.TRANSACTIONAL));

        assertThat(awaitMail(email, 1).getFirst().header("List-Unsubscribe")).isEmpty();
    }

    @Test
    void sendsNothingMoreOnceAnUnsubscriptionIsAcknowledged() {
        request(email(Category.MARKETING));
        String link = link(awaitMail(email, 1).getFirst().header("List-Unsubscribe"), "/u/");

        given().get(link).then().statusCode(200).body(containsString("<form method=\"post\">"));
        given().header("Accept-Language", "da, es-MX;q=0.8, en;q=0.5")
                .get(link)
                .then()
                .header("Content-Security-Policy", containsString("default-src 'none'"))
                .body(containsString("<html lang=\"es\">"))
                .body(containsString("por correo electrónico."));
        given().header("Accept-Language", "da").get(link).then().body(containsString("by email."));
        given().contentType("application/x-www-form-urlencoded")
                .body("List-Unsubscribe=One-Click")
                .post(link)
                .then()
                .statusCode(200);
        MessageId second = request(email(Category.MARKETING));

        await(() -> has(second, MessageEvent.Suppressed.class));
        assertThat(suppression(second)).isIn(SuppressionReason.OPTED_OUT);
        assertThat(EmbeddedInfrastructure.simulators().mailsTo(email)).hasSize(1);
        await(() ->
                bus().heard().stream()
                        .anyMatch(event ->
                                event instanceof MessageEvent.Unsubscribed u
                                        && u.address().equals(email)
                                        && u.means().equals("one-click")
                                        && ana.equals(u.customer())));
    }

    @Test
    void doesNotUnsubscribeWhenAScannerFetchesTheLink() {
        request(email(Category.MARKETING));
        String link = link(awaitMail(email, 1).getFirst().header("List-Unsubscribe"), "/u/");

        given().get(link).then().statusCode(200);
        request(email(Category.MARKETING));

        assertThat(awaitMail(email, 2)).hasSize(2);
    }

    @Test
    void refusesForgedLinks() {
        for (String path : List.of("/c/", "/o/", "/u/")) {
            given().get(path + "AAAAAAAAAAAAAAAAAAAAAA").then().statusCode(404);
        }
        given().post("/u/AAAAAAAAAAAAAAAAAAAAAA").then().statusCode(404);
    }

    @Test
    void whoeverFollowsALinkThatDoesNotWorkIsToldInAPageOfHerLanguage() {
        for (String path : List.of("/c/", "/u/")) {
            given().header("Accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8")
                    .header("Accept-Language", "de-AT")
                    .get(path + "AAAAAAAAAAAAAAAAAAAAAA")
                    .then()
                    .statusCode(404)
                    .contentType("text/html")
                    .body(containsString("Dieser Link funktioniert nicht"));
        }
        given().accept("*/*")
                .get("/u/AAAAAAAAAAAAAAAAAAAAAA")
                .then()
                .statusCode(404)
                .contentType("application/problem+json");
    }

    @Test
    void redirectsAClickToItsTargetAndTellsOfItAndOfTheOpening() {
        MessageId message = request(email(Category.MARKETING));
        String html = awaitMail(email, 1).getFirst().html();
        await(() -> has(message, MessageEvent.Sent.class));

        given().redirects()
                .follow(false)
                .get(link(html, "/c/"))
                .then()
                .statusCode(302)
                .header("Location", "https://shop.example/cart");
        given().header("User-Agent", "Mozilla/5.0")
                .get(link(html, "/o/"))
                .then()
                .statusCode(200)
                .contentType("image/gif");

        await(() ->
                has(message, MessageEvent.Clicked.class)
                        && has(message, MessageEvent.Opened.class));
        assertThat(bus().heardOf(message))
                .anySatisfy(event ->
                        assertThat(event)
                                .isInstanceOfSatisfying(
                                        MessageEvent.Opened.class,
                                        opened -> assertThat(opened.machine()).isTrue()));
        contactHistory(ana, Instant.now().minusSeconds(60), Instant.now().plusSeconds(60))
                .body("attempts.message", equalTo(List.of(message.toString())))
                .body("attempts[0].engagedAt.size()", equalTo(1));
    }

    @Test
    void theLinkToThePreferenceCentreIsInTheMessageAndOnThePageThatStops() {
        MessageId message = request(email(Category.MARKETING));
        Mail mail = awaitMail(email, 1).getFirst();
        String link = link(mail.html(), "/preferences/");

        given().header("Authorization", SERVICE)
                .contentType(ContentType.JSON)
                .body(
                        "{\"token\":\"%s\",\"purpose\":\"preferences\"}"
                                .formatted(link.substring("/preferences/".length())))
                .post("/internal/links")
                .then()
                .statusCode(200)
                .body("message", equalTo(message.toString()))
                .body("customer", equalTo(ana.toString()));
        String unsubscribe = link(mail.header("List-Unsubscribe"), "/u/");
        assertThat(given().get(unsubscribe).asString()).contains("/preferences/");
        given().header("Authorization", SERVICE)
                .contentType(ContentType.JSON)
                .body(
                        "{\"token\":\"%s\",\"purpose\":\"preferences\"}"
                                .formatted(unsubscribe.substring("/u/".length())))
                .post("/internal/links")
                .then()
                .statusCode(404);
    }

    @Test
    void tellsTheIdentityServiceAloneWhoseMessageALinkStoodIn() {
        MessageId message = request(email(Category.MARKETING));
        String link = link(awaitMail(email, 1).getFirst().html(), "/c/");
        String question = "{\"token\":\"" + link.substring("/c/".length()) + "\"}";

        given().header("Authorization", SERVICE)
                .contentType(ContentType.JSON)
                .body(question)
                .post("/internal/links")
                .then()
                .statusCode(200)
                .body("message", equalTo(message.toString()))
                .body("channel", equalTo("email"))
                .body("address", equalTo(email))
                .body("sentAt", containsString("T"));
        given().header("Authorization", SERVICE)
                .contentType(ContentType.JSON)
                .body("{\"token\":\"AAAAAAAAAAAAAAAAAAAAAA\"}")
                .post("/internal/links")
                .then()
                .statusCode(404);
        given().header("Authorization", SERVICE)
                .contentType(ContentType.JSON)
                .body("{}")
                .post("/internal/links")
                .then()
                .statusCode(400)
                .body("field", equalTo("token"));
        given().header("Authorization", ADMIN)
                .contentType(ContentType.JSON)
                .body(question)
                .post("/internal/links")
                .then()
                .statusCode(403);
    }

    @Test
    void handsOverExactlyAsManyAsTheCapAllows() {
        List<MessageId> messages = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            messages.add(request(sms(Category.MARKETING)));
        }

        await(() ->
                messages.stream()
                                .filter(m ->
                                        has(m, MessageEvent.Sent.class)
                                                || has(m, MessageEvent.Suppressed.class))
                                .count()
                        == 5);
        assertThat(FakeSmsRoute.textsTo(phone)).hasSize(2);
        assertThat(messages)
                .filteredOn(m -> has(m, MessageEvent.Suppressed.class))
                .hasSize(3)
                .allSatisfy(
                        m -> assertThat(suppression(m)).isEqualTo(SuppressionReason.CHANNEL_CAP));
    }

    @Test
    void remembersContactsWhenTheGateHasForgottenThem() {
        MessageId first = request(sms(Category.MARKETING));
        MessageId second = request(sms(Category.MARKETING));
        await(() -> has(first, MessageEvent.Sent.class) && has(second, MessageEvent.Sent.class));

        redis.flushallAndAwait(List.of());
        int asked = StubIdentity.ASKED.get();
        MessageId third = request(sms(Category.MARKETING));

        await(() -> has(third, MessageEvent.Suppressed.class));
        assertThat(suppression(third)).isEqualTo(SuppressionReason.CHANNEL_CAP);
        assertThat(StubIdentity.ASKED.get()).isGreaterThan(asked);
        assertThat(FakeSmsRoute.textsTo(phone)).hasSize(2);
    }

    @Test
    void givesTheGateAllThatTheLedgersKnowForAJourneyToDecide() {
        MessageId first = request(sms(Category.MARKETING));
        MessageId second = request(sms(Category.MARKETING));
        await(() -> has(first, MessageEvent.Sent.class) && has(second, MessageEvent.Sent.class));
        redis.flushallAndAwait(List.of());

        hydrate("{\"customers\": [\"" + ana + "\"]}").then().statusCode(204);

        assertThat(refusal(ana)).isEqualTo(SuppressionReason.CHANNEL_CAP);
        hydrate("{}").then().statusCode(400);
        StubIdentity.AWAY.set(true);
        hydrate("{\"customers\": [\"" + UUID.randomUUID() + "\"]}").then().statusCode(503);
        hydrate("{\"customers\": [\"" + UUID.randomUUID() + "\"], \"permissions\": false}")
                .then()
                .statusCode(204);
        given().contentType(ContentType.JSON)
                .body("{}")
                .post("/internal/gate/hydrate")
                .then()
                .statusCode(401);
    }

    @Test
    void countsWhatWentToSomebodyOfWhoseMergeItHasNotReadYet() {
        MessageId first = request(sms(Category.MARKETING));
        MessageId second = request(sms(Category.MARKETING));
        await(() -> has(first, MessageEvent.Sent.class) && has(second, MessageEvent.Sent.class));
        CustomerId survivor = new CustomerId(UUID.randomUUID());
        StubIdentity.IDS_OF.put(survivor, Set.of(survivor, ana));

        hydrate("{\"customers\": [\"" + survivor + "\"]}").then().statusCode(204);

        assertThat(refusal(survivor)).isEqualTo(SuppressionReason.CHANNEL_CAP);
    }

    @Test
    void heedsAStopOfSomebodyOfWhoseMergeItHasNotReadYet() {
        MessageId first = request(sms(Category.MARKETING));
        await(() -> has(first, MessageEvent.Sent.class));
        hearing.text(text("STOP")).await().atMost(PATIENCE);
        CustomerId survivor = new CustomerId(UUID.randomUUID());

        hydrate(
                        "{\"customers\": [\"%s\"], \"permissions\": false, \"idsOf\": {\"%s\": [\"%s\"]}}"
                                .formatted(survivor, survivor, ana))
                .then()
                .statusCode(204);
        hydrate("{\"customers\": [\"" + survivor + "\"]}").then().statusCode(204);

        assertThat(refusal(survivor)).isEqualTo(SuppressionReason.OPTED_OUT);
    }

    /** Why a marketing text to nobody's number would be refused; a null where it would not be. */
    private @Nullable SuppressionReason refusal(CustomerId customer) {
        GateRequest question =
                new GateRequest(
                        customer,
                        new MessageId(UUID.randomUUID()),
                        Channel.SMS,
                        Category.MARKETING,
                        null,
                        null,
                        "+41790000000");
        return switch (gate.peek(List.of(question), ContactPolicy.initial())
                .await()
                .atMost(PATIENCE)
                .getFirst()) {
            case GateAnswer.Allowed allowed -> null;
            case GateAnswer.Denied denied -> denied.reason();
        };
    }

    private static Response hydrate(String body) {
        return given().header("Authorization", SERVICE)
                .contentType(ContentType.JSON)
                .body(body)
                .post("/internal/gate/hydrate");
    }

    @Test
    void sendsNothingWhileTheCustomerCannotBeHydratedAndThenDoes() {
        StubIdentity.AWAY.set(true);
        int asked = StubIdentity.ASKED.get();
        MessageId message = request(sms(Category.MARKETING));

        await(() -> StubIdentity.ASKED.get() > asked + 1);
        assertThat(FakeSmsRoute.textsTo(phone)).isEmpty();
        StubIdentity.AWAY.set(false);

        await(() -> has(message, MessageEvent.Sent.class));
        assertThat(FakeSmsRoute.textsTo(phone)).hasSize(1);
    }

    @Test
    void sendsNothingWhileRedisIsFrozenAndThenEverythingOnce() throws Exception {
        List<MessageId> before = requestSome(20);
        await(() -> has(before.getFirst(), MessageEvent.Sent.class));
        UUID[] during;
        signalRedis("STOP");
        try {
            during = requestSome(8).stream().map(MessageId::value).toArray(UUID[]::new);
            await(() ->
                    count(
                                    "SELECT count(*) FROM messages WHERE id = ANY($1) AND attempts > 0",
                                    during)
                            == during.length);
        } finally {
            signalRedis("CONT");
        }
        await(() ->
                count("SELECT count(*) FROM messages WHERE id = ANY($1) AND state = 'sent'", during)
                        == during.length);
        await(() -> before.stream().allMatch(m -> has(m, MessageEvent.Sent.class)));
        assertThat(EmbeddedInfrastructure.simulators().mailsTo(email)).hasSize(28);
    }

    /** Of different customers at the same address. */
    private List<MessageId> requestSome(int count) {
        List<MessageId> messages = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            messages.add(request(of(new CustomerId(UUID.randomUUID()), email(Category.MARKETING))));
        }
        return messages;
    }

    private void signalRedis(String signal) throws IOException, InterruptedException {
        if (redisProcess == 0) {
            Matcher id =
                    Pattern.compile("process_id:(\\d+)")
                            .matcher(redis.infoAndAwait(List.of("server")).toString());
            assertThat(id.find()).isTrue();
            redisProcess = Long.parseLong(id.group(1));
        }
        assertThat(new ProcessBuilder("kill", "-" + signal, "" + redisProcess).start().waitFor())
                .isZero();
    }

    @Test
    void takesBackOutOfTheQueueWhatIsNotWantedAnyMoreAndNothingElse() {
        MessageId handedOver = request(sms(Category.MARKETING));
        await(() -> has(handedOver, MessageEvent.Sent.class));
        StubIdentity.AWAY.set(true);
        redis.flushallAndAwait(List.of());
        MessageId queued = request(sms(Category.MARKETING));
        await(() -> !history(queued).isEmpty());

        // At this instant it may be claimed, and is put back where it cannot be judged.
        await(() -> {
            withdraw(handedOver);
            withdraw(queued);
            return has(queued, MessageEvent.Suppressed.class);
        });
        StubIdentity.AWAY.set(false);

        assertThat(suppression(queued)).isEqualTo(SuppressionReason.WITHDRAWN);
        assertThat(state(queued)).isEqualTo("suppressed");
        assertThat(state(handedOver)).isEqualTo("sent");
        assertThat(FakeSmsRoute.textsTo(phone)).hasSize(1);
    }

    /** What was said to one must not reach the other, whose address it is. */
    @Test
    void doesNotWriteToAnAddressThatTurnedOutToBeAnothersWhileItWaited() {
        answers(new HandOver.Throttled(Duration.ofMinutes(1)));
        MessageId queued = request(sms(Category.MARKETING));
        await(() ->
                count(
                                "SELECT count(*) FROM messages WHERE id = $1 AND state = 'queued'"
                                        + " AND not_before > now() + interval '30 s'",
                                queued.value())
                        == 1);

        bus().say(unlinkedFromAna(new Identifier(Identifier.PHONE, phone)));
        await(() -> has(queued, MessageEvent.Suppressed.class));
        assertThat(suppression(queued)).isEqualTo(SuppressionReason.NO_ADDRESS);
        MessageEvent told =
                bus().heardOf(queued).stream()
                        .filter(MessageEvent.Suppressed.class::isInstance)
                        .findFirst()
                        .orElseThrow();
        assertThat(told.tellsOf()).containsExactly(ana);
    }

    /** Whoever asked had not heard of it; the fallback is another address that went with it. */
    @Test
    void doesNotWriteToAnAddressThatTurnedOutToBeAnothersBeforeItWasAskedFor() {
        bus().say(unlinkedFromAna(new Identifier(Identifier.PHONE, phone)));
        await(() ->
                count(
                                "SELECT count(*) FROM unlinked_addresses WHERE channel = 'sms' AND address = $1",
                                phone)
                        == 1);

        MessageId late = request(sms(Category.MARKETING));
        MessageId other = request(smsElseEmail());

        await(() ->
                has(late, MessageEvent.Suppressed.class) && has(other, MessageEvent.Sent.class));
        assertThat(suppression(late)).isEqualTo(SuppressionReason.NO_ADDRESS);
        assertThat(awaitMail(email, 1)).hasSize(1);
        assertThat(FakeSmsRoute.textsTo(phone)).isEmpty();
    }

    @Test
    void writesToAnAddressThatSomebodyGotBack() {
        bus().say(unlinkedFromAna(new Identifier(Identifier.PHONE, phone)));
        bus().say(profile(ana));
        await(() ->
                count(
                                """
                                SELECT count(*) FROM unlinked_addresses u JOIN address_book USING (channel, address, customer)
                                 WHERE u.channel = 'sms' AND u.address = $1
                                """,
                                phone)
                        == 1);

        MessageId message = request(sms(Category.MARKETING));

        await(() -> has(message, MessageEvent.Sent.class));
    }

    private IdentifiersUnlinked unlinkedFromAna(Identifier identifier) {
        return new IdentifiersUnlinked(
                ana,
                new CustomerId(UUID.randomUUID()),
                List.of(identifier),
                List.of(),
                List.of(),
                List.of(),
                "m-1",
                Instant.now());
    }

    private void withdraw(MessageId message) {
        bus().say(new WithdrawalRequested(message, ana, "displaced", Instant.now()));
    }

    @Test
    void honoursAStopBeforeItIsAcknowledgedAndGoesOnByEmail() {
        bus().say(profile(ana));
        MessageId first = request(sms(Category.MARKETING));
        await(() -> has(first, MessageEvent.Sent.class));

        hearing.text(text("Stop!")).await().atMost(PATIENCE);
        MessageId second = request(smsElseEmail());

        await(() -> has(second, MessageEvent.Sent.class));
        assertThat(FakeSmsRoute.textsTo(phone)).hasSize(1);
        assertThat(awaitMail(email, 1)).hasSize(1);
        given().header("Authorization", ADMIN)
                .get("/api/messages/" + second)
                .then()
                .body("channel", equalTo("email"))
                .body("history.detail.reason", hasItem("opted_out"));
        await(() ->
                bus().heard().stream()
                        .anyMatch(event ->
                                event instanceof MessageEvent.Unsubscribed u
                                        && u.address().equals(phone)
                                        && first.equals(u.message())
                                        && u.evidence().equals("Stop!")));
    }

    @Test
    void storesAStopInTheSameWordsAgainSinceThereMayHaveBeenAnOptInBetween() {
        bus().say(profile(ana));
        await(() -> count("SELECT count(*) FROM address_book WHERE address = $1", phone) == 1);
        hearing.text(text("STOP")).await().atMost(PATIENCE);
        gate.consent(List.of(optIn())).await().atMost(PATIENCE);

        hearing.text(text("STOP")).await().atMost(PATIENCE);

        assertThat(count("SELECT count(*) FROM opt_outs WHERE address = $1", phone)).isEqualTo(2);
        await(() -> unsubscriptions() == 2);
        redis.flushallAndAwait(List.of());
        MessageId message = request(sms(Category.MARKETING));
        await(() -> has(message, MessageEvent.Suppressed.class));
    }

    @Test
    void aStopHoldsAlsoWhereTheClockOfWhoTookTheOptInIsAhead() {
        bus().say(profile(ana));
        await(() -> count("SELECT count(*) FROM address_book WHERE address = $1", phone) == 1);
        hearing.text(text("STOP")).await().atMost(PATIENCE);
        Instant ahead = Instant.now().plusSeconds(30);
        ConsentWrite back =
                new ConsentWrite(ana, phone, Channel.SMS, null, ConsentState.OPTED_IN, ahead);
        gate.consent(List.of(back)).await().atMost(PATIENCE);

        hearing.text(text("STOP")).await().atMost(PATIENCE);

        assertThat(gate.addressOptedOut(Channel.SMS, List.of(phone)).await().atMost(PATIENCE))
                .containsExactly(true);
        MessageId message = request(sms(Category.MARKETING));
        await(() -> has(message, MessageEvent.Suppressed.class));
        assertThat(
                        count(
                                "SELECT count(*) FROM opt_outs WHERE address = $1 AND at > now() + interval '20 s'",
                                phone))
                .isEqualTo(1);
        await(() -> unsubscriptions() == 3);
    }

    @Test
    void sendsAgainToSomebodyWhoCameBackAlsoThroughALossOfTheGate() {
        bus().say(profile(ana));
        await(() -> count("SELECT count(*) FROM address_book WHERE address = $1", phone) == 1);
        hearing.text(text("STOP")).await().atMost(PATIENCE);
        Instant back = Instant.now().plusMillis(1);
        StubIdentity.SAID.put(
                ana,
                List.of(
                        new ConsentWrite(ana, null, Channel.SMS, null, ConsentState.OPTED_IN, back),
                        new ConsentWrite(
                                null, phone, Channel.SMS, null, ConsentState.OPTED_IN, back)));
        redis.flushallAndAwait(List.of());

        MessageId message = request(sms(Category.MARKETING));

        await(() -> !bus().heardOf(message).isEmpty());
        assertThat(has(message, MessageEvent.Sent.class)).isTrue();
    }

    @Test
    void waitsWithAStopForAMessageOnItsWayToSomebodyNotKnownBehindTheAddress() {
        CompletableFuture<Void> open = new CompletableFuture<>();
        FakeSmsRoute.SLOW.put(phone, open);
        MessageId message = request(sms(Category.MARKETING));
        await(() ->
                count(
                                "SELECT count(*) FROM messages WHERE id = $1 AND state = 'handing_over'",
                                message.value())
                        == 1);

        hearing.text(text("STOP")).await().atMost(PATIENCE);
        open.complete(null);

        await(() -> has(message, MessageEvent.Suppressed.class));
        assertThat(suppression(message)).isEqualTo(SuppressionReason.OPTED_OUT);
        assertThat(FakeSmsRoute.textsTo(phone)).isEmpty();
        await(() ->
                bus().heard().stream()
                        .anyMatch(event ->
                                event instanceof MessageEvent.Unsubscribed u
                                        && u.address().equals(phone)
                                        && ana.equals(u.customer())));
    }

    @Test
    void keepsAStopInForceForAnAddressNobodyIsKnownBehindAndThroughALossOfTheGate() {
        hearing.text(text("STOP")).await().atMost(PATIENCE);
        redis.flushallAndAwait(List.of());
        bus().say(profile(ana));
        await(() -> count("SELECT count(*) FROM address_book WHERE address = $1", phone) == 1);

        MessageId message = request(sms(Category.MARKETING));

        await(() -> has(message, MessageEvent.Suppressed.class));
        assertThat(suppression(message))
                .isIn(SuppressionReason.ADDRESS_OPTED_OUT, SuppressionReason.OPTED_OUT);
    }

    @Test
    void confirmsTheFirstStopBeforeItIsAcknowledgedAndAnswersHelpAlsoAfterIt() {
        hearing.text(text("Stop please")).await().atMost(PATIENCE);
        assertThat(FakeSmsRoute.answersTo(phone))
                .singleElement()
                .asString()
                .startsWith("You will get no more messages");
        hearing.text(text("STOP")).await().atMost(PATIENCE);
        assertThat(FakeSmsRoute.answersTo(phone)).hasSize(1);

        answers(new HandOver.NotTaken("not now"));
        hearing.text(text("HELP")).await().atMost(PATIENCE);
        await(() -> FakeSmsRoute.answersTo(phone).size() == 2);
        assertThat(FakeSmsRoute.answersTo(phone).getLast()).contains("Reply STOP");
        hearing.text(text("HELP")).await().atMost(PATIENCE);
        hearing.text(text("Yes")).await().atMost(PATIENCE);

        await(() -> replies().size() == 2);
        assertThat(replies())
                .extracting(MessageEvent.Replied::keyword)
                .containsExactly("HELP", null);
        assertThat(FakeSmsRoute.answersTo(phone)).hasSize(2);
        assertThat(count("SELECT count(*) FROM messages WHERE address = $1", phone)).isZero();
    }

    @Test
    void sendsNoConfirmationOnceTheStopIsAcknowledged() {
        CompletableFuture<Void> open = new CompletableFuture<>();
        FakeSmsRoute.SLOW.put(phone, open);

        hearing.text(text("STOP")).await().atMost(PATIENCE);
        open.complete(null);

        assertThat(FakeSmsRoute.answersTo(phone)).isEmpty();
    }

    @Test
    void tellsOfARepeatedTextOnce() {
        InboundText text = text("What is this?");
        hearing.text(text).await().atMost(PATIENCE);
        hearing.text(text).await().atMost(PATIENCE);
        hearing.text(text("START")).await().atMost(PATIENCE);

        await(() -> replies().size() >= 2);
        assertThat(replies())
                .extracting(MessageEvent.Replied::keyword)
                .containsExactly(null, "START");
    }

    @Test
    void isDeliveredWhenEveryPartIs() {
        putTemplate("{\"variants\": [{\"channel\": \"sms\", \"text\": \"one||two\"}]}")
                .then()
                .statusCode(200);
        MessageId message = request(sms(Category.MARKETING));
        // The second part's receipt comes before anything is known of the message.
        hearing.receipt(receipt(message + "-2", Receipt.Status.DELIVERED)).await().atMost(PATIENCE);
        await(() -> has(message, MessageEvent.Sent.class));

        hearing.receipt(receipt(message + "-1", Receipt.Status.ENROUTE)).await().atMost(PATIENCE);
        assertThat(has(message, MessageEvent.Delivered.class)).isFalse();
        hearing.receipt(receipt(message + "-1", Receipt.Status.DELIVERED)).await().atMost(PATIENCE);
        hearing.receipt(receipt(message + "-1", Receipt.Status.FAILED)).await().atMost(PATIENCE);

        await(() -> has(message, MessageEvent.Delivered.class));
        given().header("Authorization", ADMIN)
                .get("/api/messages/" + message)
                .then()
                .body("state", equalTo("delivered"))
                .body("parts.status", equalTo(List.of("delivered", "delivered")));
        assertThat(has(message, MessageEvent.Failed.class)).isFalse();
    }

    @Test
    void countsNoMoreWhatDidNotArriveUntilItDoes() {
        MessageId first = request(sms(Category.MARKETING));
        MessageId second = request(sms(Category.MARKETING));
        await(() -> has(first, MessageEvent.Sent.class) && has(second, MessageEvent.Sent.class));
        assertThat(counted()).isEqualTo(2);

        hears(first + "-1", Receipt.Status.FAILED, "UNDELIV 045");
        hears(second + "-1", Receipt.Status.FAILED, "EXPIRED 000");
        assertThat(counted()).isEqualTo(1);
        // So it is for a gate that has it from the ledger.
        redis.flushallAndAwait(List.of());
        hydrate("{\"customers\": [\"" + ana + "\"]}").then().statusCode(204);
        assertThat(counted()).isEqualTo(1);
        given().header("Authorization", ADMIN)
                .get("/api/messages/" + first)
                .then()
                .body("history.detail.contact", hasItem("taken_back"));

        MessageId third = request(sms(Category.MARKETING));
        await(() -> has(third, MessageEvent.Sent.class));
        hears(third + "-1", Receipt.Status.FAILED, "UNDELIV 045");
        assertThat(counted()).isEqualTo(1);
        hears(third + "-1", Receipt.Status.DELIVERED, "DELIVRD 000");
        assertThat(counted()).isEqualTo(2);
    }

    /** What the cap on texts counts of this customer now. */
    private int counted() {
        GateRequest question =
                new GateRequest(
                        ana,
                        new MessageId(UUID.randomUUID()),
                        Channel.SMS,
                        Category.MARKETING,
                        null,
                        null,
                        phone);
        GateAnswer answer =
                gate.peek(List.of(question), ContactPolicy.initial())
                        .await()
                        .atMost(PATIENCE)
                        .getFirst();
        return answer.verdicts().stream()
                .filter(verdict -> verdict.rule().equals("cap:channel:sms:P1D"))
                .map(Verdict::count)
                .findFirst()
                .orElseThrow();
    }

    private void hears(String providerId, Receipt.Status status, String code) {
        hearing.receipt(
                        new Receipt(
                                "fake-sms",
                                Channel.SMS,
                                providerId,
                                phone,
                                status,
                                code,
                                Instant.now()))
                .await()
                .atMost(PATIENCE);
    }

    @Test
    void settlesWhatIsUnknownByTheReceiptsOfThePartsThatTheCarrierNamed() {
        String id = UUID.randomUUID().toString();
        MessageId message = unknown(new HandOver.Unknown("no answer to a part", List.of(id), 1, 0));

        hears(id, Receipt.Status.DELIVERED);
        assertThat(state(message)).isEqualTo("unknown");
        hears("other-" + id, Receipt.Status.DELIVERED);

        await(() -> has(message, MessageEvent.Delivered.class));
        assertThat(bus().heardOf(message))
                .extracting(event -> event.getClass().getSimpleName())
                .containsExactly("Unknown", "Sent", "Delivered");
        assertThat(state(message)).isEqualTo("delivered");
    }

    @Test
    void settlesWhatIsUnknownByTheOneReceiptForItsAddress() {
        MessageId message = unknown(new HandOver.Unknown("no answer"));

        hears(UUID.randomUUID().toString(), Receipt.Status.FAILED);

        await(() -> has(message, MessageEvent.Failed.class));
        assertThat(has(message, MessageEvent.Sent.class)).isFalse();
    }

    @Test
    void settlesWhatACrashedProcessLeft() {
        MessageId message = abandoned(sms(Category.MARKETING));
        hears(UUID.randomUUID().toString(), Receipt.Status.DELIVERED);

        await(() -> has(message, MessageEvent.Delivered.class));
    }

    @Test
    void leavesUnknownWhatNoReceiptSaysForSure() {
        MessageId first = unknown(new HandOver.Unknown("no answer"));
        MessageId second = unknown(new HandOver.Unknown("no answer"));
        hears(UUID.randomUUID().toString(), Receipt.Status.DELIVERED);

        String id = UUID.randomUUID().toString();
        CustomerId ben = new CustomerId(UUID.randomUUID());
        answers(new HandOver.Unknown("stopped", List.of(id), 0, 1));
        MessageId fragment = request(of(ben, sms(Category.MARKETING)));
        await(() -> has(fragment, MessageEvent.Unknown.class));
        hears(id, Receipt.Status.DELIVERED);

        // A later one of another address is matched, so these were looked at.
        String other = phone + "9";
        FakeSmsRoute.ANSWERS.put(
                other, new ArrayList<>(List.of(new HandOver.Unknown("no answer"))));
        MessageId later =
                request(
                        of(
                                ben,
                                requested(
                                        Channel.SMS,
                                        other,
                                        "cart",
                                        Category.MARKETING,
                                        List.of())));
        await(() -> has(later, MessageEvent.Unknown.class));
        hearing.receipt(receipt("later-" + id, other, Receipt.Status.DELIVERED))
                .await()
                .atMost(PATIENCE);
        await(() -> has(later, MessageEvent.Delivered.class));
        assertThat(List.of(first, second, fragment)).allMatch(m -> state(m).equals("unknown"));
    }

    @Test
    void doesWhatTheCarriersAnswerSays() {
        answers(new HandOver.NotTaken("not now"), new HandOver.Throttled(Duration.ofMillis(10)));
        MessageId retried = request(sms(Category.MARKETING));
        await(() -> has(retried, MessageEvent.Sent.class));
        assertThat(FakeSmsRoute.textsTo(phone)).hasSize(1);

        answers(new HandOver.Refused("0x0B", "invalid destination"));
        MessageId refused = request(sms(Category.MARKETING));
        await(() -> has(refused, MessageEvent.Failed.class));

        answers(new HandOver.Unknown("no answer"));
        MessageId unknown = request(sms(Category.MARKETING));
        await(() -> has(unknown, MessageEvent.Unknown.class));

        // The refused one did not count, the unknown one did: two is the cap.
        MessageId capped = request(sms(Category.MARKETING));
        await(() -> has(capped, MessageEvent.Suppressed.class));

        answers(new HandOver.Unknown("no answer"));
        MessageId owed = request(email(Category.TRANSACTIONAL));
        await(() -> has(owed, MessageEvent.Sent.class));
        assertThat(FakeSmsRoute.textsTo(phone)).hasSize(1);
    }

    @Test
    void refusesAnAddressThatTheMailServerRefusesAndRetriesOneThatItPutsOff() {
        EmbeddedInfrastructure.simulators().mailsBehave(Set.of(email), Set.of());
        MessageId refused = request(email(Category.SERVICE));
        await(() -> has(refused, MessageEvent.Failed.class));

        EmbeddedInfrastructure.simulators().mailsBehave(Set.of(), Set.of(email));
        MessageId putOff = request(email(Category.SERVICE));
        await(() -> history(putOff).contains("queued, queued"));
        EmbeddedInfrastructure.simulators().mailsBehave(Set.of(), Set.of());

        await(() -> has(putOff, MessageEvent.Sent.class));
    }

    @Test
    void doesNotSendAgainWhatACrashedProcessMayHaveSentUnlessItIsOwed() {
        MessageId marketing = abandoned(sms(Category.MARKETING));
        MessageId owed = abandoned(sms(Category.TRANSACTIONAL));

        await(() -> has(marketing, MessageEvent.Unknown.class));
        await(() -> has(owed, MessageEvent.Sent.class));
        assertThat(FakeSmsRoute.TAKEN)
                .extracting(Outbound::message)
                .contains(owed)
                .doesNotContain(marketing);
    }

    @Test
    void tellsWhatCannotBeSentAtAll() {
        MessageId late = request(with(sms(Category.MARKETING), Instant.now().minusSeconds(1)));
        MessageId push =
                request(requested(Channel.PUSH, "token", "cart", Category.MARKETING, List.of()));
        MessageId blank =
                request(requested(Channel.SMS, phone, "nothing", Category.MARKETING, List.of()));

        await(() ->
                List.of(late, push, blank).stream()
                        .allMatch(m -> has(m, MessageEvent.Suppressed.class)));
        assertThat(suppression(late)).isEqualTo(SuppressionReason.DEADLINE_PASSED);
        assertThat(suppression(push)).isEqualTo(SuppressionReason.NO_ROUTE);
        assertThat(suppression(blank)).isEqualTo(SuppressionReason.NO_CONTENT);
    }

    @Test
    void keepsOneSurvivorForAChainOfMergesThatComeFromTwoSidesAtOnce() {
        CustomerId oldest = new CustomerId(UUID.randomUUID());
        CustomerId youngest = new CustomerId(UUID.randomUUID());
        SqlConnection one = pool.getConnection().await().atMost(PATIENCE);
        Transaction first = one.begin().await().atMost(PATIENCE);
        conversations.merged(one, merge(oldest, ana)).await().atMost(PATIENCE);

        CompletableFuture<Void> second =
                pool.withTransaction(tx ->
                                conversations
                                        .merged(tx, merge(ana, youngest))
                                        .map(x -> (Void) null))
                        .subscribeAsCompletionStage();
        await(() -> second.isDone() || somebodyWaitsForALock());
        first.commit().await().atMost(PATIENCE);
        one.close().await().atMost(PATIENCE);

        assertThat(second).succeedsWithin(PATIENCE);
        assertThat(
                        count(
                                "SELECT count(*) FROM customer_aliases WHERE survivor = $1",
                                oldest.value()))
                .isEqualTo(2);
    }

    @Test
    void aConversionTakesBackWhatTheCarrierHoldsAndNoMoreThanThat() {
        gives(new RecallAnswer.NotNow("busy"), new RecallAnswer.GivenBack());
        MessageId message = request(sms(Category.MARKETING));
        MessageId receipt = request(sms(Category.TRANSACTIONAL));
        await(() -> has(message, MessageEvent.Sent.class) && has(receipt, MessageEvent.Sent.class));

        bus().say(silence("another-journey"));
        bus().say(silence(null));
        await(() -> has(message, MessageEvent.Recalled.class));
        bus().say(silence(null));

        given().header("Authorization", ADMIN)
                .get("/api/messages/" + message)
                .then()
                .body("state", equalTo("recalled"))
                .body("recall.cause", equalTo("conversion"))
                .body("recall.outcome", equalTo("recalled"))
                .body("recall.tries", equalTo(2))
                .body("history.state", hasItem("recalled"));
        assertThat(state(receipt)).isEqualTo("sent");
        assertThat(
                        count(
                                "SELECT count(*) FROM messages WHERE id = $1 AND refunded_at IS NOT NULL",
                                message.value()))
                .as("it reached nobody and does not count")
                .isOne();
        hears(message + "-1", Receipt.Status.FAILED);
        assertThat(state(message)).isEqualTo("recalled");

        hears(message + "-1", Receipt.Status.DELIVERED);
        await(() -> has(message, MessageEvent.Delivered.class));
        assertThat(state(message)).isEqualTo("delivered");
        assertThat(
                        count(
                                "SELECT count(*) FROM messages WHERE id = $1 AND refunded_at IS NOT NULL",
                                message.value()))
                .as("it did reach her, and counts")
                .isZero();
        assertThat(askedBack(message)).isEqualTo(2);
        assertThat(askedBack(receipt)).isZero();
    }

    @Test
    void aStopAsksTheCarrierOnceForWhatItHoldsAndTellsHowSoonItWasInForce() {
        MessageId message = request(sms(Category.MARKETING));
        await(() -> has(message, MessageEvent.Sent.class));

        InboundText stop = text("STOP");
        hearing.text(stop).await().atMost(PATIENCE);

        await(() -> has(message, MessageEvent.NotRecalled.class));
        await(() ->
                bus().heard().stream()
                        .anyMatch(e ->
                                e instanceof MessageEvent.StopInForce s
                                        && s.address().equals(phone)
                                        && ana.equals(s.customer())
                                        && s.saidAt().equals(stop.at())
                                        && !s.at().isBefore(stop.at())
                                        && !s.acknowledgedAt().isBefore(s.at())));
        bus().say(optedOut(Channel.SMS, stop.at()));
        MessageId last = request(sms(Category.MARKETING));
        await(() -> has(last, MessageEvent.Suppressed.class));

        given().header("Authorization", ADMIN)
                .get("/api/messages/" + message)
                .then()
                .body("state", equalTo("sent"))
                .body("recall.cause", equalTo("opt_out"))
                .body("recall.outcome", equalTo("too_late"))
                .body("recall.why", equalTo("delivered"));
        assertThat(askedBack(message)).isOne();
        assertThat(askedBack(last)).isZero();
    }

    @Test
    void anEmailThatWasTakenSinceTheOptOutHappenedIsToldToBePastRecall() {
        Instant said = Instant.now().minusSeconds(5);
        MessageId message = request(email(Category.MARKETING));
        await(() -> has(message, MessageEvent.Sent.class));

        bus().say(optedOut(Channel.SMS, said));
        bus().say(optedOut(Channel.EMAIL, said));

        await(() -> has(message, MessageEvent.NotRecalled.class));
        given().header("Authorization", ADMIN)
                .get("/api/messages/" + message)
                .then()
                .body("state", equalTo("sent"))
                .body("recall.outcome", equalTo("impossible"))
                .body("recall.why", equalTo("email cannot be recalled once taken"))
                .body("history.state", hasItem("not_recalled"));
    }

    @Test
    void whatALiftedSilenceOrOneOfOtherCategoriesWouldHaveKeptBackStaysWithTheCarrier() {
        gives(new RecallAnswer.GivenBack());
        MessageId message = request(sms(Category.MARKETING));
        await(() -> has(message, MessageEvent.Sent.class));

        bus().say(silence(null, "another-order", Set.of(Category.SERVICE)));
        bus().say(lifted("order", Instant.now()));
        bus().say(silence(null, "order", null));
        await(() -> ended(message, "not_needed") == 1);
        given().header("Authorization", ADMIN)
                .get("/api/messages/" + message)
                .then()
                .body("state", equalTo("sent"))
                .body("recall.cause", equalTo("conversion"))
                .body("recall.why", equalTo("the silence was lifted"));
        assertThat(askedBack(message)).isZero();

        bus().say(lifted("later", Instant.now().minusSeconds(3600)));
        bus().say(silence(null, "later", Set.of(Category.MARKETING)));
        await(() -> has(message, MessageEvent.Recalled.class));
        assertThat(askedBack(message)).isOne();
    }

    private long ended(MessageId message, String outcome) {
        return count(
                "SELECT count(*) FROM recalls WHERE message = $1 AND outcome = '" + outcome + "'",
                message.value());
    }

    private SilenceLifted lifted(String cause, Instant at) {
        return new SilenceLifted(
                ana,
                UUID.randomUUID().toString(),
                "pos",
                "Order Refunded",
                cause,
                at,
                Instant.now(),
                null);
    }

    private SilenceBegun silence(@Nullable String journey) {
        return silence(journey, null, null);
    }

    private SilenceBegun silence(
            @Nullable String journey, @Nullable String cause, @Nullable Set<Category> categories) {
        Instant now = Instant.now();
        return new SilenceBegun(
                ana,
                UUID.randomUUID().toString(),
                "pos",
                "Order Completed",
                journey,
                now.plus(Duration.ofDays(1)),
                now.minusSeconds(60),
                now,
                now,
                now,
                null,
                cause,
                categories,
                cause == null ? null : now.minusSeconds(60));
    }

    private ConsentChanged optedOut(Channel channel, Instant at) {
        return new ConsentChanged(
                ana, channel, null, ConsentState.OPTED_OUT, null, "api", at, Instant.now());
    }

    private void gives(RecallAnswer... answers) {
        FakeSmsRoute.RECALLS.put(phone, new ArrayList<>(List.of(answers)));
    }

    private static long askedBack(MessageId message) {
        return FakeSmsRoute.ASKED_BACK.stream().filter(m -> m.message().equals(message)).count();
    }

    private static CustomersMerged merge(CustomerId survivor, CustomerId merged) {
        return new CustomersMerged(survivor, merged, "m-" + merged, Instant.now());
    }

    private boolean somebodyWaitsForALock() {
        return pool.query("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
                        .execute()
                        .await()
                        .atMost(PATIENCE)
                        .size()
                > 0;
    }

    @Test
    void countsTheContactsOfMergedCustomersTogether() {
        CustomerId older = new CustomerId(UUID.randomUUID());
        MessageId first = request(sms(Category.MARKETING));
        MessageId second = request(sms(Category.MARKETING));
        await(() -> has(first, MessageEvent.Sent.class) && has(second, MessageEvent.Sent.class));
        redis.flushallAndAwait(List.of());
        bus().say(new CustomersMerged(older, ana, "m-1", Instant.now()));
        await(() ->
                count("SELECT count(*) FROM customer_aliases WHERE merged = $1", ana.value()) == 1);

        MessageId third = request(of(older, sms(Category.MARKETING)));

        await(() -> has(third, MessageEvent.Suppressed.class));
        assertThat(suppression(third)).isEqualTo(SuppressionReason.CHANNEL_CAP);
        given().header("Authorization", ADMIN)
                .get("/api/messages?customer=" + older)
                .then()
                .body("items.size()", equalTo(3));
    }

    @Test
    void tellsWhichMessagesTurnedOutToBeAnothers() {
        CustomerId older = new CustomerId(UUID.randomUUID());
        CustomerId bea = new CustomerId(UUID.randomUUID());
        MessageId mail = request(email(Category.MARKETING));
        MessageId text = request(sms(Category.MARKETING));
        await(() -> has(mail, MessageEvent.Sent.class) && has(text, MessageEvent.Sent.class));
        bus().say(new CustomersMerged(older, ana, "m-1", Instant.now()));
        await(() ->
                count("SELECT count(*) FROM customer_aliases WHERE merged = $1", ana.value()) == 1);
        gate.merge(older, ana).await().atMost(PATIENCE);
        gate.split(older, bea).await().atMost(PATIENCE);
        Instant at = Instant.parse("2026-11-26T10:00:00Z");

        bus().say(
                        new IdentifiersUnlinked(
                                older,
                                bea,
                                List.of(new Identifier(Identifier.PHONE, phone)),
                                List.of(),
                                List.of(),
                                List.of(),
                                "m-2",
                                at));

        MessageEvent told = new MessageEvent.Reassigned(text, ana, bea, Channel.SMS, at);
        await(() -> bus().heard().contains(told));
        assertThat(bus().heard())
                .noneMatch(e -> e instanceof MessageEvent.Reassigned r && r.message().equals(mail));
        hearing.receipt(receipt(text + "-1", Receipt.Status.DELIVERED)).await().atMost(PATIENCE);
        await(() ->
                bus().heardOf(text).stream()
                        .anyMatch(e ->
                                e instanceof MessageEvent.Delivered d && d.customer().equals(bea)));
        // Each had both until it was known which is whose.
        await(() -> counted(older).equals(List.of(1)) && counted(bea).equals(List.of(1)));
    }

    /** How many contacts the gate counts of a customer, where it knows her. */
    private List<Integer> counted(CustomerId customer) {
        ContactPolicy many =
                new ContactPolicy(
                        1,
                        List.of(
                                new ContactPolicy.Cap(
                                        ContactPolicy.Scope.GLOBAL, null, 99, Duration.ofDays(1))),
                        null,
                        null,
                        "UTC",
                        Map.of(Channel.EMAIL, ContactPolicy.ConsentRule.OPT_OUT),
                        Set.of(),
                        List.of());
        GateRequest request =
                new GateRequest(
                        customer,
                        new MessageId(UUID.randomUUID()),
                        Channel.EMAIL,
                        Category.MARKETING,
                        null,
                        "none",
                        "nobody@example.com");
        return gate
                .peek(List.of(request), many)
                .await()
                .atMost(PATIENCE)
                .getFirst()
                .verdicts()
                .stream()
                .filter(verdict -> verdict.rule().startsWith("cap:"))
                .map(verdict -> Objects.requireNonNull(verdict.count()))
                .toList();
    }

    @Test
    void namesTheFieldThatIsWrongInATemplate() {
        putTemplate("{\"variants\": [{\"channel\": \"sms\", \"text\": \"{{ x\"}]}")
                .then()
                .statusCode(422)
                .contentType("application/problem+json")
                .body("field", equalTo("variants[0].text"));
        putTemplate("{\"variants\": [{\"text\": \"x\"}]}")
                .then()
                .statusCode(400)
                .body("field", equalTo("variants[0].channel"));
        putTemplate("{\"variants\": [{\"channel\": \"fax\", \"text\": \"x\"}]}")
                .then()
                .statusCode(400);
        putTemplate("{}").then().statusCode(400).body("field", equalTo("variants"));
        putTemplate("{\"variants\": ").then().statusCode(400);
        given().header("Authorization", ADMIN)
                .contentType(ContentType.JSON)
                .body("{\"variants\": [{\"channel\": \"sms\", \"text\": \"x\"}]}")
                .put("/api/templates/Not A Key")
                .then()
                .statusCode(400)
                .body("field", equalTo("key"));
    }

    @Test
    void previewsATemplateAndListsIt() {
        given().header("Authorization", ADMIN)
                .contentType(ContentType.JSON)
                .body("{\"channel\": \"sms\", \"variables\": {\"customer\": {\"name\": \"Bo\"}}}")
                .post("/api/templates/cart/preview")
                .then()
                .statusCode(200)
                .body("text", equalTo("Hi Bo"));
        given().header("Authorization", ADMIN)
                .get("/api/templates?limit=1")
                .then()
                .statusCode(200)
                .body("items.key", equalTo(List.of("cart")));
        given().header("Authorization", ADMIN).get("/api/templates/none").then().statusCode(404);
        given().get("/api/templates/cart").then().statusCode(401);
    }

    @Test
    void tellsTheJourneyServiceWhatCannotBeSent() {
        String body =
                """
                {"sends": [{"path": "steps[0].send", "channel": "sms", "template": "cart"},
                           {"path": "steps[1].send", "channel": "push", "template": "cart"},
                           {"path": "steps[2].send", "channel": "email", "template": "none"}]}
                """;
        given().header("Authorization", SERVICE)
                .contentType(ContentType.JSON)
                .body(body)
                .post("/internal/sendability")
                .then()
                .statusCode(200)
                .body("refusals.path", equalTo(List.of("steps[1].send", "steps[2].send")))
                .body("refusals.reason", equalTo(List.of("no_route", "no_template")));
        given().header("Authorization", ADMIN)
                .contentType(ContentType.JSON)
                .body(body)
                .post("/internal/sendability")
                .then()
                .statusCode(403);
    }

    @Test
    void tellsTheJourneyServiceWhatWasReadyToGoToACustomerWhateverIdSheHad() {
        Instant before = Instant.now().minusSeconds(5);
        CustomerId older = new CustomerId(UUID.randomUUID());
        MessageId first = request(sms(Category.MARKETING));
        MessageId second = request(sms(Category.MARKETING));
        await(() -> has(first, MessageEvent.Sent.class) && has(second, MessageEvent.Sent.class));
        bus().say(new CustomersMerged(older, ana, "m-2", Instant.now()));
        await(() ->
                count("SELECT count(*) FROM customer_aliases WHERE merged = $1", ana.value()) == 1);
        MessageId third = request(sms(Category.MARKETING));
        await(() -> has(third, MessageEvent.Suppressed.class));

        contactHistory(older, before, Instant.now().plusSeconds(5))
                .statusCode(200)
                .body("attempts.message", hasItem(first.toString()))
                .body("attempts.message[2]", equalTo(third.toString()))
                .body("attempts.customer[2]", equalTo(older.toString()))
                .body("attempts.journey[2]", equalTo("carts"))
                .body("attempts.refused", equalTo(Arrays.asList(null, null, "channel_cap")));
        contactHistory(older, before.minusSeconds(9), before).body("attempts.size()", equalTo(0));
        given().header("Authorization", SERVICE)
                .contentType(ContentType.JSON)
                .body(Map.of("customers", List.of(older.toString())))
                .post("/internal/contact-history")
                .then()
                .statusCode(400)
                .body("errors[0].field", equalTo("from"));
    }

    private static ValidatableResponse contactHistory(
            CustomerId customer, Instant from, Instant to) {
        return given().header("Authorization", SERVICE)
                .contentType(ContentType.JSON)
                .body(
                        Map.of(
                                "customers",
                                List.of(customer.toString()),
                                "from",
                                from.toString(),
                                "to",
                                to.toString()))
                .post("/internal/contact-history")
                .then();
    }

    @Test
    void showsItsChannelsAndAnswersBadQuestionsWithTheField() {
        given().header("Authorization", ADMIN)
                .get("/api/channels")
                .then()
                .statusCode(200)
                .body(
                        "items.channel",
                        equalTo(List.of("email", "sms", "whatsapp", "push", "in_app")))
                .body("items[0].routes[0].name", equalTo("smtp"))
                .body("items[0].routes[0].up", equalTo(true))
                .body("items[3].routes.size()", equalTo(0));
        given().header("Authorization", ADMIN)
                .get("/api/messages?state=lost")
                .then()
                .statusCode(400)
                .body("field", equalTo("state"));
        given().header("Authorization", ADMIN)
                .get("/api/messages/x")
                .then()
                .statusCode(400)
                .body("field", equalTo("id"));
        given().header("Authorization", ADMIN)
                .get("/api/messages/" + UUID.randomUUID())
                .then()
                .statusCode(404);
        given().header("Authorization", ADMIN).get("/api/messages?limit=1").then().statusCode(200);
    }

    private static Bus bus() {
        return Objects.requireNonNull(bus);
    }

    private static Response putTemplate(String body) {
        return given().header("Authorization", ADMIN)
                .contentType(ContentType.JSON)
                .body(body)
                .put("/api/templates/cart");
    }

    private MessageRequested email(Category category) {
        return requested(Channel.EMAIL, email, "cart", category, List.of());
    }

    private MessageRequested sms(Category category) {
        return requested(Channel.SMS, phone, "cart", category, List.of());
    }

    private MessageRequested smsElseEmail() {
        return requested(
                Channel.SMS,
                phone,
                "cart",
                Category.MARKETING,
                List.of(new Fallback(Channel.EMAIL, email, "cart")));
    }

    private MessageRequested requested(
            Channel channel,
            String to,
            String template,
            Category category,
            List<Fallback> fallbacks) {
        return new MessageRequested(
                new MessageId(UUID.randomUUID()),
                ana,
                channel,
                to,
                template,
                category,
                null,
                50,
                new JourneyRef("carts", 1, UUID.randomUUID(), "steps[0].send"),
                Map.of("customer", Map.of("name", "Ana <3")),
                "en-GB",
                null,
                fallbacks,
                Instant.now(),
                Instant.now().plusSeconds(3600));
    }

    private static MessageRequested with(MessageRequested m, Instant deadline) {
        return new MessageRequested(
                m.message(),
                m.customer(),
                m.channel(),
                m.to(),
                m.template(),
                m.category(),
                m.topic(),
                m.priority(),
                m.origin(),
                m.variables(),
                m.locale(),
                m.timeZone(),
                m.fallbacks(),
                m.requestedAt(),
                deadline);
    }

    private static MessageRequested of(CustomerId customer, MessageRequested m) {
        return new MessageRequested(
                m.message(),
                customer,
                m.channel(),
                m.to(),
                m.template(),
                m.category(),
                m.topic(),
                m.priority(),
                m.origin(),
                m.variables(),
                m.locale(),
                m.timeZone(),
                m.fallbacks(),
                m.requestedAt(),
                m.deadline());
    }

    private static MessageId request(MessageRequested requested) {
        bus().say(requested);
        return requested.message();
    }

    /** As if a process had claimed it and died. */
    private MessageId abandoned(MessageRequested requested) {
        MessageRequested far = with(requested, Instant.now().plusSeconds(3600));
        pool.preparedQuery(
                        """
                        INSERT INTO messages (id, customer, channel, address, template, category, priority,
                                              variables, fallbacks, requested_at, deadline, state, not_before,
                                              claimed_by, claimed_until)
                        VALUES ($1, $2, 'sms', $3, 'cart', $4, 50, '{}', '[]', now(), now() + interval '1 h',
                                'handing_over', now(), $5, now() - interval '1 s')
                        """)
                .execute(
                        Tuple.of(
                                far.message().value(),
                                far.customer().value(),
                                far.to(),
                                far.category().word(),
                                UUID.randomUUID()))
                .await()
                .atMost(PATIENCE);
        return far.message();
    }

    private ProfileChanged profile(CustomerId customer) {
        return new ProfileChanged(
                customer,
                1,
                List.of(),
                Map.of(),
                Map.of(Channel.SMS, phone, Channel.EMAIL, email),
                null,
                null,
                Instant.now(),
                Instant.now());
    }

    private InboundText text(String text) {
        return new InboundText("fake-sms", Channel.SMS, phone, "12345", text, Instant.now());
    }

    private ConsentWrite optIn() {
        return new ConsentWrite(
                ana, phone, Channel.SMS, null, ConsentState.OPTED_IN, Instant.now());
    }

    private long unsubscriptions() {
        return bus().heard().stream()
                .filter(event ->
                        event instanceof MessageEvent.Unsubscribed u && u.address().equals(phone))
                .count();
    }

    private static Receipt receipt(String providerId, Receipt.Status status) {
        return receipt(providerId, null, status);
    }

    private static Receipt receipt(
            String providerId, @Nullable String address, Receipt.Status status) {
        return new Receipt(
                "fake-sms", Channel.SMS, providerId, address, status, status.name(), Instant.now());
    }

    private void hears(String providerId, Receipt.Status status) {
        hearing.receipt(receipt(providerId, phone, status)).await().atMost(PATIENCE);
    }

    /** A message of which this is all that is known. */
    private MessageId unknown(HandOver.Unknown answer) {
        answers(answer);
        MessageId message = request(sms(Category.MARKETING));
        await(() -> has(message, MessageEvent.Unknown.class));
        return message;
    }

    private static String state(MessageId message) {
        return given().header("Authorization", ADMIN)
                .get("/api/messages/" + message)
                .then()
                .extract()
                .path("state");
    }

    private void answers(HandOver... answers) {
        FakeSmsRoute.ANSWERS.put(phone, new ArrayList<>(List.of(answers)));
    }

    private static boolean has(MessageId message, Class<? extends MessageEvent> event) {
        return bus().heardOf(message).stream().anyMatch(event::isInstance);
    }

    private static SuppressionReason suppression(MessageId message) {
        return bus().heardOf(message).stream()
                .filter(MessageEvent.Suppressed.class::isInstance)
                .map(event -> ((MessageEvent.Suppressed) event).reason())
                .findFirst()
                .orElseThrow();
    }

    private List<MessageEvent.Replied> replies() {
        return bus().heard().stream()
                .filter(MessageEvent.Replied.class::isInstance)
                .map(MessageEvent.Replied.class::cast)
                .filter(reply -> reply.address().equals(phone))
                .toList();
    }

    private static String history(MessageId message) {
        // Absent until the request has been stored.
        Object states =
                given().header("Authorization", ADMIN)
                        .get("/api/messages/" + message)
                        .path("history.state");
        return String.valueOf(states);
    }

    private static List<Mail> awaitMail(String to, int count) {
        await(() -> EmbeddedInfrastructure.simulators().mailsTo(to).size() >= count);
        return EmbeddedInfrastructure.simulators().mailsTo(to);
    }

    private static String link(String text, String path) {
        Matcher matcher =
                Pattern.compile("http://[^\"<>\\s]*(" + path + "[A-Za-z0-9_-]+)").matcher(text);
        assertThat(matcher.find()).isTrue();
        return matcher.group(1);
    }

    private long count(String query, Object parameter) {
        for (Row row :
                pool.preparedQuery(query).execute(Tuple.of(parameter)).await().atMost(PATIENCE)) {
            return row.getLong(0);
        }
        return 0;
    }

    private static void await(BooleanSupplier condition) {
        Instant deadline = Instant.now().plus(PATIENCE);
        while (!condition.getAsBoolean()) {
            assertThat(Instant.now()).as("time to wait is over").isBefore(deadline);
            LockSupport.parkNanos(20_000_000);
        }
    }
}
