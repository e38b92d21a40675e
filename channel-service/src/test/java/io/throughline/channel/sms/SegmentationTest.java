package io.throughline.channel.sms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SegmentationTest {

    static Stream<Arguments> texts() {
        return Stream.of(
                row("nothing", "", SmsEncoding.GSM7, 0, 1),
                row("160 a", "a".repeat(160), SmsEncoding.GSM7, 160, 1),
                row("161 a", "a".repeat(161), SmsEncoding.GSM7, 161, 2),
                row("306 a", "a".repeat(306), SmsEncoding.GSM7, 306, 2),
                row("307 a", "a".repeat(307), SmsEncoding.GSM7, 307, 3),
                row("80 €", "€".repeat(80), SmsEncoding.GSM7, 160, 1),
                row("81 €", "€".repeat(81), SmsEncoding.GSM7, 162, 2),
                row("153 €, 76 to a part", "€".repeat(153), SmsEncoding.GSM7, 306, 3),
                row(
                        "an escape that would straddle",
                        "a".repeat(152) + "€" + "a".repeat(152),
                        SmsEncoding.GSM7,
                        306,
                        3),
                row("70 Cyrillic", "я".repeat(70), SmsEncoding.UCS2, 70, 1),
                row("71 Cyrillic", "я".repeat(71), SmsEncoding.UCS2, 71, 2),
                row("134 Cyrillic", "я".repeat(134), SmsEncoding.UCS2, 134, 2),
                row("135 Cyrillic", "я".repeat(135), SmsEncoding.UCS2, 135, 3),
                row("35 emoji", "😀".repeat(35), SmsEncoding.UCS2, 70, 1),
                row("36 emoji", "😀".repeat(36), SmsEncoding.UCS2, 72, 2),
                row("67 emoji, 33 to a part", "😀".repeat(67), SmsEncoding.UCS2, 134, 3),
                row("99 a and a curly quote", "a".repeat(99) + "’", SmsEncoding.UCS2, 100, 2),
                row("all of the extension", "\f^{}\\[]~|€", SmsEncoding.GSM7, 20, 1),
                row("a backtick", "`", SmsEncoding.UCS2, 1, 1),
                row("a small c with cedilla", "ç", SmsEncoding.UCS2, 1, 1),
                row("a capital C with cedilla", "Ç", SmsEncoding.GSM7, 1, 1),
                row("a bare escape", "\u001B", SmsEncoding.UCS2, 1, 1));
    }

    private static Arguments row(
            String what, String text, SmsEncoding encoding, int units, int parts) {
        return Arguments.of(what, text, encoding, units, parts);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("texts")
    void aTextIsCutAsTheHandbookSays(
            String what, String text, SmsEncoding encoding, int units, int parts) {
        Segmentation cut = Segmentation.of(text);

        assertThat(cut.encoding()).isEqualTo(encoding);
        assertThat(encoding.units(text)).isEqualTo(units);
        assertThat(cut.parts()).hasSize(parts);
        assertThat(String.join("", cut.parts())).isEqualTo(text);
    }

    @Test
    void everyPartFitsIntoOneMessageAndTheTextComesBackWhole() {
        String characters = "abc €{}\n@_ÄñΔ";
        String others = characters + "я😀’`";
        for (long seed = 0; seed < 300; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            String text = randomText(random, random.nextBoolean() ? characters : others);
            Segmentation cut = Segmentation.of(text);
            List<byte[]> userData = cut.userData(random.nextInt(256));

            StringBuilder read = new StringBuilder();
            for (byte[] part : userData) {
                int octets = cut.encoding() == SmsEncoding.UCS2 ? 140 : 160;
                assertThat(part.length).as("seed %d", seed).isLessThanOrEqualTo(octets);
                byte[] body = userData.size() == 1 ? part : Concatenation.textIn(part);
                String decoded = SmsEncoding.decode(body, cut.encoding().dataCoding());
                assertThat(decoded).as("seed %d", seed).doesNotContain("\uFFFD");
                read.append(decoded);
            }
            assertThat(read.toString()).as("seed %d", seed).isEqualTo(text);
        }
    }

    private static String randomText(SplittableRandom random, String characters) {
        int[] from = characters.codePoints().toArray();
        StringBuilder text = new StringBuilder();
        IntStream.range(0, random.nextInt(700))
                .forEach(i -> text.appendCodePoint(from[random.nextInt(from.length)]));
        return text.toString();
    }

    @Test
    void theHeaderOfAPartNamesItsPlace() {
        List<byte[]> userData = Segmentation.of("a".repeat(161)).userData(0xC7);

        assertThat(hex(userData.getFirst())).isEqualTo("050003c70201" + "61".repeat(153));
        assertThat(hex(userData.getLast())).isEqualTo("050003c70202" + "61".repeat(8));
        assertThat(Concatenation.in(userData.getLast())).isEqualTo(new Concatenation(0xC7, 2, 2));
    }

    @Test
    void aTextOfMorePartsThanTheHeaderCountsIsRefused() {
        Segmentation cut = Segmentation.of("a".repeat(153 * 255 + 1));

        assertThatThrownBy(() -> cut.userData(0)).hasMessage("256 parts, at most 255");
    }

    @Test
    void theAlphabetIsThatOf3gpp() {
        String alphabet =
                "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
                        + "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
        byte[] codes = new byte[127];
        for (int i = 0; i < codes.length; i++) {
            codes[i] = (byte) (i < 0x1B ? i : i + 1);
        }

        assertThat(SmsEncoding.GSM7.encode(alphabet)).isEqualTo(codes);
        assertThat(SmsEncoding.decode(codes, (byte) 0)).isEqualTo(alphabet);
        assertThat(hex(SmsEncoding.GSM7.encode("\f^{}\\[~]|€")))
                .isEqualTo("1b0a1b141b281b291b2f1b3c1b3d1b3e1b401b65");
    }

    @Test
    void anUnknownExtensionReadsAsThePlainCharacter() {
        assertThat(SmsEncoding.decode(HexFormat.of().parseHex("1b611b65"), (byte) 0))
                .isEqualTo("a€");
        assertThat(SmsEncoding.decode(HexFormat.of().parseHex("611b"), (byte) 0)).isEqualTo("a");
    }

    @Test
    void anInboundTextIsReadByItsDataCoding() {
        assertThat(SmsEncoding.decode(new byte[] {0}, (byte) 0)).isEqualTo("@");
        assertThat(SmsEncoding.decode(new byte[] {0}, (byte) 0xF0)).isEqualTo("@");
        assertThat(SmsEncoding.decode(new byte[] {(byte) 0xE9}, (byte) 3)).isEqualTo("é");
        assertThat(SmsEncoding.decode("@".getBytes(StandardCharsets.US_ASCII), (byte) 1))
                .isEqualTo("@");
        assertThat(SmsEncoding.decode("я😀".getBytes(StandardCharsets.UTF_16BE), (byte) 8))
                .isEqualTo("я😀");
    }

    @Test
    void aHeaderIsReadWithEitherReferenceAndAmongOtherElements() {
        assertThat(Concatenation.in(bytes("0608041234030241")))
                .isEqualTo(new Concatenation(0x1234, 3, 2));
        assertThat(Concatenation.in(bytes("0b0504158200000003070201" + "41")))
                .isEqualTo(new Concatenation(7, 2, 1));
        assertThat(Concatenation.textIn(bytes("0608041234030241"))).isEqualTo(bytes("41"));
    }

    @Test
    void aHeaderThatCannotBeIsPassedOver() {
        assertThat(Concatenation.in(bytes("050003070203"))).isNull();
        assertThat(Concatenation.in(bytes("050003070000"))).isNull();
        assertThat(Concatenation.in(bytes("0500ff070203"))).isNull();
        assertThat(Concatenation.in(bytes("ff41"))).isNull();
        assertThat(Concatenation.textIn(bytes("ff41"))).isEqualTo(bytes("ff41"));
        assertThat(Concatenation.in(new byte[0])).isNull();
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex);
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
