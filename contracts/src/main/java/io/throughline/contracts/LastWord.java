package io.throughline.contracts;

import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * An event after which customers are gone for good; what names only them is dropped from then on.
 */
public interface LastWord extends ContractEvent {

    /** The same where the same is said again. */
    UUID cause();

    /** Who is meant first of all. */
    CustomerId customer();

    List<CustomerId> gone();

    Instant since();
}
