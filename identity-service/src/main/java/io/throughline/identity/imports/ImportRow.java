package io.throughline.identity.imports;

import io.throughline.contracts.ConsentState;
import io.throughline.contracts.Identifier;
import io.throughline.identity.consent.About;
import io.throughline.identity.consent.Evidence;
import io.throughline.identity.consent.LegalBasis;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one row says of a customer.
 *
 * @param number from 1, without the header
 * @param identifiers strongest first, at least one
 * @param traits JSON values; null takes a trait back
 * @param at when it was so; absent: when the file came
 */
public record ImportRow(
        long number,
        List<Identifier> identifiers,
        Map<String, Object> traits,
        @Nullable String timeZone,
        @Nullable String locale,
        @Nullable Instant at,
        List<SaidConsent> consents) {

    /**
     * A consent that a row says was given or taken back.
     *
     * @param at absent: when the file came; only of an opt-out
     * @param source absent: the file's
     */
    public record SaidConsent(
            About about,
            ConsentState state,
            @Nullable Instant at,
            @Nullable String source,
            @Nullable Evidence evidence,
            @Nullable String wording,
            @Nullable LegalBasis legalBasis) {}

    /** What became of a row. */
    public sealed interface Outcome {

        long number();

        /** Whom it names, as far as that could be read. */
        List<Identifier> named();
    }

    public record Taken(ImportRow row, String line) implements Outcome {

        @Override
        public long number() {
            return row.number();
        }

        @Override
        public List<Identifier> named() {
            return row.identifiers();
        }

        public Rejected rejected(List<String> reasons) {
            return new Rejected(number(), line, reasons, named());
        }
    }

    /**
     * @param line as it was written; empty where it is not to be kept
     * @param reasons what is wrong, each beginning with the field
     */
    public record Rejected(long number, String line, List<String> reasons, List<Identifier> named)
            implements Outcome {

        /** Of a row that nobody can be read from. */
        public Rejected(long number, String line, List<String> reasons) {
            this(number, line, reasons, List.of());
        }

        /** Of which only is kept that there was one. */
        public static Rejected forgotten(long number, String reason) {
            return new Rejected(number, "", List.of(reason));
        }
    }
}
