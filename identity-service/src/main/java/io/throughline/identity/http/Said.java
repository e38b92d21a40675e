package io.throughline.identity.http;

import io.throughline.chassis.http.Problem;
import io.throughline.contracts.Channel;
import io.throughline.contracts.Identifier;
import io.throughline.identity.consent.Evidence;
import io.throughline.identity.consent.LegalBasis;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads what callers say of consents, and gathers everything that is wrong with it. */
final class Said {

    static final int MAX_WORD = 100;
    private static final int MAX_TEXT = 2_000;
    private static final Set<String> EVIDENCE =
            Set.of("text", "ip", "page", "message", "keyword", "userAgent", "agent");

    private final Naming naming;
    private final List<Problem.FieldError> errors = new ArrayList<>();

    Said(Naming naming) {
        this.naming = naming;
    }

    /**
     * @throws Problem naming every field that is wrong
     */
    void orRefuse() {
        if (!errors.isEmpty()) {
            throw Problem.of(errors);
        }
    }

    @Nullable Identifier identifier(@Nullable String text) {
        return needed("identifier", text, naming::identifier);
    }

    <T> @Nullable T needed(String field, @Nullable String text, Function<String, T> reading) {
        if (text == null || text.isBlank()) {
            errors.add(new Problem.FieldError(field, field + " is missing"));
            return null;
        }
        return read(field, text, reading);
    }

    <T> @Nullable T optional(String field, @Nullable String text, Function<String, T> reading) {
        return text == null ? null : needed(field, text, reading);
    }

    void expect(String field, boolean holds, String detail) {
        if (!holds) {
            errors.add(new Problem.FieldError(field, detail));
        }
    }

    /** A name somebody gave: short and printable. */
    static String word(String text) {
        return atMost(text, MAX_WORD);
    }

    Set<Channel> channels(@Nullable List<@Nullable String> words) {
        if (words == null) {
            return Set.of(Channel.values());
        }
        return set("channels", words, Channel::of);
    }

    Set<String> topics(@Nullable List<@Nullable String> words) {
        return words == null ? Set.of() : set("topics", words, Said::word);
    }

    private <T> Set<T> set(
            String field, List<@Nullable String> words, Function<String, T> reading) {
        Set<T> read = new LinkedHashSet<>();
        if (words.isEmpty() || words.size() > MAX_WORD) {
            errors.add(new Problem.FieldError(field, "expected 1 to " + MAX_WORD + " of them"));
        }
        for (int i = 0; i < words.size() && i < MAX_WORD; i++) {
            T item = needed(field + "[" + i + "]", words.get(i), reading);
            if (item != null) {
                read.add(item);
            }
        }
        return read;
    }

    @Nullable LegalBasis legalBasis(@Nullable String word) {
        return optional("legalBasis", word, LegalBasis::of);
    }

    /** A text, or an object of texts. */
    @Nullable Evidence evidence(@Nullable Object said) {
        return switch (said) {
            case null -> null;
            case String text -> {
                String read = needed("evidence", text, t -> atMost(t, MAX_TEXT));
                yield read == null ? null : Evidence.of(read);
            }
            case Map<?, ?> parts -> evidence(parts);
            default -> {
                errors.add(
                        new Problem.FieldError(
                                "evidence", "expected a text, or an object of texts"));
                yield null;
            }
        };
    }

    private Evidence evidence(Map<?, ?> parts) {
        for (Object name : parts.keySet()) {
            if (!EVIDENCE.contains(name)) {
                errors.add(
                        new Problem.FieldError(
                                "evidence." + name,
                                "unknown, expected one of "
                                        + String.join(", ", new TreeSet<>(EVIDENCE))));
            }
        }
        return Evidence.told(
                part(parts, "text"),
                part(parts, "ip"),
                part(parts, "page"),
                part(parts, "message"),
                part(parts, "keyword"),
                part(parts, "userAgent"),
                part(parts, "agent"));
    }

    private @Nullable String part(Map<?, ?> parts, String name) {
        Object said = parts.get(name);
        if (said != null && !(said instanceof String)) {
            errors.add(new Problem.FieldError("evidence." + name, "expected a text"));
            return null;
        }
        return optional("evidence." + name, (String) said, text -> atMost(text, MAX_TEXT));
    }

    private <T> @Nullable T read(String field, String text, Function<String, T> reading) {
        try {
            return reading.apply(text);
        } catch (IllegalArgumentException e) {
            errors.add(new Problem.FieldError(field, String.valueOf(e.getMessage())));
            return null;
        }
    }

    static String atMost(String text, int max) {
        if (text.length() > max || text.indexOf(0) >= 0) {
            throw new IllegalArgumentException(
                    "expected at most " + max + " characters and none of them U+0000");
        }
        return text;
    }

    static <T> T present(@Nullable T checked) {
        return Objects.requireNonNull(checked, "it was checked before");
    }
}
