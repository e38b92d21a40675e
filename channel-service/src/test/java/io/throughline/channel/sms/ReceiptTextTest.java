package io.throughline.channel.sms;

import static org.assertj.core.api.Assertions.assertThat;

import io.throughline.channel.route.Receipt.Status;
import io.throughline.channel.sms.ReceiptText.Parameters;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReceiptTextTest {

    private static final Instant ARRIVAL = Instant.parse("2026-11-23T10:00:30Z");

    @Test
    void theCustomaryTextIsRead() {
        ReceiptText receipt =
                read(
                        "id:0123456789 sub:001 dlvrd:001 submit date:2611230958"
                                + " done date:2611230959 stat:DELIVRD err:000 text:Your basket is wa");

        assertThat(receipt.id()).isEqualTo("0123456789");
        assertThat(receipt.state()).isEqualTo(ReceiptState.DELIVERED);
        assertThat(receipt.code()).isEqualTo("DELIVRD");
        assertThat(receipt.done()).isEqualTo(LocalDateTime.of(2026, 11, 23, 9, 59));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "other case | ID:a1 SUB:1 DLVRD:0 SUBMIT DATE:261123095801 DONE DATE:261123095902 STAT:UNDELIV ERR:045 TEXT: | a1 | UNDELIVERABLE | UNDELIV 045",
                "fields missing | id:a1 stat:EXPIRED | a1 | EXPIRED | EXPIRED",
                "no spaces kept | id:a1 stat:REJECTD err: text:hi | a1 | REJECTED | REJECTD",
                "spaces after colons | id: a1 stat: ACCEPTD err: 000 text: hi | a1 | ACCEPTED | ACCEPTD",
                "whole words | id:a1 stat:DELIVERED err:0 text: | a1 | DELIVERED | DELIVRD",
                "other order | stat:DELETED err:12 id:a1 | a1 | DELETED | DELETED 12",
                "a quoted field | id:a1 stat:ENROUTE err:000 text:stat:DELIVRD id:b2 | a1 | ENROUTE | ENROUTE",
                "a state of its own | id:a1 stat:BLOCKED err:7 text: | a1 | UNKNOWN | BLOCKED 7",
                "no state | id:a1 | a1 | UNKNOWN | UNKNOWN",
                "letters in the error | id:a1 stat:UNDELIV err:00B text: | a1 | UNDELIVERABLE | UNDELIV 00B",
            })
    void variantsAreRead(String what, String text, String id, ReceiptState state, String code) {
        ReceiptText receipt = read(text);

        assertThat(receipt.id()).isEqualTo(id);
        assertThat(receipt.state()).isEqualTo(state);
        assertThat(receipt.code()).isEqualTo(code);
    }

    @Test
    void parametersComeBeforeTheText() {
        ReceiptText receipt =
                ReceiptText.read(
                                new Parameters("7f", 5, 45),
                                "id:99 stat:DELIVRD err:000 text:hello")
                        .orElseThrow();

        assertThat(receipt.id()).isEqualTo("7f");
        assertThat(receipt.state()).isEqualTo(ReceiptState.UNDELIVERABLE);
        assertThat(receipt.code()).isEqualTo("UNDELIV 045");
    }

    @Test
    void whatTheParametersLackTheTextGives() {
        ReceiptText receipt =
                ReceiptText.read(new Parameters("7f", null, null), "stat:DELIVRD").orElseThrow();

        assertThat(receipt.id()).isEqualTo("7f");
        assertThat(receipt.state()).isEqualTo(ReceiptState.DELIVERED);
    }

    @Test
    void withoutAnIdItSaysNothing() {
        assertThat(ReceiptText.read(Parameters.NONE, "hello")).isEmpty();
        assertThat(ReceiptText.read(Parameters.NONE, "id: stat:DELIVRD")).isEmpty();
        assertThat(ReceiptText.read(Parameters.NONE, "paid:1 stat:DELIVRD")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "0, ENROUTE",
        "1, ENROUTE",
        "2, DELIVERED",
        "3, FAILED",
        "4, FAILED",
        "5, FAILED",
        "6, ENROUTE",
        "7, UNKNOWN",
        "8, FAILED",
        "9, FAILED",
        "42, UNKNOWN"
    })
    void theNumberOfAStateIsThatOfTheSpecification(int number, Status status) {
        ReceiptText receipt = ReceiptText.read(new Parameters("1", number, null), "").orElseThrow();

        assertThat(receipt.state().status()).isEqualTo(status);
    }

    @ParameterizedTest(name = "done date {0} in {1} is {2}")
    @CsvSource({
        "2611231059, +01:00, 2026-11-23T09:59:00Z",
        "261123105907, +01:00, 2026-11-23T09:59:07Z",
        "2611231059, , 2026-11-23T10:00:30Z",
        "2611231559, +01:00, 2026-11-23T10:00:30Z",
        "2699231559, +01:00, 2026-11-23T10:00:30Z",
        "26-11-23, +01:00, 2026-11-23T10:00:30Z",
    })
    void theCarriersTimeIsTakenWhereItsZoneIsKnown(String done, @Nullable String zone, Instant at) {
        @Nullable ZoneId of = zone == null ? null : ZoneOffset.of(zone);

        assertThat(read("id:1 done date:" + done).at(of, ARRIVAL)).isEqualTo(at);
    }

    private static ReceiptText read(String text) {
        return ReceiptText.read(Parameters.NONE, text).orElseThrow();
    }
}
