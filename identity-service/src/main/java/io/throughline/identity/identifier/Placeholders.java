package io.throughline.identity.identifier;

import java.util.Locale;
import java.util.Set;

/**
 * Values that programs write where they know nothing. They arrive from many people, so taking one
 * for an identifier would make one customer of all of them.
 */
final class Placeholders {

    private static final Set<String> WORDS =
            Set.of(
                    "null",
                    "nil",
                    "none",
                    "undefined",
                    "nan",
                    "n/a",
                    "na",
                    "unknown",
                    "anonymous",
                    "guest",
                    "not set",
                    "(not set)",
                    "not_set",
                    "true",
                    "false",
                    "-1",
                    "[object object]",
                    "test@test.com",
                    "noemail@noemail.com",
                    "null@null.com",
                    "none@none.com");

    private Placeholders() {}

    static boolean contains(String value) {
        return isZeros(value) || WORDS.contains(value.toLowerCase(Locale.ROOT));
    }

    /** Only zeros and dashes: {@code 0}, {@code -}, the zero UUID, the zero advertising id. */
    private static boolean isZeros(String value) {
        for (int i = 0; i < value.length(); i++) {
            if (value.charAt(i) != '0' && value.charAt(i) != '-') {
                return false;
            }
        }
        return true;
    }
}
