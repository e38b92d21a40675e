package io.throughline.identity.resolution;

import java.time.Instant;
import java.util.Comparator;

/**
 * When something was said, and by which event. Links are made in this order whatever the order of
 * arrival: an event that comes late is put where it belongs.
 *
 * @param at event time
 * @param source of two events at the same instant the one from the lesser source goes first
 * @param messageId then the one with the lesser id
 */
public record Occasion(Instant at, String source, String messageId)
        implements Comparable<Occasion> {

    private static final Comparator<Occasion> ORDER =
            Comparator.comparing(Occasion::at)
                    .thenComparing(Occasion::source)
                    .thenComparing(Occasion::messageId);

    @Override
    public int compareTo(Occasion other) {
        return ORDER.compare(this, other);
    }
}
