package io.throughline.contracts.customer;

import io.throughline.contracts.ContractEvent;
import io.throughline.contracts.CustomerId;

/** What the topic {@code throughline.customers} carries. */
public sealed interface CustomerEvent extends ContractEvent
        permits BehaviourRecorded,
                ProfileChanged,
                ConsentChanged,
                CustomersMerged,
                IdentifiersUnlinked,
                SegmentEntered,
                SegmentLeft {

    /** Whose story this belongs to; after a merge, the survivor. */
    CustomerId customer();

    @Override
    default String partitionKey() {
        return customer().toString();
    }
}
