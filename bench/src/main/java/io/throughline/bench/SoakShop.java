package io.throughline.bench;

import static java.util.stream.Collectors.joining;

import com.fasterxml.jackson.databind.JsonNode;
import io.throughline.bench.checker.Cap;
import io.throughline.local.demo.ShopApi;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongConsumer;

/** The shop that is soaked: its policy, its journeys and who its customers are. */
final class SoakShop {

    static final List<Cap> CAPS =
            List.of(
                    new Cap(new Cap.Scope.Everything(), 3, Duration.ofSeconds(20)),
                    new Cap(new Cap.Scope.Everything(), 12, Duration.ofDays(1)),
                    new Cap(new Cap.Scope.OnChannel("sms"), 2, Duration.ofSeconds(20)),
                    new Cap(new Cap.Scope.EachJourney(), 2, Duration.ofMinutes(1)));

    /** The same for the product. */
    private static final String POLICY =
            """
            {"caps": [
               {"scope": "global", "max": 3, "per": "PT20S"},
               {"scope": "global", "max": 12, "per": "P1D"},
               {"scope": "channel", "channel": "sms", "max": 2, "per": "PT20S"},
               {"scope": "journey", "max": 2, "per": "PT1M"}],
             "defaultTimeZone": "Europe/Madrid",
             "consent": {"email": "opt-out", "sms": "opt-out"},
             "optOutCoversTransactional": ["sms"],
             "silences": [{"on": "%s", "period": "%s", "covers": "all-journeys"}]}
            """
                    .formatted(Denial.ORDER, SoakTraffic.SILENCE);

    /** By their keys, what they do about an offer. */
    static final Map<String, String> JOURNEYS =
            Map.of(
                    "soak-sms-now", "  - send: { channel: sms, template: soak }",
                    "soak-sms-then", "  - wait: PT1S\n  - send: { channel: sms, template: soak }",
                    "soak-mail-now", "  - send: { channel: email, template: soak }",
                    "soak-mail-then",
                            "  - wait: PT1S\n  - send: { channel: email, template: soak }",
                    "soak-either",
                            "  - send: { channel: sms, template: soak, unless-denied: { then: [ { send: { channel: email, template: soak } } ] } }");

    private static final String JSON = "application/json";
    private static final String HEADER = "user_id,email,phone\n";
    private static final int ROWS_A_PART = 10_000;

    /** For a hundred thousand customers on a machine that does something else besides. */
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private static final Duration LOOK_AGAIN = Duration.ofMillis(250);
    private static final Duration TELL = Duration.ofSeconds(30);

    private final ShopApi api;

    SoakShop(URI gateway) {
        this.api = new Shop(gateway).api();
    }

    void open() {
        var _ = api.manage("PUT", "/api/contact-policy", "application/json", POLICY);
        api.template(
                "soak",
                List.of(
                        Map.of("channel", "sms", "text", Carriers.MARK),
                        Map.of(
                                "channel",
                                "email",
                                "subject",
                                Carriers.MARK,
                                "text",
                                "Hello.",
                                "html",
                                "<p>Hello.</p>")));
        JOURNEYS.forEach((key, steps) -> api.journey(key, journey(key, steps)));
    }

    private static String journey(String key, String steps) {
        return """
        journey: %s
        category: marketing
        entry: { on: Soak Offer, again-after: PT0S }
        steps:
        %s
        """
                .formatted(key, steps);
    }

    /**
     * Makes people known as a shop does that comes with customers of its own: by one import.
     *
     * @param progress is told now and then how many rows are taken in
     */
    void introduce(List<Person> people, LongConsumer progress) throws InterruptedException {
        String imported =
                api.manage("POST", "/api/imports", JSON, "{\"format\":\"csv\",\"source\":\"soak\"}")
                        .path("id")
                        .asText();
        for (int part = 0; part * ROWS_A_PART < people.size(); part++) {
            int from = part * ROWS_A_PART;
            api.manage(
                    "PUT",
                    "/api/imports/%s/parts/%d".formatted(imported, part),
                    "application/octet-stream",
                    (part == 0 ? HEADER : "")
                            + rows(
                                    people.subList(
                                            from, Math.min(people.size(), from + ROWS_A_PART))));
        }
        api.manage("POST", "/api/imports/%s/start".formatted(imported), JSON, "");
        awaitFinished(imported, people.size(), progress);
    }

    private static String rows(List<Person> people) {
        return people.stream()
                .map(person ->
                        "%s,%s,%s\n".formatted(person.user(), person.email(), person.phone()))
                .collect(joining());
    }

    private void awaitFinished(String imported, int rows, LongConsumer progress)
            throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        long told = System.nanoTime();
        JsonNode found = api.get("/api/imports/" + imported);
        while (!found.hasNonNull("finishedAt")) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("the customers are not taken in: " + found);
            }
            if (System.nanoTime() > told + TELL.toNanos()) {
                told = System.nanoTime();
                progress.accept(found.path("customersCreated").longValue());
            }
            Thread.sleep(LOOK_AGAIN);
            found = api.get("/api/imports/" + imported);
        }
        if (found.path("customersCreated").intValue() != rows) {
            throw new IllegalStateException("not every row became a customer: " + found);
        }
    }

    /**
     * What the product itself says: how often somebody entered a journey, what became of the
     * messages, and by which rule those that were not sent were refused. For people only; nothing
     * is judged by it.
     */
    Map<String, Long> told() {
        Map<String, Long> told = new TreeMap<>();
        for (JsonNode journey : api.get("/api/reports/funnel").path("journeys")) {
            for (String stage : List.of("entered", "sent", "unknown", "failed")) {
                told.merge(stage, journey.path(stage).longValue(), Long::sum);
            }
            for (String stage : List.of("left", "suppressed", "withheld")) {
                journey.path(stage)
                        .properties()
                        .forEach(reason ->
                                told.merge(
                                        stage + " by " + reason.getKey(),
                                        reason.getValue().longValue(),
                                        Long::sum));
            }
        }
        return told;
    }
}
