package io.throughline.identity.whereabouts;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Which zones show the same time. */
final class Clocks {

    /** What clocks showed before is of no matter, and a fixed day gives everybody one answer. */
    private static final Instant SINCE = Instant.parse("2026-01-01T00:00:00Z");

    private Clocks() {}

    static Optional<ZoneId> zone(String name) {
        try {
            return Optional.of(ZoneId.of(name));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    /** The zones, of those that have shown the same time since, and always will, the first. */
    static List<ZoneId> distinct(Collection<ZoneId> zones) {
        List<ZoneId> distinct = new ArrayList<>();
        for (ZoneId zone : zones) {
            if (distinct.stream().noneMatch(known -> same(known, zone))) {
                distinct.add(zone);
            }
        }
        return List.copyOf(distinct);
    }

    static boolean same(ZoneId a, ZoneId b) {
        ZoneRules one = a.getRules();
        ZoneRules other = b.getRules();
        return one.equals(other)
                || (one.getOffset(SINCE).equals(other.getOffset(SINCE))
                        && one.getTransitionRules().equals(other.getTransitionRules())
                        && changes(one).equals(changes(other)));
    }

    private static List<ZoneOffsetTransition> changes(ZoneRules rules) {
        return rules.getTransitions().stream().filter(t -> t.getInstant().isAfter(SINCE)).toList();
    }
}
