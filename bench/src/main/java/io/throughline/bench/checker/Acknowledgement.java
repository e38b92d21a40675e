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
            implements Acknowledgement {
        @Override
        public String toString() {
            return "a stop of %s sent at %s and answered at %s".formatted(channel, sent, answered);
        }
    }

    /** An opt-in on a channel. */
    record OptIn(String customer, String channel, Instant sent, Instant answered)
            implements Acknowledgement {
        @Override
        public String toString() {
            return "an opt-in on %s sent at %s and answered at %s"
                    .formatted(channel, sent, answered);
        }
    }

    /**
     * A conversion.
     *
     * @param silence how long from when it was received
     */
    record Conversion(String customer, Instant sent, Instant answered, Duration silence)
            implements Acknowledgement {
        @Override
        public String toString() {
            return "a conversion sent at %s and answered at %s, with a silence of %s"
                    .formatted(sent, answered, silence);
        }
    }
}
