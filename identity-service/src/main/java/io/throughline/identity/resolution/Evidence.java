package io.throughline.identity.resolution;

import io.throughline.contracts.Identifier;
import io.throughline.contracts.ingest.Trust;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * Identifiers that were seen together and so stand for one person, as far as the source is to be
 * believed. Events that carry the same identifiers are the same evidence, however many there are.
 */
public record Evidence(SortedSet<Identifier> identifiers, Trust trust) {

    private static final String BETWEEN = "\u001f";

    public Evidence {
        if (identifiers.isEmpty()) {
            throw new IllegalArgumentException("evidence names somebody");
        }
        identifiers = Collections.unmodifiableSortedSet(new TreeSet<>(identifiers));
    }

    public static Evidence of(Collection<Identifier> identifiers, Trust trust) {
        return new Evidence(new TreeSet<>(identifiers), trust);
    }

    /** The same for the same evidence, in every process: 128 bits of its SHA-256. */
    public UUID id() {
        String text =
                trust.name()
                        + BETWEEN
                        + identifiers.stream()
                                .map(Identifier::toString)
                                .collect(Collectors.joining(BETWEEN));
        try {
            ByteBuffer hash =
                    ByteBuffer.wrap(
                            MessageDigest.getInstance("SHA-256")
                                    .digest(text.getBytes(StandardCharsets.UTF_8)));
            return new UUID(hash.getLong(), hash.getLong());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
