package io.throughline.governance.rules;

import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.Whereabouts;
import io.throughline.governance.GateRequest;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the rules ask of one customer, whoever keeps it. */
public interface CustomerFacts {

    /** Whether the channel, or this topic of it, was opted out of. */
    boolean optedOut(Channel channel, @Nullable String topic);

    /** Whether the channel, or this topic of it, was opted in to. */
    boolean optedIn(Channel channel, @Nullable String topic);

    /** When the last silence ends that covers such a message, over or not. */
    Instant silentUntil(GateRequest request);

    Whereabouts where();

    /**
     * Since when each contact counts that a limit counts against a message at an instant,
     * milliseconds, in any order. The message itself is not among them.
     *
     * @param uncounted categories that do not count
     * @param now milliseconds
     */
    List<Long> counted(Limit limit, Set<Category> uncounted, GateRequest request, long now);

    /** When the customer last engaged, milliseconds; 0 where never. */
    long engaged();

    /** When anything was last opted out of that still is, milliseconds; 0 where nothing is. */
    long lastOptOut();

    /**
     * When each contact was, milliseconds, in any order; the message itself is not among them.
     *
     * @param uncounted categories that do not count
     */
    List<Long> contacts(Set<Category> uncounted, GateRequest request);
}
