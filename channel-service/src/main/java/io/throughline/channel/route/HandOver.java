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

    /** It left, and no answer says whether it was taken. */
    record Unknown(String detail) implements HandOver {}
}
