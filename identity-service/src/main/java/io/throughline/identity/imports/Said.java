package io.throughline.identity.imports;

import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.Identifier;
import io.throughline.identity.consent.About;
import io.throughline.identity.consent.Evidence;
import io.throughline.identity.consent.LegalBasis;
import io.throughline.identity.identifier.Identifiers;
import io.throughline.identity.imports.ImportRow.Outcome;
import io.throughline.identity.imports.ImportRow.Rejected;
import io.throughline.identity.imports.ImportRow.SaidConsent;
import io.throughline.identity.imports.ImportRow.Taken;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What a row says so far, and what is wrong with it. */
final class Said {

    private static final int MAX_WORD = 100;
    private static final int MAX_EVIDENCE = 2_000;

    private final ImportOptions options;
    private final Instant now;
    private final Set<Identifier> identifiers = new LinkedHashSet<>();
    private final Map<String, Object> traits = new LinkedHashMap<>();
    private final List<SaidConsent> consents = new ArrayList<>();
    private final List<String> reasons = new ArrayList<>();
    private @Nullable String timeZone;
    private @Nullable String locale;
    private @Nullable Instant at;

    Said(ImportOptions options, Instant now) {
        this.options = options;
        this.now = now;
    }

    void wrong(String field, String detail) {
        reasons.add(field + ": " + detail);
    }

    void identifier(String field, String type, String value) {
        Identifiers.normalise(type, value, options.region())
                .filter(i -> value.indexOf(0) < 0)
                .ifPresentOrElse(
                        identifiers::add,
                        () ->
                                wrong(
                                        field,
                                        "expected a value of type "
                                                + type
                                                + " that identifies somebody"));
    }

    void trait(String name, @Nullable Object value) {
        put(traits, name, value);
    }

    void timeZone(String field, String text) {
        timeZone = read(field, text, zone -> ZoneId.of(zone).getId());
    }

    void locale(String text) {
        locale = text;
    }

    void at(String field, String text) {
        at = time(field, text);
    }

    /** A time, or a day, which begins at midnight UTC. */
    @Nullable Instant time(String field, String text) {
        Instant read =
                read(
                        field,
                        text,
                        t ->
                                t.length() == 10
                                        ? LocalDate.parse(t)
                                                .atStartOfDay(ZoneOffset.UTC)
                                                .toInstant()
                                        : OffsetDateTime.parse(t).toInstant());
        if (read != null && (read.isAfter(now) || read.isBefore(Instant.EPOCH))) {
            wrong(field, "expected a time between 1970 and now");
            return null;
        }
        return read;
    }

    void consent(
            String field,
            @Nullable About about,
            String state,
            @Nullable Instant saidAt,
            @Nullable String source,
            @Nullable Evidence evidence,
            @Nullable String wording,
            @Nullable LegalBasis legalBasis) {
        ConsentState read = read(field, state, ConsentState::of);
        Instant given = saidAt == null ? options.consentAt() : saidAt;
        if (about == null || read == null) {
            return;
        }
        if (read == ConsentState.OPTED_IN && given == null) {
            wrong(
                    field,
                    "an opt-in needs to say when it was given, in consent_at or for the whole import in"
                            + " consentAt");
            return;
        }
        consents.add(
                new SaidConsent(
                        about,
                        read,
                        given,
                        word(field, source, MAX_WORD),
                        evidence,
                        wording == null ? options.wording() : word(field, wording, MAX_WORD),
                        legalBasis == null ? options.legalBasis() : legalBasis));
    }

    @Nullable LegalBasis legalBasis(String field, @Nullable String text) {
        return text == null ? null : read(field, text, LegalBasis::of);
    }

    @Nullable Channel channel(String field, String text) {
        return read(field, text, Channel::of);
    }

    @Nullable Evidence evidence(String field, @Nullable String text) {
        String read = word(field, text, MAX_EVIDENCE);
        return read == null ? null : Evidence.of(read);
    }

    @Nullable String word(String field, @Nullable String text, int max) {
        if (text != null && (text.length() > max || text.indexOf(0) >= 0)) {
            wrong(field, "expected at most " + max + " characters and none of them U+0000");
            return null;
        }
        return text;
    }

    Outcome outcome(long number, String line) {
        if (identifiers.isEmpty() && reasons.isEmpty()) {
            reasons.add("row: names nobody; expected at least one identifier");
        }
        List<Identifier> strongestFirst =
                identifiers.stream().sorted(Identifiers.STRONGEST_FIRST).toList();
        if (!reasons.isEmpty()) {
            return new Rejected(number, line, List.copyOf(reasons), strongestFirst);
        }
        return new Taken(
                new ImportRow(number, strongestFirst, traits, timeZone, locale, at, consents),
                line);
    }

    private <T> @Nullable T read(String field, String text, Function<String, T> reading) {
        try {
            return reading.apply(text);
        } catch (DateTimeException e) {
            wrong(
                    field,
                    "expected ISO 8601, as in 2026-01-31T10:00:00Z, or a zone as in Europe/Madrid");
        } catch (IllegalArgumentException e) {
            wrong(field, String.valueOf(e.getMessage()));
        }
        return null;
    }

    @SuppressWarnings("NullAway") // A null trait takes it back.
    private static void put(Map<String, Object> traits, String name, @Nullable Object value) {
        traits.put(name, value);
    }
}
