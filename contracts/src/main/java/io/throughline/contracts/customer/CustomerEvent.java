package io.throughline.contracts.customer;

import io.throughline.contracts.ContractEvent;
import io.throughline.contracts.CustomerId;
import java.util.List;

/** What the topic {@code throughline.customers} carries. */
public sealed interface CustomerEvent extends ContractEvent
        permits BehaviourRecorded,
                ProfileChanged,
                ConsentChanged,
                SilenceBegun,
                SilenceLifted,
                CustomersMerged,
                IdentifiersUnlinked,
                SegmentEntered,
                SegmentLeft,
                CustomerErased {

    /** Whose story this belongs to; after a merge, the survivor. */
    CustomerId customer();

    @Override
    default String partitionKey() {
        return customer().toString();
    }

    @Override
    default List<CustomerId> tellsOf() {
        return List.of(customer());
    }
}
