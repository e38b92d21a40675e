package io.throughline.channel.sms;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Inbound texts that came in parts. A part is told again by the carrier until it was acknowledged,
 * and it is acknowledged only when the whole is stored; so a part can come twice, also after its
 * whole. Bounded: of more than {@link #MOST} unfinished texts the oldest is given up as it is.
 *
 * <p>Not safe for threads; its owner locks it.
 */
public final class Joining {

    /** Unfinished texts, and finished ones remembered, each. */
    static final int MOST = 1_000;

    /** How long the parts of one text may take. Handsets send one after another, over the air. */
    static final Duration LONGEST = Duration.ofMinutes(5);

    private final Map<Key, Parts> unfinished = new LinkedHashMap<>();
    private final Map<Key, Parts> stored = new LinkedHashMap<>();

    /** Which text a part belongs to. */
    public record Key(String from, String to, int reference, int total) {}

    private record Parts(Instant since, SortedMap<Integer, String> texts) {

        boolean have(int sequence, String text) {
            return text.equals(texts.get(sequence));
        }

        boolean contradict(int sequence, String text) {
            return texts.containsKey(sequence) && !have(sequence, text);
        }

        Text joined(Key key) {
            return new Text(key, String.join("", texts.values()), since);
        }
    }

    /**
     * A text to store.
     *
     * @param since when its first part came
     */
    public record Text(Key key, String text, Instant since) {}

    /** What a part adds up to. */
    public sealed interface Joined {

        /** Others are missing. */
        record Waiting() implements Joined {}

        /** All are there. Said again for each part that comes until the text is stored. */
        record Whole(Text text) implements Joined {}

        /** Its text is stored already. */
        record Known() implements Joined {}
    }

    /** Takes one part in. */
    public Joined part(Key key, int sequence, String text, Instant now) {
        Parts before = stored.get(key);
        if (before != null && before.have(sequence, text)) {
            return new Joined.Known();
        }
        // Handsets count texts to 255 and begin anew: what contradicts is of another text.
        Parts parts = unfinished.get(key);
        if (parts == null || parts.contradict(sequence, text)) {
            parts = new Parts(now, new TreeMap<>());
            unfinished.remove(key);
            unfinished.put(key, parts);
        }
        parts.texts().put(sequence, text);
        return parts.texts().size() == key.total()
                ? new Joined.Whole(parts.joined(key))
                : new Joined.Waiting();
    }

    /** The text is safe; parts of it that come again are known. */
    public void stored(Text text) {
        Parts parts = unfinished.get(text.key());
        if (parts != null && parts.joined(text.key()).equals(text)) {
            unfinished.remove(text.key());
            stored.remove(text.key());
            stored.put(text.key(), parts);
            if (stored.size() > MOST) {
                removeFirst(stored);
            }
        }
    }

    /**
     * Texts that wait too long for a part, or that are too many, with what is there of them. They
     * are given again until they are {@link #stored}.
     */
    public List<Text> overdue(Instant now) {
        List<Text> overdue = new ArrayList<>();
        int tooMany = unfinished.size() - MOST;
        for (Map.Entry<Key, Parts> entry : unfinished.entrySet()) {
            if (tooMany-- > 0 || isOverdue(entry.getValue(), now)) {
                overdue.add(entry.getValue().joined(entry.getKey()));
            }
        }
        stored.values().removeIf(parts -> isOverdue(parts, now));
        return overdue;
    }

    /** Whether it can take the first part of another text; where not, the carrier has to wait. */
    public boolean full() {
        return unfinished.size() >= 2 * MOST;
    }

    private static boolean isOverdue(Parts parts, Instant now) {
        return !now.isBefore(parts.since().plus(LONGEST));
    }

    private static void removeFirst(Map<?, ?> map) {
        Iterator<?> first = map.entrySet().iterator();
        first.next();
        first.remove();
    }
}
