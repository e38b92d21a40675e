package io.throughline.journey.arbitration;

import java.util.Set;

/**
 * A planned contact and the caps it takes a place under.
 *
 * @param rules as they stand in verdicts; empty for one that takes no place from others
 */
public record Contender(Planned planned, Set<String> rules) {

    public Contender {
        rules = Set.copyOf(rules);
    }
}
