package io.throughline.contracts.customer;

import io.throughline.contracts.CustomerId;
import java.time.Instant;

/**
 * A customer is no longer in a segment, or the segment is no more. The same holds for readers as
 * for {@link SegmentEntered}.
 *
 * @param segment its key
 * @param version of its definition
 * @param backfill whether it is because the definition was changed or removed, and not because of
 *     anything that happened
 * @param at since when it is known
 */
public record SegmentLeft(
        CustomerId customer, String segment, int version, boolean backfill, Instant at)
        implements CustomerEvent {}
