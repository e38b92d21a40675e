package io.throughline.identity.identifier;

import java.net.IDN;
import java.text.Normalizer;
import java.util.Locale;
import java.util.Optional;

/**
 * Email addresses in the form in which they are compared: NFC, lower case, the domain in its ASCII
 * form. RFC 5321 calls the local part case-sensitive; no mailbox provider that matters does, and
 * people do not type their own name the same way twice.
 */
final class EmailAddress {

    /** RFC 5321, section 4.5.3.1, in octets. */
    private static final int MAX_LOCAL_PART = 64;

    private static final int MAX_ADDRESS = 254;

    private EmailAddress() {}

    static Optional<String> normalise(String raw) {
        String text = Normalizer.normalize(raw.strip(), Normalizer.Form.NFC);
        int at = text.lastIndexOf('@');
        if (at <= 0 || at > MAX_LOCAL_PART || text.length() > MAX_ADDRESS || hasSpace(text)) {
            return Optional.empty();
        }
        String local = text.substring(0, at).toLowerCase(Locale.ROOT);
        if (local.indexOf('@') >= 0) {
            return Optional.empty();
        }
        return domain(text.substring(at + 1)).map(domain -> local + "@" + domain);
    }

    private static Optional<String> domain(String raw) {
        try {
            String domain =
                    IDN.toASCII(raw, IDN.USE_STD3_ASCII_RULES | IDN.ALLOW_UNASSIGNED)
                            .toLowerCase(Locale.ROOT);
            boolean hasLabels = domain.indexOf('.') > 0 && !domain.endsWith(".");
            return hasLabels && !domain.contains("..") ? Optional.of(domain) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static boolean hasSpace(String text) {
        return text.chars().anyMatch(c -> Character.isWhitespace(c) || Character.isISOControl(c));
    }
}
