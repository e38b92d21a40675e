package io.throughline.identity.profile;

import java.time.Instant;

/**
 * When an identifier was last seen.
 *
 * @param by the {@code messageId} that carried it
 */
public record Seen(Instant at, String by) {

    /** The later of the two. */
    static Seen later(Seen a, Seen b) {
        int byTime = a.at.compareTo(b.at);
        int order = byTime != 0 ? byTime : a.by.compareTo(b.by);
        return order >= 0 ? a : b;
    }
}
