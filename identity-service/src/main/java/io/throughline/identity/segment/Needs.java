package io.throughline.identity.segment;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What has to be known to say of whom segments hold.
 *
 * @param events how much of which events, by name
 * @param profile whether traits are read
 * @param segments the keys of other segments
 * @param timed whether time alone may change the answer
 */
public record Needs(
        Map<String, Lookback> events,
        boolean profile,
        boolean consents,
        boolean scores,
        Set<String> segments,
        boolean timed) {

    public Needs {
        events = Map.copyOf(events);
        segments = Set.copyOf(segments);
    }

    /**
     * @param longest how far back; absent for all there is
     * @param properties whether what the events carried is looked at
     */
    public record Lookback(@Nullable Duration longest, boolean properties) {

        Lookback and(Lookback other) {
            return new Lookback(
                    longest == null || other.longest == null
                            ? null
                            : longest.compareTo(other.longest) > 0 ? longest : other.longest,
                    properties || other.properties);
        }
    }

    /** What all of them need. */
    public static Needs of(Collection<Needs> all) {
        Map<String, Lookback> events = new HashMap<>();
        Set<String> segments = new HashSet<>();
        boolean profile = false;
        boolean consents = false;
        boolean scores = false;
        boolean timed = false;
        for (Needs needs : all) {
            needs.events.forEach((name, back) -> events.merge(name, back, Lookback::and));
            segments.addAll(needs.segments);
            profile |= needs.profile;
            consents |= needs.consents;
            scores |= needs.scores;
            timed |= needs.timed;
        }
        return new Needs(events, profile, consents, scores, segments, timed);
    }
}
