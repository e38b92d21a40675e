package io.throughline.identity.http;

import io.throughline.chassis.http.Problem;
import io.throughline.identity.consent.LegalBasis;
import io.throughline.identity.identifier.Identifiers;
import io.throughline.identity.imports.Column;
import io.throughline.identity.imports.ImportOptions;
import io.throughline.identity.imports.ImportOptions.Format;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a file is announced.
 *
 * @param columns what columns of a CSV file mean; null leaves one out
 */
record ImportRequest(
        @Nullable String name,
        @Nullable String format,
        @Nullable String source,
        @Nullable Boolean dryRun,
        @Nullable Map<String, @Nullable String> columns,
        @Nullable String delimiter,
        @Nullable String region,
        @Nullable String at,
        @Nullable String consentAt,
        @Nullable String wording,
        @Nullable String legalBasis) {

    /** A name and what goes with it. */
    record Checked(String name, ImportOptions options) {}

    /**
     * @throws Problem naming every field that is wrong
     */
    static Checked checked(@Nullable ImportRequest request, Naming naming, Instant now) {
        if (request == null) {
            throw Problem.badRequest("body", "expected a JSON object");
        }
        Said said = new Said(naming);
        String name = said.optional("name", request.name(), Said::word);
        Format format = said.needed("format", request.format(), Format::of);
        String source = said.needed("source", request.source(), Said::word);
        Map<String, String> columns = columns(said, request.columns());
        String delimiter = said.optional("delimiter", request.delimiter(), ImportRequest::one);
        String region = said.optional("region", request.region(), ImportRequest::region);
        Instant at = said.optional("at", request.at(), text -> time(text, now));
        Instant consentAt = said.optional("consentAt", request.consentAt(), t -> time(t, now));
        String wording = said.optional("wording", request.wording(), Said::word);
        LegalBasis basis = said.legalBasis(request.legalBasis());
        said.orRefuse();
        String from = Said.present(source);
        return new Checked(
                name == null ? from : name,
                new ImportOptions(
                        Said.present(format),
                        from,
                        Boolean.TRUE.equals(request.dryRun()),
                        columns,
                        delimiter,
                        region,
                        at,
                        consentAt,
                        wording,
                        basis));
    }

    private static Map<String, String> columns(
            Said said, @Nullable Map<String, @Nullable String> asked) {
        Map<String, String> columns = new LinkedHashMap<>();
        if (asked != null) {
            asked.forEach((name, meaning) -> {
                String word = meaning == null ? "" : meaning;
                said.optional(
                        "columns." + name,
                        word.isEmpty() ? null : word,
                        text -> Column.of(Said.atMost(text, 200)));
                columns.put(name, word);
            });
        }
        return columns;
    }

    private static String one(String text) {
        if (text.length() != 1 || text.charAt(0) == '"' || text.charAt(0) < '\t') {
            throw new IllegalArgumentException("expected one character");
        }
        return text;
    }

    private static String region(String text) {
        if (!Identifiers.isRegion(text)) {
            throw new IllegalArgumentException("expected the code of a country, as in ES");
        }
        return text;
    }

    private static Instant time(String text, Instant now) {
        try {
            Instant time = OffsetDateTime.parse(text).toInstant();
            if (time.isAfter(now) || time.isBefore(Instant.EPOCH)) {
                throw new IllegalArgumentException("expected a time between 1970 and now");
            }
            return time;
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("expected ISO 8601, as in 2026-01-31T10:00:00Z", e);
        }
    }
}
