package io.throughline.channel.sms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.throughline.channel.sms.CommandStatus.Meaning;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WireRulesTest {

    @ParameterizedTest
    @CsvSource({
        "0x00, ACCEPTED",
        "0x58, THROTTLED",
        "0x14, THROTTLED",
        "0x08, TRANSIENT",
        "0x64, TRANSIENT",
        "0x45, TRANSIENT",
        "0xFE, TRANSIENT",
        "0xFF, TRANSIENT",
        "0x04, NOT_BOUND",
        "0x05, NOT_BOUND",
        "0x0D, NOT_BOUND",
        "0x0E, NOT_BOUND",
        "0x0F, NOT_BOUND",
        "0x01, BAD_MESSAGE",
        "0x0A, BAD_MESSAGE",
        "0x0B, BAD_MESSAGE",
        "0x15, BAD_MESSAGE",
        "0x43, BAD_MESSAGE",
        "0x48, BAD_MESSAGE",
        "0x49, BAD_MESSAGE",
        "0x50, BAD_MESSAGE",
        "0x51, BAD_MESSAGE",
        "0x61, BAD_MESSAGE",
        "0x62, BAD_MESSAGE",
        "0xC0, BAD_MESSAGE",
        "0xC4, BAD_MESSAGE",
        "0x104, BAD_MESSAGE",
        "0x65, FORBIDDEN",
        "0x66, FORBIDDEN",
        "0x101, FORBIDDEN",
        "0x102, FORBIDDEN",
        "0x103, FORBIDDEN",
        "0x4FF, BAD_MESSAGE",
        "0x77, BAD_MESSAGE",
    })
    void anAnswerMeansWhatThePolicySays(String status, Meaning meaning) {
        CommandStatus read = CommandStatus.of(Integer.decode(status), Map.of());

        assertThat(read.meaning()).isEqualTo(meaning);
        assertThat(read.code()).isEqualTo(status);
    }

    @Test
    void aCarriersOwnNumbersMeanWhatTheSettingsSay() {
        assertThat(CommandStatus.of(0x410, Map.of(0x410, Meaning.THROTTLED)).meaning())
                .isEqualTo(Meaning.THROTTLED);
    }

    @ParameterizedTest
    @CsvSource({
        "AS_IS, 00A1, 00A1, 00A1, 00A1",
        "STRIP_ZEROS, 00123, 123, 0123, 123",
        "STRIP_ZEROS, 0, 0, 000, 0",
        "RECEIPT_HEX_TO_DECIMAL, 0000255, 255, FF, 255",
        "RECEIPT_HEX_TO_DECIMAL, 255, 255, 00ff, 255",
        "RECEIPT_HEX_TO_DECIMAL, 18446744073709551615, 18446744073709551615,"
                + " ffffffffffffffff, 18446744073709551615",
        "RECEIPT_HEX_TO_DECIMAL, x-1, x-1, x-1, x-1",
        "RECEIPT_DECIMAL_TO_HEX, 00FF, ff, 0255, ff",
        "RECEIPT_DECIMAL_TO_HEX, x-1, x-1, x-1, x-1",
    })
    void theIdsOfAnAnswerAndOfItsReceiptBecomeTheSame(
            ProviderIds custom, String answer, String kept, String receipt, String sought) {
        assertThat(custom.ofAnswer(answer)).isEqualTo(kept);
        assertThat(custom.ofReceipt(receipt)).isEqualTo(sought).isEqualTo(kept);
    }

    @ParameterizedTest
    @CsvSource({
        "+34600111222, 1, 1, 34600111222",
        "34600111222, 1, 1, 34600111222",
        "12345, 3, 0, 12345",
        "Throughline, 5, 0, Throughline",
        "My Shop, 5, 0, My Shop",
    })
    void aSourceIsANumberAShortCodeOrAName(String text, byte ton, byte npi, String value) {
        assertThat(SmsAddress.source(text)).isEqualTo(new SmsAddress(ton, npi, value));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "12", "012345678", "Throughlines", "Café", "0034600111222"})
    void anotherSourceIsRefused(String text) {
        assertThatThrownBy(() -> SmsAddress.source(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a short code of 3 to 8 digits");
    }

    @Test
    void aCarriersCustomForAShortCodeCanBeSet() {
        assertThat(SmsAddress.source("12345").as(6, 1))
                .isEqualTo(new SmsAddress((byte) 6, (byte) 1, "12345"));
        assertThat(SmsAddress.source("12345").as(null, null)).isEqualTo(SmsAddress.source("12345"));
    }

    @Test
    void aDestinationIsAnInternationalNumber() {
        assertThat(SmsAddress.destination("+34600111222"))
                .isEqualTo(new SmsAddress((byte) 1, (byte) 1, "34600111222"));
        assertThatThrownBy(() -> SmsAddress.destination("600111222"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest(name = "ton {0} {1} at home in {2} is {3}")
    @CsvSource({
        "1, 34600111222, , +34600111222",
        "1, +34600111222, , +34600111222",
        "1, 0034600111222, , +34600111222",
        "0, 34600111222, , +34600111222",
        "0, +34600111222, , +34600111222",
        "0, 12345, , 12345",
        "1, 12345, , 12345",
        "3, 1234567, , 1234567",
        "6, 12345, , 12345",
        "2, 07911123456, 44, +447911123456",
        "2, 07911123456, , 07911123456",
        "5, MyBank, , MyBank",
    })
    void anInboundAddressIsWrittenAsTheRestOfTheSystemDoes(
            byte ton, String value, @Nullable String countryCode, String heard) {
        assertThat(SmsAddress.heard(ton, value, countryCode)).isEqualTo(heard);
    }

    @ParameterizedTest
    @CsvSource({
        "P2D, 000002000000000R",
        "PT1H2M3.9S, 000000010203000R",
        "PT0S, 000000000001000R",
        "-PT5S, 000000000001000R",
        "P90D, 000030000000000R",
    })
    void aValidityPeriodIsWrittenRelative(Duration remaining, String written) {
        assertThat(ValidityPeriod.of(remaining)).isEqualTo(written).hasSize(16);
    }
}
