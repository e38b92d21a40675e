package io.throughline.channel.sms;

import com.cloudhopper.commons.charset.GSMCharset;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/**
 * The GSM 7-bit default alphabet and its extension (3GPP TS 23.038, 6.2.1), one septet to an octet.
 * The tables are cloudhopper's; its encoder is not used, since it writes a question mark for what
 * it does not know where we must choose another alphabet.
 */
final class Gsm0338 {

    private static final int ESCAPE = 0x1B;
    private static final int ABSENT = -1;
    private static final int[] CODES = codes();

    private Gsm0338() {}

    /** How many septets a character takes: 1, 2 after an escape, 0 where there is none for it. */
    static int septets(char c) {
        int code = codeOf(c);
        return code == ABSENT ? 0 : code > 0xFF ? 2 : 1;
    }

    static byte[] encode(String text) {
        ByteArrayOutputStream octets = new ByteArrayOutputStream(text.length());
        for (int i = 0; i < text.length(); i++) {
            int code = codeOf(text.charAt(i));
            if (code == ABSENT) {
                throw new IllegalArgumentException("not in the GSM alphabet, at " + i);
            }
            if (code > 0xFF) {
                octets.write(ESCAPE);
            }
            octets.write(code & 0x7F);
        }
        return octets.toByteArray();
    }

    /**
     * An escape before something that the extension has not is passed over, as 6.2.1.1 asks; an
     * octet above 0x7F is no septet and reads as U+FFFD.
     */
    static String decode(byte[] octets) {
        StringBuilder text = new StringBuilder(octets.length);
        for (int i = 0; i < octets.length; i++) {
            int code = octets[i];
            if (code == ESCAPE) {
                i++;
                if (i < octets.length) {
                    text.append(extended(octets[i]));
                }
            } else {
                text.append(basic(code));
            }
        }
        return text.toString();
    }

    private static char basic(int code) {
        return code < 0 ? '\uFFFD' : GSMCharset.CHAR_TABLE[code];
    }

    private static char extended(int code) {
        return code < 0 || GSMCharset.EXT_CHAR_TABLE[code] == 0
                ? basic(code)
                : GSMCharset.EXT_CHAR_TABLE[code];
    }

    private static int codeOf(char c) {
        return c < CODES.length ? CODES[c] : ABSENT;
    }

    private static int[] codes() {
        int[] codes = new int['€' + 1];
        Arrays.fill(codes, ABSENT);
        for (int code = 0; code < GSMCharset.CHAR_TABLE.length; code++) {
            if (GSMCharset.EXT_CHAR_TABLE[code] != 0) {
                codes[GSMCharset.EXT_CHAR_TABLE[code]] = ESCAPE << 8 | code;
            }
        }
        for (int code = 0; code < GSMCharset.CHAR_TABLE.length; code++) {
            if (code != ESCAPE) {
                codes[GSMCharset.CHAR_TABLE[code]] = code;
            }
        }
        return codes;
    }
}
