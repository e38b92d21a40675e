package io.throughline.journey.arbitration;

import io.throughline.contracts.message.Verdict;
import io.throughline.contracts.policy.ContactPolicy;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is left under each cap, as the gate's verdicts say. What it says of a message that it counts
 * already is left out, since the numbers leave that message out.
 */
public final class Room {

    /**
     * @param rule the cap as it stands in verdicts
     * @param count contacts that count now
     * @param limit how many may
     */
    public record Seen(String rule, int count, int limit) {

        int left() {
            return limit - count;
        }

        /** Of two caps that count the same contacts the narrower one. */
        private Seen narrower(Seen other) {
            return other.left() < left() ? other : this;
        }
    }

    private final Map<SharedCap, Seen> seen = new HashMap<>();

    private Room() {}

    static Room of(List<Asked> asked, ContactPolicy policy) {
        Room room = new Room();
        for (Asked one : asked) {
            if (one.counted()) {
                continue;
            }
            for (int i = 0; i < one.answers().size(); i++) {
                Map<String, SharedCap> caps = SharedCap.of(policy, one.channel(i), one.planned());
                one.answers().get(i).verdicts().forEach(verdict -> room.see(caps, verdict));
            }
        }
        return room;
    }

    private void see(Map<String, SharedCap> caps, Verdict verdict) {
        SharedCap cap = caps.get(verdict.rule());
        Integer count = verdict.count();
        Integer limit = verdict.limit();
        if (cap != null && count != null && limit != null) {
            seen.merge(cap, new Seen(verdict.rule(), count, limit), Seen::narrower);
        }
    }

    /** What was seen of a cap; null where nothing was. */
    @Nullable Seen under(SharedCap cap) {
        return seen.get(cap);
    }

    /**
     * All caps of which something was seen, by name; those that {@code first} needs before others.
     */
    List<SharedCap> caps(Contender first) {
        Comparator<Map.Entry<SharedCap, Seen>> byName =
                Comparator.comparing(entry -> entry.getValue().rule());
        return seen.entrySet().stream()
                .sorted(byName.thenComparing(entry -> !first.needs(entry.getKey())))
                .map(Map.Entry::getKey)
                .toList();
    }

    /** Places left, to be taken. */
    Places places() {
        Map<SharedCap, Integer> left = new HashMap<>();
        seen.forEach((cap, found) -> left.put(cap, found.left()));
        return new Places(left);
    }

    /** Places that are left while some are given away; where nothing was seen there is room. */
    static final class Places {

        private final Map<SharedCap, Integer> left;

        private Places(Map<SharedCap, Integer> left) {
            this.left = left;
        }

        boolean none(SharedCap cap) {
            return left.getOrDefault(cap, 1) <= 0;
        }

        /** Takes a place wherever it counts, or none where one that it needs is taken. */
        boolean give(Contender contender) {
            if (contender.caps().stream().anyMatch(this::none)) {
                return false;
            }
            take(contender);
            return true;
        }

        /** Takes a place wherever it counts, whether there is one or not. */
        void take(Contender contender) {
            left.replaceAll((cap, places) -> contender.countsUnder(cap) ? places - 1 : places);
        }
    }
}
