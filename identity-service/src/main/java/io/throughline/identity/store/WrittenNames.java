package io.throughline.identity.store;

import io.throughline.contracts.Identifier;
import io.throughline.identity.identifier.Identifiers;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Regular expressions of PostgreSQL that find identifiers in texts that people wrote. */
final class WrittenNames {

    /** What a value goes on with; next to these it is part of another. */
    private static final String WORD = "[:alnum:]_.+%@-";

    private WrittenNames() {}

    /** Any of the values, as a word of its own. */
    static String anyOf(List<Identifier> identifiers) {
        return identifiers.stream()
                .map(i -> escaped(i.value()))
                .collect(Collectors.joining("|", "(^|[^" + WORD + "])(", ")($|[^" + WORD + "])"));
    }

    /** The digits of any of the phone numbers, with or without what a country puts before them. */
    static @Nullable String anyNumberOf(List<Identifier> identifiers) {
        List<String> numbers =
                identifiers.stream()
                        .filter(i -> i.type().equals(Identifier.PHONE))
                        .map(Identifiers::nationalNumber)
                        .toList();
        return numbers.isEmpty() ? null : "(" + String.join("|", numbers) + ")($|[^0-9])";
    }

    private static String escaped(String value) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c < 128 && !Character.isLetterOrDigit(c)) {
                text.append('\\');
            }
            text.append(c);
        }
        return text.toString();
    }
}
