package io.throughline.contracts;

import java.time.Instant;

/** An event by which a message turns out to be another customer's than it was told of as. */
public interface Reassignment {

    MessageId message();

    CustomerId to();

    /** Of two, the later counts. */
    Instant at();
}
