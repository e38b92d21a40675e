package io.throughline.identity.imports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.groups.Tuple.tuple;

import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.Identifier;
import io.throughline.identity.consent.About;
import io.throughline.identity.imports.ImportOptions.Format;
import io.throughline.identity.imports.ImportRow.Outcome;
import io.throughline.identity.imports.ImportRow.Rejected;
import io.throughline.identity.imports.ImportRow.Taken;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RowsTest {

    private static final Instant NOW = Instant.parse("2026-11-26T10:00:00Z");

    @Test
    void aRowSaysWhoItIsAndWhatIsKnown() {
        ImportRow row =
                taken(
                        csv("E-Mail;Telefon;trait.plan;trait.age:number;trait.vip:boolean;timezone")
                                .read(
                                        1,
                                        " Ana@Example.com ;600 111 222;\"gold; 2024\";42;yes;Europe/Madrid"));
        assertThat(row.identifiers())
                .containsExactly(
                        new Identifier("email", "ana@example.com"),
                        new Identifier("phone", "+34600111222"));
        assertThat(row.traits())
                .isEqualTo(Map.of("plan", "gold; 2024", "age", new BigDecimal("42"), "vip", true));
        assertThat(row.timeZone()).isEqualTo("Europe/Madrid");
    }

    @Test
    void aConsentHasItsTimeFromTheRow() {
        ImportRow row =
                taken(
                        csv("email,consent.email/offers,consent.sms,consent_at,consent_evidence")
                                .read(1, "ana@example.com,opted_in,opted_out,2025-03-01,form 7"));
        assertThat(row.consents())
                .extracting(ImportRow.SaidConsent::about, ImportRow.SaidConsent::state)
                .containsExactly(
                        tuple(new About(Channel.EMAIL, "offers"), ConsentState.OPTED_IN),
                        tuple(new About(Channel.SMS, null), ConsentState.OPTED_OUT));
        assertThat(row.consents().getFirst().at()).isEqualTo(Instant.parse("2025-03-01T00:00:00Z"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "email,consent.email | ana@example.com,opted_in | consent.email: an opt-in needs to say when",
                "email,consent.email | ana@example.com,maybe | consent.email: unknown",
                "email,trait.x | null,1 | email: expected a value of type email that identifies",
                "email,trait.x | ,1 | row: names nobody",
                "email,trait.x:number | a@example.com,seven | trait.x:number: expected a number",
                "email,trait.x:number | a@example.com,1e999999999 | trait.x:number: expected a number",
                "email,trait.x:json | a@example.com,{ | trait.x:json: expected a json",
                "email,trait.x | a@example.com | row: has 1 cells, the header has 2",
                "email,at | a@example.com,tomorrow | at: expected ISO 8601",
                "email,at | a@example.com,2099-01-01 | at: expected a time between 1970 and now",
                "email,timezone | a@example.com,Mars/Olympus | timezone: expected ISO 8601, as in 2026-01-31T10:00:00Z, or a zone",
            })
    void whatIsWrongIsSaid(String header, String line, String reason) {
        Outcome outcome = csv(header).read(7, line);
        assertThat(outcome).isInstanceOf(Rejected.class);
        Rejected rejected = (Rejected) outcome;
        assertThat(rejected.number()).isEqualTo(7);
        assertThat(rejected.reasons().getFirst()).startsWith(reason);
    }

    @Test
    void columnsThatNobodyKnowsAreNamedBeforeAnythingIsRead() {
        CsvRows.BadHeader bad =
                catchThrowableOfType(
                        CsvRows.BadHeader.class, () -> csv("email,Umsatz,consent.fax"));
        assertThat(bad.flaws()).containsOnlyKeys("Umsatz", "consent.fax");
        CsvRows.BadHeader nobody =
                catchThrowableOfType(CsvRows.BadHeader.class, () -> csv("trait.x"));
        assertThat(nobody.flaws()).containsOnlyKeys("header");
    }

    @Test
    void anObjectALine() {
        ImportRow row =
                taken(
                        new NdjsonRows(options(Format.NDJSON), NOW)
                                .read(
                                        1,
                                        """
                                        {"identifiers":{"user_id":7,"email":["a@example.com","b@example.com"]},
                                         "traits":{"tags":["x"],"gone":null},"at":"2026-01-01T00:00:00+01:00",
                                         "consents":[{"channel":"sms","state":"opted_out"}]}\
                                        """));
        assertThat(row.identifiers())
                .extracting(Identifier::toString)
                .containsExactly("user_id:7", "email:a@example.com", "email:b@example.com");
        assertThat(row.traits()).containsEntry("tags", List.of("x")).containsEntry("gone", null);
        assertThat(row.at()).isEqualTo(Instant.parse("2025-12-31T23:00:00Z"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "7 | row: expected a JSON object",
                "{ | row: expected a JSON object",
                "{} | row: names nobody",
                "{\"identifiers\":7} | identifiers: expected an object",
                "{\"identifiers\":[\"ana\"]} | identifiers: expected type:value",
                "{\"identifiers\":{\"email\":{}}} | identifiers.email: expected a text",
                "{\"identifiers\":{\"user_id\":\"1\"},\"trait\":{}} | trait: unknown",
                "{\"identifiers\":{\"user_id\":\"1\"},\"traits\":[]} | traits: expected an object",
                "{\"identifiers\":{\"user_id\":\"1\"},\"consents\":[{\"channel\":\"fax\",\"state\":\"opted_out\"}]} | consents[0].channel: unknown channel",
                "{\"identifiers\":{\"user_id\":\"1\"},\"consents\":[7]} | consents[0].channel: unknown channel",
                "{\"identifiers\":{\"user_id\":\"1\"},\"locale\":7} | locale: expected a text",
            })
    void whatIsWrongWithAnObjectIsSaid(String line, String reason) {
        Outcome outcome = new NdjsonRows(options(Format.NDJSON), NOW).read(1, line);
        assertThat(outcome).isInstanceOf(Rejected.class);
        assertThat(((Rejected) outcome).reasons().getFirst()).startsWith(reason);
    }

    /** However the bytes come in, the rows are the same; breaks within quotes end none. */
    @Test
    void rowsAreCutWherePartsAreNot() {
        Random random = new Random(5);
        for (int i = 0; i < 300; i++) {
            List<String> rows = new ArrayList<>();
            StringBuilder text = new StringBuilder();
            for (int r = 0; r < random.nextInt(20); r++) {
                String row = "a" + r + ",\"" + "é\n\"\"x".repeat(random.nextInt(3)) + "\"";
                rows.add(row);
                text.append(row).append(random.nextBoolean() ? "\r\n" : "\n");
            }
            byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
            int have = 0;
            int from = 0;
            List<@Nullable String> cut = new ArrayList<>();
            while (have < bytes.length) {
                have = Math.min(bytes.length, have + 1 + random.nextInt(30));
                byte[] sofar = Arrays.copyOf(bytes, have);
                for (Lines.Line line :
                        Lines.cut(sofar, from, true, have == bytes.length, 1 + random.nextInt(3))) {
                    cut.add(line.text());
                    from = line.end();
                }
                have = have == bytes.length && from < have ? have - 1 : have;
            }
            assertThat(cut).isEqualTo(rows);
        }
    }

    @Test
    void aQuoteThatIsNeverClosedCostsOneRow() {
        String text = "a,\"never closed\nb,1\nc,2\n";
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        List<Lines.Line> lines = Lines.cut(bytes, 0, true, true, 10);
        assertThat(lines).extracting(Lines.Line::tooLong).containsExactly(true, false, false);
        assertThat(lines)
                .extracting(Lines.Line::text)
                .containsExactly("a,\"never closed", "b,1", "c,2");
    }

    @Test
    void whatIsNoUtf8IsRejectedByItself() {
        byte[] bytes = {'a', (byte) 0xff, '\n', 'b', '\n'};
        RowReader rows = new NdjsonRows(options(Format.NDJSON), NOW);
        List<Lines.Line> lines = Lines.cut(bytes, 0, false, true, 10);
        assertThat(lines).hasSize(2);
        assertThat(rows.read(1, lines.getFirst()))
                .isEqualTo(new Rejected(1, "a\uFFFD", List.of("row: expected UTF-8")));
    }

    private static CsvRows csv(String header) {
        ImportOptions options = CsvRows.withDelimiter(header, options(Format.CSV));
        List<String> columns = CsvRows.header(header, options);
        return CsvRows.of(
                columns,
                new ImportOptions(
                        Format.CSV,
                        "crm",
                        false,
                        columns.contains("E-Mail")
                                ? Map.of("E-Mail", "email", "Telefon", "phone")
                                : Map.of(),
                        options.delimiter(),
                        "ES",
                        null,
                        null,
                        null,
                        null),
                NOW);
    }

    private static ImportOptions options(Format format) {
        return new ImportOptions(
                format, "crm", false, Map.of(), null, "ES", null, null, null, null);
    }

    private static ImportRow taken(@Nullable Outcome outcome) {
        assertThat(outcome).isInstanceOf(Taken.class);
        return ((Taken) Objects.requireNonNull(outcome)).row();
    }
}
