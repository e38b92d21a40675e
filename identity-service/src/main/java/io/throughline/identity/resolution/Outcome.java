package io.throughline.identity.resolution;

import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Identifier;
import java.util.List;

/** Whose event it is, and what that changes. */
public sealed interface Outcome {

    /** Identifiers that nobody held and that go to the event's customer. */
    List<Identifier> attached();

    /** Nobody holds any of the identifiers that may be followed: there is a new customer. */
    record Create(List<Identifier> attached) implements Outcome {}

    /** One customer is meant. */
    record Attach(CustomerId customer, List<Identifier> attached) implements Outcome {}

    /**
     * Several customers turned out to be one.
     *
     * @param survivor the oldest
     * @param merged the others, oldest first
     */
    record Merge(CustomerId survivor, List<CustomerId> merged, List<Identifier> attached)
            implements Outcome {}
}
