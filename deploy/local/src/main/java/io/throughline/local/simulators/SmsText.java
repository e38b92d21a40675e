package io.throughline.local.simulators;

import com.cloudhopper.commons.charset.CharsetUtil;
import com.cloudhopper.commons.charset.GSMCharset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The octets of a short message: user data header, GSM 03.38 alphabet, UCS2. */
final class SmsText {

    static final byte GSM = 0;
    static final byte LATIN_1 = 3;
    static final byte UCS2 = 8;

    private static final int UDHI = 0x40;
    private static final int CONCATENATION_8 = 0x00;
    private static final int CONCATENATION_16 = 0x08;

    /** Where a part belongs, from its user data header. */
    record Concatenation(int reference, int total, int number) {}

    /** One short message without its header; the place is absent if it is the whole text. */
    static final class Part {

        private final byte[] octets;
        private final @Nullable Concatenation concatenation;

        private Part(byte[] octets, @Nullable Concatenation concatenation) {
            this.octets = octets;
            this.concatenation = concatenation;
        }

        byte[] octets() {
            return octets;
        }

        @Nullable Concatenation concatenation() {
            return concatenation;
        }
    }

    private SmsText() {}

    /** Splits the user data header off, if {@code esm_class} says there is one. */
    static Part part(byte[] shortMessage, byte esmClass) {
        if ((esmClass & UDHI) == 0 || shortMessage.length == 0) {
            return new Part(shortMessage, null);
        }
        int headerEnd = Math.min(shortMessage.length, 1 + (shortMessage[0] & 0xFF));
        byte[] octets = Arrays.copyOfRange(shortMessage, headerEnd, shortMessage.length);
        return new Part(octets, concatenation(shortMessage, headerEnd));
    }

    private static @Nullable Concatenation concatenation(byte[] message, int headerEnd) {
        int at = 1;
        while (at + 1 < headerEnd) {
            int element = message[at] & 0xFF;
            int length = message[at + 1] & 0xFF;
            int value = at + 2;
            if (value + length > headerEnd) {
                return null;
            }
            if (element == CONCATENATION_8 && length == 3) {
                return new Concatenation(
                        message[value] & 0xFF,
                        message[value + 1] & 0xFF,
                        message[value + 2] & 0xFF);
            }
            if (element == CONCATENATION_16 && length == 4) {
                return new Concatenation(
                        ((message[value] & 0xFF) << 8) | (message[value + 1] & 0xFF),
                        message[value + 2] & 0xFF,
                        message[value + 3] & 0xFF);
            }
            at = value + length;
        }
        return null;
    }

    /** Text of octets in a data coding; the SMSC's default (0) is the GSM alphabet, unpacked. */
    static String decode(byte[] octets, byte dataCoding) {
        return switch (dataCoding) {
            case UCS2 -> new String(octets, StandardCharsets.UTF_16BE);
            case GSM -> CharsetUtil.decode(octets, CharsetUtil.CHARSET_GSM);
            default -> new String(octets, StandardCharsets.ISO_8859_1);
        };
    }

    /** The data coding that can carry a text. */
    static byte codingFor(String text) {
        return GSMCharset.canRepresent(text) ? GSM : UCS2;
    }

    static byte[] encode(String text, byte dataCoding) {
        return dataCoding == UCS2
                ? text.getBytes(StandardCharsets.UTF_16BE)
                : CharsetUtil.encode(text, CharsetUtil.CHARSET_GSM);
    }

    /** Whether it fits one message: 160 septets (an octet each on the wire) or 140 octets. */
    static boolean fitsOneMessage(byte[] octets, byte dataCoding) {
        return octets.length <= (dataCoding == UCS2 ? 140 : 160);
    }
}
