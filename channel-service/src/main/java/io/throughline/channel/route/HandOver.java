package io.throughline.channel.route;

import java.time.Duration;
import java.util.List;

/** What became of handing one message over. */
public sealed interface HandOver {

    /**
     * The carrier has it.
     *
     * @param providerIds the carrier's ids as its receipts will name them, one a part
     */
    record Accepted(List<String> providerIds) implements HandOver {}

    /**
     * The carrier certainly did not take it, and would not another time.
     *
     * @param code the carrier's, as in {@code 0x0B} or {@code 550 5.1.1}
     */
    record Refused(String code, String detail) implements HandOver {}

    /**
     * Certainly not taken, because too much is coming.
     *
     * @param after when to try again
     */
    record Throttled(Duration after) implements HandOver {}

    /** Certainly not taken; another time it may be. */
    record NotTaken(String detail) implements HandOver {}

    /**
     * It left, or parts of it did, and no answer says whether it was taken.
     *
     * @param providerIds the carrier's ids of the parts that it took
     * @param unanswered how many parts left and were not answered
     * @param unsent how many parts did not leave
     */
    record Unknown(String detail, List<String> providerIds, int unanswered, int unsent)
            implements HandOver {

        /** Of one that is not divided, or of which nothing more is known. */
        public Unknown(String detail) {
            this(detail, List.of(), 1, 0);
        }
    }
}
