package io.throughline.channel.delivery;

import io.throughline.channel.route.Receipt.Status;
import java.util.Collection;

/** What the receipts of a message's parts say together. */
public final class Parts {

    private Parts() {}

    /** What is known of one part. */
    public record Part(Status status, String code) {

        /** No receipt has come. */
        public static final Part UNHEARD = new Part(Status.ENROUTE, "");

        /** A final word is only replaced by a better one: carriers deliver after they gave up. */
        public boolean mayBecome(Part told) {
            return rank(told.status) > rank(status);
        }

        private static int rank(Status status) {
            return switch (status) {
                case ENROUTE -> 0;
                case UNKNOWN -> 1;
                case FAILED -> 2;
                case DELIVERED -> 3;
            };
        }
    }

    /**
     * What a message becomes by what its parts say together. Of one whose fate is unknown a part
     * that is not heard of may never have left: until all are heard of, only a failure settles it.
     */
    public static MessageState after(MessageState state, Collection<Part> parts) {
        MessageState together = together(parts);
        boolean open = together == MessageState.SENT && parts.contains(Part.UNHEARD);
        return state == MessageState.UNKNOWN && open ? state : state.raisedTo(together);
    }

    /**
     * Delivered when every part is, failed as soon as one is: a text with a hole in it was not
     * delivered. Otherwise it stays sent.
     */
    public static MessageState together(Collection<Part> parts) {
        if (parts.stream().anyMatch(part -> part.status() == Status.FAILED)) {
            return MessageState.FAILED;
        }
        return !parts.isEmpty()
                        && parts.stream().allMatch(part -> part.status() == Status.DELIVERED)
                ? MessageState.DELIVERED
                : MessageState.SENT;
    }
}
