package io.throughline.governance.memory;

import io.throughline.contracts.Channel;
import io.throughline.contracts.MessageId;
import org.jspecify.annotations.Nullable;

/** One contact, or the mark that a refunded one left. */
record Contact(MessageId message, Channel channel, @Nullable String journey, long at, Mark mark) {

    /** In the order in which one wins over another at the same instant. */
    enum Mark {
        RESERVED,
        REFUNDED,
        SETTLED
    }

    boolean isOf(MessageId otherMessage, Channel otherChannel) {
        return channel == otherChannel && message.equals(otherMessage);
    }

    Contact with(Mark newMark) {
        return new Contact(message, channel, journey, at, newMark);
    }

    /**
     * The same contact as told by two: settled wins, else the later, else, at the same instant, the
     * refund, which can only have followed.
     */
    Contact join(Contact other) {
        if (mark == Mark.SETTLED || other.mark == Mark.SETTLED) {
            return new Contact(message, channel, journey, Math.max(at, other.at), Mark.SETTLED);
        }
        boolean otherWins = other.at > at || (other.at == at && other.mark.compareTo(mark) > 0);
        return otherWins ? other : this;
    }
}
