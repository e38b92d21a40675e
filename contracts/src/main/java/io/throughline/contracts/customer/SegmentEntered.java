package io.throughline.contracts.customer;

import io.throughline.contracts.CustomerId;
import java.time.Instant;

/**
 * A customer is in a segment from here on. A reader holds the set of a customer's segments: where
 * it has this one already nothing happened, and what is said under the id of a customer who was
 * merged away counts no more.
 *
 * @param segment its key
 * @param version of its definition
 * @param backfill whether it is because the definition is new or was changed, and not because of
 *     anything that happened
 * @param at since when it is known
 */
public record SegmentEntered(
        CustomerId customer, String segment, int version, boolean backfill, Instant at)
        implements CustomerEvent {}
