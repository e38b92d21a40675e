package io.throughline.channel.delivery;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Where a message stands. Facts only ever raise it: a late receipt never takes back a better one.
 */
public enum MessageState {
    /** Waits for its time, for room on its route, or for the gate. */
    QUEUED,
    /** Claimed by one process; from here on it may have left. */
    HANDING_OVER,
    /** Not handed over, and not going to be. */
    SUPPRESSED,
    /** May have left; nobody can say. */
    UNKNOWN,
    /** Taken by the carrier. */
    SENT,
    /** Refused by the carrier, or taken and not delivered. */
    FAILED,
    /** Taken, and given back by the carrier before it was delivered. */
    RECALLED,
    DELIVERED;

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<MessageState> parse(String word) {
        return Arrays.stream(values()).filter(s -> s.word().equals(word)).findFirst();
    }

    /** The states that can follow this one. */
    public Set<MessageState> next() {
        return switch (this) {
            // An answer can come after the claim was given up and the message queued again.
            case QUEUED -> EnumSet.of(HANDING_OVER, SUPPRESSED, SENT);
            case HANDING_OVER -> EnumSet.of(QUEUED, SUPPRESSED, UNKNOWN, SENT, FAILED);
            case UNKNOWN -> EnumSet.of(SENT, FAILED, RECALLED, DELIVERED);
            case SENT -> EnumSet.of(FAILED, RECALLED, DELIVERED);
            // Carriers do report a delivery after an expiry; and what they give back as deleted,
            // before they answer.
            case FAILED -> EnumSet.of(RECALLED, DELIVERED);
            case RECALLED -> EnumSet.of(DELIVERED);
            case SUPPRESSED, DELIVERED -> EnumSet.noneOf(MessageState.class);
        };
    }

    public boolean mayBecome(MessageState next) {
        return next().contains(next);
    }

    /** The states that this one can follow, as words: what a conditional update names. */
    public List<String> predecessors() {
        return Arrays.stream(values())
                .filter(s -> s.mayBecome(this))
                .map(MessageState::word)
                .toList();
    }

    /** Where the message stands after a fact says {@code next}. */
    public MessageState raisedTo(MessageState next) {
        return mayBecome(next) ? next : this;
    }
}
