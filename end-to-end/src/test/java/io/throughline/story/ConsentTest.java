package io.throughline.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.throughline.local.launcher.StackProcess;
import io.throughline.local.simulators.Mail;
import io.throughline.local.simulators.Simulators;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What customers agree to and take back themselves, over one running stack. */
class ConsentTest {

    private static final Duration SOON = Duration.ofSeconds(30);
    private static final StackProcess STACK = Stack.running();
    private static final Api API = new Api(STACK.gateway());
    private static final Simulators OUTSIDE = STACK.simulators();

    @BeforeAll
    static void journeys() {
        API.template("newsletter", Map.of("email", "News <a href='{{ preferences_url }}'>x</a>"));
        API.template(
                "confirm-opt-in",
                Map.of("email", "Please <a href='{{ event.properties.confirmation_url }}'>x</a>"));
        API.activate(
                "confirm-opt-in",
                """
                journey: confirm-opt-in
                category: transactional
                entry: { on: Opt-In Requested, when: "event.properties.channel == 'email'", again-after: PT0S }
                steps:
                  - send: { channel: email, template: confirm-opt-in }
                """);
        API.activate(
                "newsletter",
                """
                journey: newsletter
                category: marketing
                entry: { on: News Came Out, again-after: PT0S }
                steps:
                  - send: { channel: email, template: newsletter }
                """);
    }

    @Test
    void whatWasConfirmedByMailIsTakenBackOnThePageThatTheNextMailLeadsTo() {
        String email = "dora-ibsen@example.com";
        API.identify("dora-ibsen", "browser-dora", Map.of("email", email));
        API.post(
                        "/api/opt-in-requests",
                        Map.of(
                                "identifier",
                                "email:" + email,
                                "channel",
                                "email",
                                "source",
                                "form"))
                .expect(202);
        String confirmation = link(mails(email, 1).getFirst(), "/opt-ins/");
        API.get(confirmation).expect(200);
        String customer = API.customerId("email:" + email);
        API.event("dora-ibsen", "News Came Out", Map.of());
        await().atMost(SOON)
                .untilAsserted(() ->
                        assertThat(API.decisions(customer).toString()).contains("no_consent"));

        page(confirmation, "");
        API.event("dora-ibsen", "News Came Out", Map.of());
        String preferences = link(mails(email, 2).getLast(), "/preferences/");
        page(preferences, "do=save&shown=email");
        assertThat(API.get("/api/customers/" + customer + "/consents").body().path("current"))
                .allSatisfy(c -> assertThat(c.path("state").asText()).isEqualTo("opted_out"));

        API.event("dora-ibsen", "News Came Out", Map.of());
        await().atMost(SOON)
                .untilAsserted(
                        () -> assertThat(API.decisions(customer).toString()).contains("opted_out"));
        page(confirmation, "");
        assertThat(mails(email, 2)).as("an old link opts nobody in again").hasSize(2);
        assertThat(
                        API.get("/api/customers/" + customer + "/consents")
                                .body()
                                .path("ledger")
                                .path(0)
                                .path("evidence")
                                .path("message")
                                .asText())
                .isNotEmpty();
    }

    @Test
    void aFileBringsCustomersIntoASegmentThatBeginsAJourney() {
        API.put("/api/segments/story-gold", Map.of("when", "customer.plan == 'story-gold'"))
                .expect(201);
        API.activate(
                "story-gold",
                """
                journey: story-gold
                category: marketing
                entry: { on: Segment Entered, when: "event.properties.segment == 'story-gold'" }
                steps:
                  - send: { channel: email, template: newsletter }
                """);
        String rows =
                """
                {"identifiers":{"user_id":"file-1","email":"file-1@example.com"},"traits":{"plan":"story-gold"},
                 "consents":[{"channel":"email","state":"opted_in","at":"2026-01-01T00:00:00Z"}]}
                {"identifiers":{"user_id":"file-2","email":"file-2@example.com"},"traits":{"plan":"other"}}
                {"identifiers":{},"traits":{"plan":"story-gold"}}
                """
                        .replace(",\n ", ",");
        String id =
                API.send(
                                "POST",
                                "/api/imports?source=crm",
                                "application/x-ndjson",
                                "Bearer local-admin-token",
                                rows)
                        .expect(202)
                        .body()
                        .path("id")
                        .asText();
        await().atMost(SOON)
                .untilAsserted(() ->
                        assertThat(API.get("/api/imports/" + id).body().toString())
                                .contains("\"state\":\"finished\"")
                                .contains("\"rows\":3")
                                .contains("\"rejected\":1"));
        assertThat(mails("file-1@example.com", 1)).hasSize(1);
        assertThat(OUTSIDE.mailsTo("file-2@example.com")).isEmpty();
    }

    private static List<Mail> mails(String email, int atLeast) {
        await().atMost(SOON)
                .untilAsserted(() ->
                        assertThat(OUTSIDE.mailsTo(email)).hasSizeGreaterThanOrEqualTo(atLeast));
        return OUTSIDE.mailsTo(email);
    }

    /** As a browser posts a form, which follows where it is sent then. */
    private static void page(String path, String form) {
        int status =
                API.send(
                                "POST",
                                path,
                                "application/x-www-form-urlencoded",
                                "Basic bm9ib2R5Og==",
                                form)
                        .status();
        assertThat(status).isIn(200, 303);
    }

    private static String link(Mail mail, String path) {
        Matcher matcher =
                Pattern.compile("https?://[^/\"]+(" + path + "[^\"<\\s]+)").matcher(mail.html());
        assertThat(matcher.find()).as(mail.html()).isTrue();
        return matcher.group(1);
    }
}
