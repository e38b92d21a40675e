package io.throughline.identity.store;

import io.throughline.contracts.ingest.Trust;
import jakarta.persistence.AttributeConverter;
import jakarta.persistence.Converter;

/** Trust by its word, as everywhere outside of Java. */
@Converter
class TrustColumn implements AttributeConverter<Trust, String> {

    @Override
    public String convertToDatabaseColumn(Trust trust) {
        return trust.word();
    }

    @Override
    public Trust convertToEntityAttribute(String word) {
        return Trust.of(word);
    }
}
