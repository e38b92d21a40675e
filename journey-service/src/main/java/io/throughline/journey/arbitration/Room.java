package io.throughline.journey.arbitration;

import io.throughline.contracts.message.Verdict;
import io.throughline.governance.GateAnswer;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is left under each cap, as the gate's verdicts say. Asked about a message that it counts
 * already, the gate leaves that one out; so of several counts the highest is the true one, and a
 * message whose own answer has a lower one holds its place already.
 */
public final class Room {

    /**
     * @param count contacts that count now
     * @param limit how many may
     */
    public record Seen(int count, int limit) {

        int left() {
            return limit - count;
        }
    }

    private final Map<String, Seen> seen = new HashMap<>();

    private Room() {}

    public static Room of(Collection<? extends GateAnswer> answers) {
        Room room = new Room();
        for (GateAnswer answer : answers) {
            for (Verdict verdict : answer.verdicts()) {
                Integer count = verdict.count();
                Integer limit = verdict.limit();
                if (count != null && limit != null && SharedCaps.isOne(verdict.rule())) {
                    room.seen.merge(
                            verdict.rule(),
                            new Seen(count, limit),
                            (a, b) -> a.count() >= b.count() ? a : b);
                }
            }
        }
        return room;
    }

    /** What was seen of a rule; null where nothing was. */
    @Nullable Seen under(String rule) {
        return seen.get(rule);
    }

    /** Whether the message of this answer is among those that were counted. */
    boolean counts(GateAnswer ofMessage) {
        return ofMessage.verdicts().stream()
                .anyMatch(verdict -> {
                    Integer count = verdict.count();
                    Seen all = seen.get(verdict.rule());
                    return count != null && all != null && count < all.count();
                });
    }

    /** Places left by rule, to be taken. */
    Map<String, Integer> places() {
        Map<String, Integer> places = new HashMap<>();
        seen.forEach((rule, found) -> places.put(rule, found.left()));
        return places;
    }
}
