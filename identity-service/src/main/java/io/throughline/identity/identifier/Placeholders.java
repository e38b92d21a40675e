package io.throughline.identity.identifier;

import java.text.Normalizer;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Values that programs write where they know nothing, however they wrap them: {@code (null)} is
 * Objective-C's, {@code [null]} a list's. They arrive from many people, so taking one for an
 * identifier would make one customer of all of them.
 */
final class Placeholders {

    /** Without what is neither letter nor digit. */
    private static final Set<String> WORDS =
            Set.of(
                    "",
                    "null",
                    "nil",
                    "none",
                    "undefined",
                    "nan",
                    "na",
                    "unknown",
                    "anonymous",
                    "guest",
                    "notset",
                    "unset",
                    "missing",
                    "default",
                    "empty",
                    "test",
                    "user",
                    "string",
                    "example",
                    "xxx",
                    "true",
                    "false",
                    "objectobject");

    private static final Set<String> LITERALS =
            Set.of("-1", "test@test.com", "noemail@noemail.com");

    /** A variable that nobody replaced. */
    private static final Pattern TEMPLATE =
            Pattern.compile(
                    "\\{\\{[^{}]*}}|%7b%7b.*%7d%7d|\\$\\{[^{}]*}|<%.*%>|^\\$[a-z_]\\w*$|^%%?[a-z_]+%?%$|^\\*\\|.*\\|\\*$|^<[a-z_ -]+>$|^\\{[a-z_ .-]+}$|^%[sdi]$",
                    Pattern.CASE_INSENSITIVE);

    private static final Pattern ASCII_MARKS = Pattern.compile("[\\p{Punct}\\s]+");
    private static final Pattern TOP_LEVEL = Pattern.compile("\\.[^.@]*$");

    private Placeholders() {}

    static boolean contains(String value) {
        String text = Normalizer.normalize(value, Normalizer.Form.NFKC).toLowerCase(Locale.ROOT);
        return isOneDigitOnly(text)
                || LITERALS.contains(text)
                || TEMPLATE.matcher(text).find()
                || (text.indexOf('@') < 0 ? isWord(text) : isMailOfWords(text));
    }

    private static boolean isWord(String text) {
        List<String> words = Arrays.stream(text.split(" ")).map(Placeholders::bare).toList();
        return WORDS.contains(bare(text)) || WORDS.containsAll(words);
    }

    private static String bare(String text) {
        return ASCII_MARKS.matcher(text).replaceAll("");
    }

    /** As in {@code undefined@undefined.com}. */
    private static boolean isMailOfWords(String text) {
        int at = text.indexOf('@');
        return at > 0
                && WORDS.contains(text.substring(0, at))
                && WORDS.contains(TOP_LEVEL.matcher(text.substring(at + 1)).replaceFirst(""));
    }

    /**
     * Only zeros and dashes: {@code 0}, {@code -}, the zero UUID, the zero advertising id; or a
     * UUID of nothing but {@code f}.
     */
    private static boolean isOneDigitOnly(String text) {
        return text.chars().allMatch(c -> c == '0' || c == '-')
                || (text.length() >= 32 && text.chars().allMatch(c -> c == 'f' || c == '-'));
    }
}
