package io.throughline.identity.consent;

import org.jspecify.annotations.Nullable;

/**
 * Where a consent is from, as it is shown to whoever asks for proof.
 *
 * @param source where it was said, as in {@code preference-centre}
 * @param wording version of the text that was agreed to; it is in the register of wordings
 * @param legalBasis absent where nobody said
 * @param recordedBy who wrote it down: a service of ours, or the caller of the API
 */
public record Provenance(
        String source,
        @Nullable Evidence evidence,
        @Nullable String wording,
        @Nullable LegalBasis legalBasis,
        String recordedBy) {

    /** Neither a wording nor a legal basis is needed to be left alone. */
    public static Provenance of(String source, @Nullable Evidence evidence, String recordedBy) {
        return new Provenance(source, evidence, null, null, recordedBy);
    }
}
