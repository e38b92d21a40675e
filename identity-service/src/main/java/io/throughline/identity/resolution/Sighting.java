package io.throughline.identity.resolution;

import java.util.Comparator;

/**
 * Evidence and when it was first given.
 *
 * @param first the earliest event that carries just these identifiers
 */
public record Sighting(Evidence evidence, Occasion first) implements Comparable<Sighting> {

    private static final Comparator<Sighting> ORDER =
            Comparator.comparing(Sighting::first).thenComparing(s -> s.evidence().id());

    /** In the order in which links are made. */
    @Override
    public int compareTo(Sighting other) {
        return ORDER.compare(this, other);
    }
}
