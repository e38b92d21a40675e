package io.throughline.attribution.credit;

import java.time.Instant;
import java.util.Comparator;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A message that reached a customer, or a web session that a campaign brought.
 *
 * @param at when the message was sent, or first opened or clicked where only engagement counts;
 *     when the session began
 * @param channel the channel's word, or {@value #WEB} for a session
 * @param journey absent where the touch belongs to none
 * @param campaign a session's campaign, a message's template; absent where there is none
 */
public record Touch(
        UUID id, Instant at, String channel, @Nullable String journey, @Nullable String campaign)
        implements Comparable<Touch> {

    /** The channel of a web session that carries a campaign. */
    public static final String WEB = "web";

    private static final Comparator<Touch> ORDER =
            Comparator.comparing(Touch::at).thenComparing(t -> t.id().toString());

    /** By time, then by id, so that the same touches make the same path on every machine. */
    @Override
    public int compareTo(Touch other) {
        return ORDER.compare(this, other);
    }
}
