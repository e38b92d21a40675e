package io.throughline.identity.imports;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.throughline.identity.consent.LegalBasis;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a file is to be read.
 *
 * @param source where its rows are from, as ledger and graph name it
 * @param dryRun whether everything is looked at and nothing kept
 * @param columns what the columns of a CSV file mean, where their own names do not say; the empty
 *     text leaves a column out
 * @param delimiter of a CSV file; absent: the one of comma, semicolon and tab that the header has
 * @param region ISO 3166 code of the country of phone numbers without {@code +}
 * @param at when what the rows say was so, where they do not say themselves
 * @param consentAt when consents were given, where the rows do not say
 */
public record ImportOptions(
        Format format,
        String source,
        boolean dryRun,
        Map<String, String> columns,
        @Nullable String delimiter,
        @Nullable String region,
        @Nullable Instant at,
        @Nullable Instant consentAt,
        @Nullable String wording,
        @Nullable LegalBasis legalBasis) {

    ImportOptions withDelimiter(String known) {
        return new ImportOptions(
                format, source, dryRun, columns, known, region, at, consentAt, wording, legalBasis);
    }

    /** How rows are written. */
    public enum Format {
        /** RFC 4180, UTF-8, with a header. */
        CSV,
        /** A JSON object a line. */
        NDJSON;

        @JsonValue
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        /**
         * @throws IllegalArgumentException naming the known words
         */
        @JsonCreator
        public static Format of(String word) {
            return Arrays.stream(values())
                    .filter(format -> format.word().equals(word))
                    .findFirst()
                    .orElseThrow(() ->
                            new IllegalArgumentException(
                                    "unknown format '" + word + "', expected csv or ndjson"));
        }
    }
}
