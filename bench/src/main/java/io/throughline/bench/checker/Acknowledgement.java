package io.throughline.bench.checker;

import java.time.Duration;
import java.time.Instant;

/**
 * Something the product was asked to do and said it had done. It was done at some instant between
 * the sending of the request and its answer; one that was never answered is none.
 */
public sealed interface Acknowledgement {

    String customer();

    /** When the first request that may have done it was sent. */
    Instant sent();

    /** When it was known to be done. */
    Instant answered();

    /** No more on a channel, until an opt-in. */
    record Stop(String customer, String channel, Instant sent, Instant answered)
            implements Acknowledgement {}

    /** An opt-in on a channel. */
    record OptIn(String customer, String channel, Instant sent, Instant answered)
            implements Acknowledgement {}

    /**
     * A conversion.
     *
     * @param silence how long from when it was received
     */
    record Conversion(String customer, Instant sent, Instant answered, Duration silence)
            implements Acknowledgement {}
}
