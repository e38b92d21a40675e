package io.throughline.contracts;

import java.time.Duration;
import java.util.List;

/** Topic names. Every topic is keyed so that one customer's story stays in order. */
public final class Topics {

    /**
     * Accepted events before resolution, identity to identity, keyed by the strongest identifier.
     */
    public static final String EVENTS = "throughline.events";

    /** One ordered stream a customer, identity to all. */
    public static final String CUSTOMERS = "throughline.customers";

    /** Messages to hand over, journey to channel. */
    public static final String MESSAGES_REQUESTED = "throughline.messages.requested";

    /** What became of messages, channel to all. */
    public static final String MESSAGES_LIFECYCLE = "throughline.messages.lifecycle";

    /** What journeys decided, journey to attribution. */
    public static final String DECISIONS = "throughline.decisions";

    /** Which services have forgotten an erased customer, all to identity. */
    public static final String ERASURES = "throughline.erasures";

    /**
     * What models expect of customers, attribution and anybody who has a model to identity and
     * journey; compacted by customer.
     */
    public static final String PREDICTIONS = "throughline.predictions";

    /**
     * The contact policy and the conversion rules in force, journey to all; compacted, read whole
     * at start.
     */
    public static final String POLICIES = "throughline.policies";

    /**
     * {@code max.message.bytes} of every topic. An event can be as long as a body that a management
     * route takes (2 MiB) and what is said about it; what is larger is a mistake.
     */
    public static final int MAX_RECORD_BYTES = 3 * 1024 * 1024;

    /**
     * {@code max.message.bytes} of the dead-letter topics, so that a record of any topic fits with
     * the reason in its headers.
     */
    public static final int MAX_DEAD_LETTER_BYTES = MAX_RECORD_BYTES + 64 * 1024;

    /**
     * {@code retention.ms} of the topics that are not compacted. Their records are about people, so
     * it bounds how long one who was erased is still in the logs; services keep the ids of what
     * they applied for a day more. Of a compacted one it is {@code max.compaction.lag.ms}: what is
     * overwritten, or has a tombstone, is gone by then.
     */
    public static final Duration RETENTION = Duration.ofDays(7);

    /**
     * {@code retention.ms} of the dead-letter topics: somebody has to have read the reason and
     * mended the cause, over holidays too, and an erasure must end within a month.
     */
    public static final Duration DEAD_LETTER_RETENTION = Duration.ofDays(14);

    /**
     * {@code segment.ms} of all of them. A log is dropped by whole segments, so a record can stay
     * for this much longer than the retention.
     */
    public static final Duration SEGMENT = Duration.ofDays(1);

    private static final String DEAD = ".dead";

    private Topics() {}

    /** Whether the newest record of a key stays for good. */
    public static boolean isCompacted(String topic) {
        return topic.equals(POLICIES) || topic.equals(PREDICTIONS);
    }

    /**
     * Where records of a topic go that could not be processed, with the reason in their headers.
     */
    public static String deadLetters(String topic) {
        return topic + DEAD;
    }

    public static List<String> all() {
        return List.of(
                EVENTS,
                CUSTOMERS,
                MESSAGES_REQUESTED,
                MESSAGES_LIFECYCLE,
                DECISIONS,
                ERASURES,
                PREDICTIONS,
                POLICIES);
    }
}
