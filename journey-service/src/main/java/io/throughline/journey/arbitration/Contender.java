package io.throughline.journey.arbitration;

import java.util.Set;

/**
 * A planned contact and the caps it needs a place under.
 *
 * @param caps empty for one that takes no place from others
 */
record Contender(Planned planned, Set<SharedCap> caps) {

    Contender {
        caps = Set.copyOf(caps);
    }

    boolean needs(SharedCap cap) {
        return caps.contains(cap);
    }

    /**
     * Whether it counts under a cap: one that it is under, but maybe as messages of another
     * category see it, for which other categories count.
     */
    boolean countsUnder(SharedCap cap) {
        return caps.stream().anyMatch(own -> cap.counts(planned.category(), own));
    }
}
