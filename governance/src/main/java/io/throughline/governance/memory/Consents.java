package io.throughline.governance.memory;

import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What was last said about each channel and topic. */
final class Consents {

    private record About(Channel channel, @Nullable String topic) {}

    private record Said(boolean out, long at) {}

    private final Map<About, Said> said = new HashMap<>(4);

    /** The later holds; opting out wins a tie. */
    void join(Channel channel, @Nullable String topic, ConsentState state, long at) {
        said.merge(
                new About(channel, topic),
                new Said(state == ConsentState.OPTED_OUT, at),
                (held, now) -> now.at > held.at || (now.at == held.at && now.out) ? now : held);
    }

    /** Keeps the most restrictive of each. */
    void restrict(Consents other) {
        other.said.forEach((about, theirs) ->
                said.merge(
                        about, theirs, (a, b) -> new Said(a.out || b.out, Math.max(a.at, b.at))));
    }

    void clear() {
        said.clear();
    }

    void forgetOptIns() {
        said.values().removeIf(word -> !word.out);
    }

    boolean isEmpty() {
        return said.isEmpty();
    }

    boolean holds(Channel channel, @Nullable String topic) {
        return said.containsKey(new About(channel, topic));
    }

    /** When something was last opted out of that still is; 0 where nothing is. */
    long lastOut() {
        return said.values().stream().filter(Said::out).mapToLong(Said::at).max().orElse(0);
    }

    /** Whether the channel, or this topic of it, was opted out of. */
    boolean out(Channel channel, @Nullable String topic) {
        return any(channel, topic, true);
    }

    /** Whether the channel, or this topic of it, was opted in to. */
    boolean in(Channel channel, @Nullable String topic) {
        return any(channel, topic, false);
    }

    /** When exactly this was opted in to; 0 where it is not. */
    long inAt(Channel channel, @Nullable String topic) {
        Said held = said.get(new About(channel, topic));
        return held == null || held.out ? 0 : held.at;
    }

    private boolean any(Channel channel, @Nullable String topic, boolean out) {
        return is(said.get(new About(channel, null)), out)
                || (topic != null && is(said.get(new About(channel, topic)), out));
    }

    private static boolean is(@Nullable Said said, boolean out) {
        return said != null && said.out == out;
    }
}
