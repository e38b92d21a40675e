package io.throughline.identity.segment;

import io.throughline.identity.segment.SegmentCondition.Standing;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * All segments in force: which of them something that happened may touch, and how a customer stands
 * to those. Whatever is touched, so are the segments that ask about it, and theirs.
 */
public final class Segments {

    public static final Segments NONE = new Segments(List.of());

    /** Each after those that it asks about. */
    private final Map<String, Segment> inOrder = new LinkedHashMap<>();

    private final Map<String, Set<String>> askedBy = new HashMap<>();
    private final Map<String, Set<String>> byEvent = new HashMap<>();
    private final Set<String> byProfile;
    private final Set<String> byConsent;
    private final Set<String> byScores;
    private final Set<String> timed;

    /**
     * @throws IllegalArgumentException where one asks, around some corners, about itself
     */
    public Segments(Collection<Segment> segments) {
        order(segments);
        for (Segment segment : inOrder.values()) {
            for (String asked : segment.condition().needs().segments()) {
                askedBy.computeIfAbsent(asked, key -> new HashSet<>()).add(segment.key());
            }
        }
        Set<String> profile = new HashSet<>();
        Set<String> consent = new HashSet<>();
        Set<String> scores = new HashSet<>();
        Set<String> time = new HashSet<>();
        for (Segment segment : inOrder.values()) {
            Needs needs = segment.condition().needs();
            needs.events()
                    .keySet()
                    .forEach(event ->
                            byEvent.computeIfAbsent(event, name -> new HashSet<>())
                                    .add(segment.key()));
            addIf(needs.profile(), segment, profile);
            addIf(needs.consents(), segment, consent);
            addIf(needs.scores(), segment, scores);
            addIf(needs.timed(), segment, time);
        }
        byEvent.replaceAll((event, keys) -> withThoseThatAsk(keys));
        byProfile = withThoseThatAsk(profile);
        byConsent = withThoseThatAsk(consent);
        byScores = withThoseThatAsk(scores);
        timed = withThoseThatAsk(time);
    }

    /**
     * How a customer stands to some segments.
     *
     * @param in by key
     * @param next when that may change if nothing happens; absent where it stays
     */
    public record Verdict(Map<String, Boolean> in, @Nullable Instant next) {}

    public boolean isEmpty() {
        return inOrder.isEmpty();
    }

    public Optional<Segment> find(String key) {
        return Optional.ofNullable(inOrder.get(key));
    }

    public Set<String> keys() {
        return inOrder.keySet();
    }

    public Set<String> touchedByEvent(String name) {
        return byEvent.getOrDefault(name, Set.of());
    }

    public Set<String> touchedByProfile() {
        return byProfile;
    }

    public Set<String> touchedByConsent() {
        return byConsent;
    }

    public Set<String> touchedByScores() {
        return byScores;
    }

    public Set<String> touchedByTime() {
        return timed;
    }

    /** The segment and all that ask about it. */
    public Set<String> touchedBy(String key) {
        return inOrder.containsKey(key) ? withThoseThatAsk(Set.of(key)) : Set.of();
    }

    /** Which segments ask about this one. */
    public Set<String> askingAbout(String key) {
        return askedBy.getOrDefault(key, Set.of());
    }

    /** What has to be known to say how somebody stands to them. */
    public Needs needs(Collection<String> keys) {
        return Needs.of(
                inOrder.values().stream()
                        .filter(segment -> keys.contains(segment.key()))
                        .map(segment -> segment.condition().needs())
                        .toList());
    }

    /**
     * Why a segment of this key and condition cannot be; empty where it can.
     *
     * @param asked the segments that its condition asks about
     */
    public Optional<String> refusal(String key, Set<String> asked) {
        for (String other : asked.stream().sorted().toList()) {
            if (!other.equals(key) && !inOrder.containsKey(other)) {
                return Optional.of("there is no segment " + other);
            }
        }
        return path(key, asked)
                .map(path -> "a segment cannot ask about itself: " + String.join(" asks ", path));
    }

    /**
     * How a customer stands to some segments, each after those that it asks about.
     *
     * @param memberOf the keys of the segments that she is in so far
     */
    public Verdict evaluate(
            Collection<String> keys, Facts facts, Set<String> memberOf, Instant now) {
        Set<String> member = new HashSet<>(memberOf);
        Map<String, Boolean> in = new TreeMap<>();
        Instant next = null;
        for (Segment segment : inOrder.values()) {
            if (!keys.contains(segment.key())) {
                continue;
            }
            Standing standing = segment.condition().evaluate(facts, member, now);
            in.put(segment.key(), standing.in());
            if (standing.in()) {
                member.add(segment.key());
            } else {
                member.remove(segment.key());
            }
            next = earlier(next, standing.next());
        }
        return new Verdict(in, next);
    }

    /**
     * When a customer has to be looked at again after some segments were: what is known of the
     * others holds on, unless all that time can change were looked at.
     */
    public @Nullable Instant due(
            Collection<String> looked, @Nullable Instant before, @Nullable Instant next) {
        return looked.containsAll(timed) ? next : earlier(before, next);
    }

    private static @Nullable Instant earlier(@Nullable Instant one, @Nullable Instant other) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        return one.isBefore(other) ? one : other;
    }

    private static void addIf(boolean needed, Segment segment, Set<String> keys) {
        if (needed) {
            keys.add(segment.key());
        }
    }

    private void order(Collection<Segment> segments) {
        Map<String, Segment> left = new TreeMap<>();
        segments.forEach(segment -> left.put(segment.key(), segment));
        while (!left.isEmpty()) {
            List<Segment> ready =
                    left.values().stream()
                            .filter(segment ->
                                    segment.condition().needs().segments().stream()
                                            .noneMatch(left::containsKey))
                            .toList();
            if (ready.isEmpty()) {
                throw new IllegalArgumentException(
                        "segments ask about each other: " + left.keySet());
            }
            ready.forEach(segment -> {
                left.remove(segment.key());
                inOrder.put(segment.key(), segment);
            });
        }
    }

    private Set<String> withThoseThatAsk(Set<String> keys) {
        Set<String> all = new HashSet<>(keys);
        Deque<String> open = new ArrayDeque<>(keys);
        while (!open.isEmpty()) {
            for (String asking : askingAbout(open.removeFirst())) {
                if (all.add(asking)) {
                    open.addLast(asking);
                }
            }
        }
        return Set.copyOf(all);
    }

    /** From the segment over those that are asked about back to it. */
    private Optional<List<String>> path(String key, Set<String> asked) {
        Deque<List<String>> open = new ArrayDeque<>();
        asked.stream().sorted().forEach(other -> open.addLast(List.of(key, other)));
        Set<String> seen = new HashSet<>();
        while (!open.isEmpty()) {
            List<String> path = open.removeFirst();
            String end = path.getLast();
            if (end.equals(key)) {
                return Optional.of(path);
            }
            Segment segment = inOrder.get(end);
            if (segment != null && seen.add(end)) {
                for (String further : segment.condition().needs().segments()) {
                    List<String> longer = new ArrayList<>(path);
                    longer.add(further);
                    open.addLast(longer);
                }
            }
        }
        return Optional.empty();
    }
}
