package io.throughline.identity.catalogue;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * What a batch of events adds to the catalogue. Bounded: names and properties beyond the limits are
 * left out and counted.
 */
public final class Tally {

    /** Names that the catalogue holds; more are data that somebody put into names. */
    public static final int MOST_NAMES = 2_000;

    /** Properties that it holds of one name. */
    public static final int MOST_PROPERTIES = Glance.MOST_PROPERTIES;

    private final Map<EventName, Line> lines = new HashMap<>();
    private long leftOut;

    /** What is added to one name. */
    public static final class Line {

        private final Map<String, Integer> types = new HashMap<>();
        private Instant first = Instant.MAX;
        private Instant last = Instant.MIN;
        private long count;

        public long count() {
            return count;
        }

        public Instant first() {
            return first;
        }

        public Instant last() {
            return last;
        }

        /** Property to the bits of its types. */
        public Map<String, Integer> types() {
            return types;
        }

        private void add(Glance glance, Instant at) {
            count++;
            first = at.isBefore(first) ? at : first;
            last = at.isAfter(last) ? at : last;
            glance.properties().forEach(this::add);
        }

        private void add(String property, PropertyType type) {
            if (types.size() < MOST_PROPERTIES || types.containsKey(property)) {
                types.merge(property, type.bit(), (a, b) -> a | b);
            }
        }
    }

    /**
     * @param at when the event was received
     */
    public void add(Glance glance, Instant at) {
        if (lines.size() >= MOST_NAMES && !lines.containsKey(glance.event())) {
            leftOut++;
            return;
        }
        lines.computeIfAbsent(glance.event(), ignored -> new Line()).add(glance, at);
    }

    public Map<EventName, Line> lines() {
        return lines;
    }

    /** Events whose names were beyond the limit. */
    public long leftOut() {
        return leftOut;
    }

    public boolean isEmpty() {
        return lines.isEmpty() && leftOut == 0;
    }
}
