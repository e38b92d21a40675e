package io.throughline.governance.memory;

import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.MessageId;
import io.throughline.governance.GateRequest;
import io.throughline.governance.rules.Limit;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One contact, or the mark that a refunded one left. */
record Contact(
        MessageId message,
        Channel channel,
        Category category,
        @Nullable String topic,
        @Nullable String journey,
        long at,
        Mark mark) {

    Contact(GateRequest request, long at, Mark mark) {
        this(
                request.message(),
                request.channel(),
                request.category(),
                request.topic(),
                request.journey(),
                at,
                mark);
    }

    enum Mark {
        RESERVED,
        REFUNDED,
        SETTLED,
        /** Settled, and reserved again since. */
        AGAIN,
        /** Handed over, and not to count since it did not arrive. */
        TAKEN;

        boolean counts() {
            return this != REFUNDED && this != TAKEN;
        }

        boolean wasSettled() {
            return this == SETTLED || this == AGAIN;
        }
    }

    boolean isOf(MessageId otherMessage, Channel otherChannel) {
        return channel == otherChannel && message.equals(otherMessage);
    }

    /** Whether a limit of a message counts such contacts. */
    boolean inScope(Limit limit, GateRequest request) {
        return switch (limit.alike()) {
            case ANY -> true;
            case CATEGORY -> category == request.category();
            case TOPIC -> Objects.equals(topic, request.topic());
            case CHANNEL -> channel == request.channel();
            case JOURNEY -> Objects.equals(journey, request.journey());
        };
    }

    /** Whether it may be being handed over. */
    boolean underWay() {
        return mark == Mark.RESERVED || mark == Mark.AGAIN;
    }

    Contact with(Mark newMark) {
        return with(at, newMark);
    }

    Contact with(long newAt, Mark newMark) {
        return new Contact(message, channel, category, topic, journey, newAt, newMark);
    }

    /**
     * The same contact as told by two: settled wins, else the later, else, at the same instant, the
     * refund, which can only have followed. What was taken back stays so, settled or not, but for
     * what came later.
     */
    Contact join(Contact other) {
        if (mark == Mark.TAKEN) {
            return other.at > at ? other : this;
        }
        if (other.mark == Mark.TAKEN) {
            return at > other.at ? this : other;
        }
        if (mark.wasSettled() || other.mark.wasSettled()) {
            return with(Math.max(at, other.at), settled(other));
        }
        boolean otherWins =
                other.at > at
                        || (other.at == at && other.mark == Mark.REFUNDED && mark == Mark.RESERVED);
        return otherWins ? other : this;
    }

    /**
     * The later of the two says whether it is under way again; at the same instant only what was
     * reserved again is, since settling follows the reservation it settles.
     */
    private Mark settled(Contact other) {
        boolean again =
                at == other.at
                        ? mark == Mark.AGAIN || other.mark == Mark.AGAIN
                        : (at > other.at ? this : other).underWay();
        return again ? Mark.AGAIN : Mark.SETTLED;
    }
}
