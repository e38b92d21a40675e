package io.throughline.identity.tracking;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.throughline.contracts.Identifier;
import io.throughline.contracts.ingest.AcceptedEvent;
import io.throughline.contracts.ingest.AcceptedEvent.Kind;
import io.throughline.contracts.ingest.Trust;
import io.throughline.contracts.json.ContractJson;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrackingBodyTest {

    private static final Instant NOW = Instant.parse("2026-11-23T10:00:05Z");
    private static final Reception RECEPTION = Reception.of("shop", Trust.TRUSTED, NOW);

    @Test
    void aTrackCallIsRead() {
        AcceptedEvent event =
                one(
                        Call.TRACK,
                        """
                        {"userId":"u-19","anonymousId":"a-3c","messageId":"m-7f1","event":"Order Completed",
                         "timestamp":"2026-11-23T10:00:00.120Z","sentAt":"2026-11-23T10:00:03.000Z",
                         "properties":{"revenue":41.50,"products":[{"sku":"S1"}]},
                         "context":{"timezone":"Europe/Madrid"},"writeKey":"wk"}
                        """);
        assertThat(event.kind()).isEqualTo(Kind.TRACK);
        assertThat(event.name()).isEqualTo("Order Completed");
        assertThat(event.messageId()).isEqualTo("m-7f1");
        assertThat(event.source()).isEqualTo("shop");
        assertThat(event.identifiers())
                .containsExactly(Identifier.of("user_id:u-19"), Identifier.of("anonymous_id:a-3c"));
        assertThat(event.properties()).containsEntry("revenue", new java.math.BigDecimal("41.50"));
        assertThat(event.occurredAt()).isEqualTo(Instant.parse("2026-11-23T10:00:02.120Z"));
        assertThat(event.receivedAt()).isEqualTo(NOW);
    }

    @ParameterizedTest
    @CsvSource({
        // sender's clock right, an hour slow, an hour fast; no sentAt; neither; a sender that
        // contradicts itself
        "2026-11-23T10:00:00Z, 2026-11-23T10:00:03Z, 2026-11-23T10:00:02Z",
        "2026-11-23T09:00:00Z, 2026-11-23T09:00:03Z, 2026-11-23T10:00:02Z",
        "2026-11-23T11:00:00Z, 2026-11-23T11:00:03Z, 2026-11-23T10:00:02Z",
        "2026-11-20T08:00:00Z,                     , 2026-11-20T08:00:00Z",
        "                    ,                     , 2026-11-23T10:00:05Z",
        "                    , 2026-11-23T09:00:00Z, 2026-11-23T10:00:05Z",
        "2026-11-24T10:00:00Z, 2026-11-23T10:00:00Z, 2026-11-23T10:05:05Z",
        "2027-11-23T10:00:00Z,                     , 2026-11-23T10:05:05Z",
        "2026-11-23T11:00:00+01:00,                , 2026-11-23T10:00:00Z",
        "2026-11-23T11:00:00.5+0100,               , 2026-11-23T10:00:00.5Z",
        "2026-11-23 10:00:00,                      , 2026-11-23T10:00:00Z",
        "2026-11-23,                               , 2026-11-23T00:00:00Z",
    })
    void theSendersClockIsCorrected(String timestamp, String sentAt, String expected) {
        String times =
                (timestamp == null ? "" : ",\"timestamp\":\"" + timestamp + "\"")
                        + (sentAt == null ? "" : ",\"sentAt\":\"" + sentAt + "\"");
        AcceptedEvent event = one(Call.TRACK, "{\"userId\":\"u\",\"event\":\"E\"" + times + "}");
        assertThat(event.occurredAt()).isEqualTo(Instant.parse(expected));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "TRACK    | {\"event\":\"E\"}                                   | userId",
                "TRACK    | {\"userId\":\"null\",\"event\":\"E\"}               | userId",
                "TRACK    | {\"anonymousId\":\"0\",\"event\":\"E\"}             | anonymousId",
                "TRACK    | {\"userId\":{},\"event\":\"E\"}                     | userId",
                "TRACK    | {\"userId\":\"u\"}                                  | event",
                "TRACK    | {\"userId\":\"u\",\"event\":\"  \"}                 | event",
                "TRACK    | {\"userId\":\"u\",\"event\":7.5}                    | event",
                "TRACK    | {\"userId\":\"u\",\"event\":\"E\",\"properties\":[]} | properties",
                "TRACK    | {\"userId\":\"u\",\"event\":\"E\",\"context\":\"x\"} | context",
                "TRACK    | {\"userId\":\"u\",\"event\":\"E\",\"timestamp\":\"soon\"} | timestamp",
                "TRACK    | {\"userId\":\"u\",\"event\":\"E\",\"timestamp\":1}  | timestamp",
                "TRACK    | {\"userId\":\"u\",\"event\":\"E\",\"sentAt\":\"9999-12-31T00:00:00Z\"} | sentAt",
                "TRACK    | {\"userId\":\"u\",\"event\":\"E\",\"properties\":{\"n\":1e999}} | properties.n",
                "TRACK    | {\"userId\":\"u\",\"event\":\"E\",\"integrations\":[]} | integrations",
                "IDENTIFY | {\"userId\":\"u\",\"traits\":\"x\"}                 | traits",
                "GROUP    | {\"userId\":\"u\"}                                  | groupId",
                "ALIAS    | {\"userId\":\"u\"}                                  | previousId",
                "ALIAS    | {\"previousId\":\"a\"}                              | userId",
                "BATCH    | {\"batch\":[]}                                      | batch",
                "BATCH    | {\"batch\":{}}                                      | batch",
                "BATCH    | {}                                                  | batch",
                "BATCH    | {\"batch\":[7]}                                     | batch[0]",
                "BATCH    | {\"batch\":[{\"type\":\"track\",\"userId\":\"u\",\"event\":\"E\"},{\"type\":\"page\"}]} | batch[1].userId",
                "BATCH    | {\"batch\":[{\"userId\":\"u\",\"event\":\"E\"}]}    | batch[0].type",
                "BATCH    | {\"batch\":[{\"type\":\"zap\",\"userId\":\"u\"}]}   | batch[0].type",
                "TRACK    | [1]                                                 | body",
                "TRACK    | {\"userId\":                                        | body",
                "TRACK    | {} {}                                               | body",
                "TRACK    | nonsense                                            | body",
            })
    void aFaultNamesItsField(Call call, String body, String field) {
        assertThat(faults(call, body)).extracting(Fault::field).contains(field);
    }

    @Test
    void anEmptyBodyIsRefused() {
        assertThat(faults(Call.TRACK, "")).extracting(Fault::field).containsExactly("body");
    }

    @Test
    void aMessageIdHasAtMostAHundredCharactersAndIsGivenWhereItIsMissing() {
        String event = "{\"userId\":\"u\",\"event\":\"E\",\"messageId\":\"%s\"}";
        assertThat(one(Call.TRACK, event.formatted("m".repeat(100))).messageId()).hasSize(100);
        assertThat(faults(Call.TRACK, event.formatted("m".repeat(101))))
                .containsExactly(
                        new Fault("messageId", "expected at most 100 characters, were 101"));
        assertThat(one(Call.TRACK, event.formatted("")).messageId()).isEqualTo("given");
        assertThat(one(Call.TRACK, "{\"userId\":\"u\",\"event\":\"E\"}").messageId())
                .isEqualTo("given");
    }

    @Test
    void aNumberIsTakenForAUserId() {
        assertThat(one(Call.TRACK, "{\"userId\":19,\"event\":\"E\"}").identifiers())
                .containsExactly(Identifier.of("user_id:19"));
    }

    @Test
    void theContextOfABatchIsInEachOfItsEvents() {
        List<AcceptedEvent> events =
                fine(
                        Call.BATCH,
                        """
                        {"context":{"locale":"es-ES","timezone":"Europe/Madrid"},"sentAt":"2026-11-23T10:00:05Z",
                         "batch":[
                          {"type":"track","userId":"u","event":"One","context":{"locale":"en-GB"}},
                          {"type":"identify","userId":"u","timestamp":"2026-11-23T10:00:00Z","sentAt":"2026-11-23T10:00:01Z"}]}
                        """);
        assertThat(events)
                .extracting(AcceptedEvent::kind)
                .containsExactly(Kind.TRACK, Kind.IDENTIFY);
        assertThat(events.getFirst().context())
                .isEqualTo(Map.of("locale", "en-GB", "timezone", "Europe/Madrid"));
        assertThat(events.getLast().context()).containsEntry("locale", "es-ES");
        assertThat(events.getLast().occurredAt()).isEqualTo(NOW.minusSeconds(1));
    }

    @Test
    void anEventInheritsWhatItDoesNotSayItselfHoweverDeep() {
        AcceptedEvent event =
                fine(
                                Call.BATCH,
                                """
                                {"context":{"app":{"name":"shop","version":"1"},"ip":"203.0.113.7","tags":["a"]},
                                 "integrations":{"All":true,"Webhooks":{"to":"x","retry":true}},
                                 "batch":[{"type":"track","userId":"u","event":"E",
                                  "context":{"app":{"version":"2"},"ip":null,"tags":["b"]},
                                  "integrations":{"All":false,"Webhooks":{"retry":false}}}]}
                                """)
                        .getFirst();
        assertThat(event.context().get("app")).isEqualTo(Map.of("name", "shop", "version", "2"));
        assertThat(event.context()).containsEntry("ip", null);
        assertThat(event.context().get("tags")).isEqualTo(List.of("b"));
        assertThat(event.integrations())
                .isEqualTo(Map.of("All", false, "Webhooks", Map.of("to", "x", "retry", false)));
    }

    @Test
    void anEventThatSaysNothingOfDestinationsCarriesNothing() {
        assertThat(one(Call.TRACK, "{\"userId\":\"u\",\"event\":\"E\"}").integrations()).isNull();
        assertThat(
                        one(
                                        Call.TRACK,
                                        "{\"userId\":\"u\",\"event\":\"E\",\"integrations\":{\"A\":true}}")
                                .integrations())
                .isEqualTo(Map.of("A", true));
    }

    @Test
    void whatABatchSharesCountsForEachOfItsEvents() {
        String event = "{\"type\":\"track\",\"userId\":\"u\",\"event\":\"E\"}";
        String shared = "\"context\":{\"x\":\"" + "x".repeat(1_000) + "\"}";
        String many = (event + ",").repeat(1_999) + event;
        assertThat(fine(Call.BATCH, "{" + shared + ",\"batch\":[" + many + "]}")).hasSize(2_000);
        String more = (event + ",").repeat(2_499) + event;
        assertThat(faults(Call.BATCH, "{\"batch\":[" + more + "]," + shared + "}"))
                .extracting(Fault::field)
                .containsExactly("context");
        String large = "\"context\":{\"x\":\"" + "x".repeat(TrackingBody.MAX_EVENT) + "\"}";
        assertThat(faults(Call.BATCH, "{" + large + ",\"batch\":[" + event + "]}"))
                .extracting(Fault::field)
                .containsExactly("batch[0]");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"event\":\"E\"}                                           | cookie",
                "{\"event\":\"E\",\"anonymousId\":null}                    | cookie",
                "{\"event\":\"E\",\"anonymousId\":\"\"}                  | cookie",
                "{\"event\":\"E\",\"anonymousId\":\"null\"}              | cookie",
                "{\"event\":\"E\",\"anonymousId\":\"own\"}               | own",
            })
    void theCookieNamesWhoHasNoNameOfTheirOwn(String body, String expected) {
        assertThat(
                        one(
                                        Call.TRACK,
                                        body,
                                        new Reception(
                                                "shop", Trust.TRUSTED, NOW, "cookie", null, null))
                                .identifiers())
                .containsExactly(Identifier.of("anonymous_id:" + expected));
    }

    @Test
    void aSenderMayAskForItsAddressToBeNoted() {
        Reception reception = new Reception("shop", Trust.TRUSTED, NOW, null, "203.0.113.7", null);
        String event = "{\"userId\":\"u\",\"event\":\"E\",\"context\":%s}";
        assertThat(one(Call.TRACK, event.formatted("{\"direct\":true}"), reception).context())
                .containsEntry("ip", "203.0.113.7");
        assertThat(
                        one(
                                        Call.TRACK,
                                        event.formatted(
                                                "{\"direct\":true,\"ip\":\"198.51.100.1\"}"),
                                        reception)
                                .context())
                .containsEntry("ip", "198.51.100.1");
        assertThat(one(Call.TRACK, event.formatted("{}"), reception).context()).isEmpty();
    }

    @Test
    void anEventCarriesTheTrustOfItsSource() {
        assertThat(
                        one(
                                        Call.TRACK,
                                        "{\"userId\":\"u\",\"event\":\"E\"}",
                                        Reception.of("form", Trust.CLAIMED, NOW))
                                .trust())
                .isEqualTo(Trust.CLAIMED);
    }

    @Test
    void theQueryOfAnImageIsRead() {
        Map<String, String> query = new LinkedHashMap<>();
        query.put("anonymousId", "\"amp-1\"");
        query.put("event", "Offer Seen");
        query.put("properties.offer", "spring");
        query.put("properties.place.slot", "top");
        query.put("context.page.path", "/");
        AcceptedEvent event = pixel(Call.TRACK, query).getFirst();
        assertThat(event.name()).isEqualTo("Offer Seen");
        assertThat(event.identifiers()).containsExactly(Identifier.of("anonymous_id:amp-1"));
        assertThat(event.properties())
                .isEqualTo(Map.of("offer", "spring", "place", Map.of("slot", "top")));
        assertThat(event.context()).isEqualTo(Map.of("page", Map.of("path", "/")));
        assertThat(event.occurredAt()).isEqualTo(NOW);
    }

    @ParameterizedTest
    @CsvSource({
        "properties,         properties.a",
        "properties.a,       properties.a.b",
        "properties.a.b,     properties.a",
        "a,                  b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r",
    })
    void aQueryThatSaysTwoThingsOfOneIsRefused(String first, String second) {
        Map<String, String> query = new LinkedHashMap<>();
        query.put(first, "x");
        query.put(second, "y");
        assertThat(TrackingBody.ofPixel(Call.TRACK, query))
                .isInstanceOfSatisfying(
                        Checked.Faulty.class,
                        faulty -> assertThat(faulty.faults().toString()).contains(second));
    }

    @Test
    void anEventOfABatchHasAtMost32Kilobytes() {
        String small =
                "{\"type\":\"track\",\"userId\":\"u\",\"event\":\"E\",\"properties\":{\"x\":\"%s\"}}";
        int frame = small.length() - 2;
        String largest = small.formatted("é".repeat((TrackingBody.MAX_EVENT - frame) / 2));
        assertThat(fine(Call.BATCH, "{\"batch\":[" + largest + "]}")).hasSize(1);
        String larger = small.formatted("x".repeat(TrackingBody.MAX_EVENT - frame + 1));
        assertThat(faults(Call.BATCH, "{\"batch\":[ " + largest + " , " + larger + "]}"))
                .containsExactly(
                        new Fault(
                                "batch[1]",
                                "expected at most 32 KB (32768 bytes) for an event, were 32769"));
    }

    @Test
    void aBodyThatIsTooLargeIsRefusedNamingTheLimit() {
        assertThat(faults(Call.TRACK, " ".repeat(32 * 1024 + 1)))
                .containsExactly(
                        new Fault(
                                "body",
                                "expected at most 32 KB (32768 bytes) for an event, were 32769"));
        assertThat(faults(Call.BATCH, " ".repeat(500 * 1024 + 1)))
                .extracting(Fault::expected)
                .containsExactly("expected at most 500 KB (512000 bytes) for a batch, were 512001");
    }

    @Test
    void aBatchHasAtMost2500Events() {
        String event = "{\"type\":\"track\",\"userId\":\"u\",\"event\":\"E\"}";
        String most = (event + ",").repeat(2_499) + event;
        assertThat(fine(Call.BATCH, "{\"batch\":[" + most + "]}")).hasSize(2_500);
        assertThat(faults(Call.BATCH, "{\"batch\":[" + most + "," + event + "]}"))
                .containsExactly(new Fault("batch", "expected at most 2500 events"));
    }

    @Test
    void charactersThatNoStoreTakesAreReplaced() throws Exception {
        AcceptedEvent event =
                one(
                        Call.TRACK,
                        "{\"userId\":\"u\",\"event\":\"a\\u0000b\",\"properties\":{\"k\\u0000\":[\"x\\ud800y\",\"\\ud83d\\ude00\"]}}");
        assertThat(event.name()).isEqualTo("a\uFFFDb");
        assertThat(event.properties())
                .isEqualTo(Map.of("k\uFFFD", List.of("x\uFFFDy", "\uD83D\uDE00")));
        assertThat(ContractJson.mapper().writeValueAsBytes(event)).isNotEmpty();
    }

    @Test
    void aPageIsNamedByItsNameAndKeepsItsCategory() {
        AcceptedEvent page =
                one(Call.PAGE, "{\"anonymousId\":\"a\",\"name\":\"Home\",\"category\":\"Shop\"}");
        assertThat(page.name()).isEqualTo("Home");
        assertThat(page.properties()).containsEntry("category", "Shop");
        assertThat(one(Call.SCREEN, "{\"anonymousId\":\"a\",\"category\":\"Shop\"}").name())
                .isEqualTo("Shop");
    }

    @Test
    void theTraitsOfAGroupIdentifyNobody() {
        AcceptedEvent group =
                one(
                        Call.GROUP,
                        "{\"userId\":\"u\",\"groupId\":\"g\",\"traits\":{\"email\":\"info@example.com\"}}");
        assertThat(group.identifiers()).containsExactly(Identifier.of("user_id:u"));
        assertThat(group.properties()).containsEntry("groupId", "g");
    }

    @Test
    void anAliasLinksWhatTheCustomerWasCalledBefore() {
        assertThat(one(Call.ALIAS, "{\"userId\":\"u\",\"previousId\":\"a\"}").identifiers())
                .containsExactly(Identifier.of("user_id:u"), Identifier.of("anonymous_id:a"));
    }

    @Test
    void theWriteKeyOfTheBodyIsFoundWhereverItStands() {
        Checked<TrackingBody> read =
                TrackingBody.read(
                        Call.BATCH, "{\"batch\":[{}],\"writeKey\":\"wk\"}".getBytes(UTF_8));
        assertThat(read).isInstanceOf(Checked.Fine.class);
        assertThat(((Checked.Fine<TrackingBody>) read).value().writeKey()).isEqualTo("wk");
    }

    @Test
    void anExplicitNullIsAnAbsentFieldButUnsetsATrait() {
        AcceptedEvent event =
                one(
                        Call.IDENTIFY,
                        "{\"userId\":\"u\",\"anonymousId\":null,\"context\":null,\"traits\":{\"plan\":null}}");
        assertThat(event.traits()).containsKey("plan");
        assertThat(event.context()).isEmpty();
    }

    private static List<AcceptedEvent> pixel(Call call, Map<String, String> query) {
        return switch (TrackingBody.ofPixel(call, query)) {
            case Checked.Fine(TrackingBody body) ->
                    switch (body.events(RECEPTION, () -> "given")) {
                        case Checked.Fine(List<AcceptedEvent> events) -> events;
                        case Checked.Faulty(List<Fault> faults) ->
                                throw new AssertionError(faults.toString());
                    };
            case Checked.Faulty(List<Fault> faults) -> throw new AssertionError(faults.toString());
        };
    }

    private static AcceptedEvent one(Call call, String body) {
        return one(call, body, RECEPTION);
    }

    private static AcceptedEvent one(Call call, String body, Reception reception) {
        List<AcceptedEvent> events =
                switch (events(call, body, reception)) {
                    case Checked.Fine(List<AcceptedEvent> fine) -> fine;
                    case Checked.Faulty(List<Fault> faults) ->
                            throw new AssertionError(faults.toString());
                };
        assertThat(events).hasSize(1);
        return events.getFirst();
    }

    private static List<AcceptedEvent> fine(Call call, String body) {
        return switch (events(call, body)) {
            case Checked.Fine(List<AcceptedEvent> events) -> events;
            case Checked.Faulty(List<Fault> faults) -> throw new AssertionError(faults.toString());
        };
    }

    private static List<Fault> faults(Call call, String body) {
        return switch (events(call, body)) {
            case Checked.Fine(List<AcceptedEvent> events) -> throw new AssertionError("taken");
            case Checked.Faulty(List<Fault> faults) -> faults;
        };
    }

    private static Checked<List<AcceptedEvent>> events(Call call, String body) {
        return events(call, body, RECEPTION);
    }

    private static Checked<List<AcceptedEvent>> events(
            Call call, String body, Reception reception) {
        return switch (TrackingBody.read(call, body.getBytes(UTF_8))) {
            case Checked.Fine(TrackingBody read) -> read.events(reception, () -> "given");
            case Checked.Faulty(List<Fault> faults) -> new Checked.Faulty<>(faults);
        };
    }
}
