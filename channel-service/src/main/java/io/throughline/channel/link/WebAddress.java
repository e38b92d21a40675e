package io.throughline.channel.link;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Addresses as people write them into templates, made fit for a header. */
public final class WebAddress {

    /** What may stand in an address as it is: RFC 3986, 2.2 and 2.3. */
    private static final String ALLOWED = "-._~:/?#[]@!$&'()*+,;=";

    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private WebAddress() {}

    /**
     * The address with every character that may not stand in one percent-encoded, as browsers do it
     * on the way; what is encoded already stays as it is.
     */
    public static String encoded(String address) {
        byte[] bytes = address.getBytes(StandardCharsets.UTF_8);
        StringBuilder encoded = new StringBuilder(bytes.length);
        for (int i = 0; i < bytes.length; i++) {
            if (isAllowed(bytes[i]) || isEscape(bytes, i)) {
                encoded.append((char) bytes[i]);
            } else {
                encoded.append('%').append(HEX.toHexDigits(bytes[i]));
            }
        }
        return encoded.toString();
    }

    private static boolean isAllowed(byte character) {
        return (character >= 'a' && character <= 'z')
                || (character >= 'A' && character <= 'Z')
                || (character >= '0' && character <= '9')
                || (character > 0 && ALLOWED.indexOf(character) >= 0);
    }

    private static boolean isEscape(byte[] bytes, int at) {
        return bytes[at] == '%'
                && at + 2 < bytes.length
                && HexFormat.isHexDigit(bytes[at + 1])
                && HexFormat.isHexDigit(bytes[at + 2]);
    }
}
