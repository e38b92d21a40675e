package io.throughline.identity.identifier;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

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

    /** Only zeros and dashes: {@code 0}, {@code -}, the zero UUID, the zero advertising id. */
    private static final Pattern ZEROS = Pattern.compile("[0\\-]*");

    private Placeholders() {}

    static boolean contains(String value) {
        return ZEROS.matcher(value).matches() || WORDS.contains(value.toLowerCase(Locale.ROOT));
    }
}
