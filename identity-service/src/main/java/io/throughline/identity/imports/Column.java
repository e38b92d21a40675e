package io.throughline.identity.imports;

import io.throughline.contracts.Channel;
import io.throughline.contracts.Identifier;
import io.throughline.identity.consent.About;
import java.util.Set;

/** What a column of a CSV file is. */
public sealed interface Column {

    /** Left out. */
    record Nothing() implements Column {}

    record Named(String type) implements Column {}

    record Trait(String name, Type type) implements Column {}

    record Consent(About about) implements Column {}

    record Fact(Kind kind) implements Column {}

    /** How a trait is written. */
    enum Type {
        TEXT,
        NUMBER,
        BOOLEAN,
        JSON
    }

    /** What is said of the row as a whole. */
    enum Kind {
        TIME_ZONE,
        LOCALE,
        AT,
        CONSENT_AT,
        CONSENT_SOURCE,
        CONSENT_WORDING,
        CONSENT_LEGAL_BASIS,
        CONSENT_EVIDENCE
    }

    /** The column in a file of rejected rows that says why; a corrected file may keep it. */
    String REASONS = "rejected_because";

    String EXPECTED =
            "unknown column, expected user_id, email, phone, anonymous_id, push_token, identifier.<type>,"
                    + " trait.<name>, timezone, locale, at, consent.<channel> or"
                    + " consent.<channel>/<topic>, consent_at, consent_source, consent_wording,"
                    + " consent_legal_basis, consent_evidence; say in columns what it is, \"\" leaves it"
                    + " out";

    Set<String> IDENTIFIERS =
            Set.of(
                    Identifier.USER_ID,
                    Identifier.EMAIL,
                    Identifier.PHONE,
                    Identifier.ANONYMOUS_ID,
                    Identifier.PUSH_TOKEN);

    /**
     * Reads what a column is called, or is said to be.
     *
     * @throws IllegalArgumentException saying what was expected
     */
    static Column of(String word) {
        if (word.isEmpty() || word.equals(REASONS)) {
            return new Nothing();
        }
        if (IDENTIFIERS.contains(word)) {
            return new Named(word);
        }
        int dot = word.indexOf('.');
        String rest = word.substring(dot + 1);
        String family = dot > 0 && !rest.isEmpty() ? word.substring(0, dot) : "";
        return switch (family) {
            case "identifier" -> new Named(rest);
            case "trait" -> trait(rest);
            case "consent" -> consent(rest);
            default -> fact(word);
        };
    }

    private static Column fact(String word) {
        return switch (word) {
            case "timezone" -> new Fact(Kind.TIME_ZONE);
            case "locale" -> new Fact(Kind.LOCALE);
            case "at" -> new Fact(Kind.AT);
            case "consent_at" -> new Fact(Kind.CONSENT_AT);
            case "consent_source" -> new Fact(Kind.CONSENT_SOURCE);
            case "consent_wording" -> new Fact(Kind.CONSENT_WORDING);
            case "consent_legal_basis" -> new Fact(Kind.CONSENT_LEGAL_BASIS);
            case "consent_evidence" -> new Fact(Kind.CONSENT_EVIDENCE);
            default -> throw new IllegalArgumentException(EXPECTED);
        };
    }

    private static Column trait(String rest) {
        int colon = rest.lastIndexOf(':');
        String type = colon < 0 ? "" : rest.substring(colon + 1);
        String name = colon < 0 ? rest : rest.substring(0, colon);
        return switch (type) {
            case "number" -> new Trait(name, Type.NUMBER);
            case "boolean" -> new Trait(name, Type.BOOLEAN);
            case "json" -> new Trait(name, Type.JSON);
            case "text", "" -> new Trait(name, Type.TEXT);
            default -> new Trait(rest, Type.TEXT);
        };
    }

    private static Column consent(String rest) {
        int slash = rest.indexOf('/');
        String topic = slash < 0 ? null : rest.substring(slash + 1);
        if (topic != null && topic.isBlank()) {
            throw new IllegalArgumentException("expected a topic after the slash");
        }
        return new Consent(
                new About(Channel.of(slash < 0 ? rest : rest.substring(0, slash)), topic));
    }
}
