package io.throughline.journey.preview;

import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Whereabouts;
import io.throughline.contracts.customer.BehaviourRecorded;
import io.throughline.governance.ConsentWrite;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is on record of a customer.
 *
 * @param consents the latest word on each channel and topic
 * @param events by the time of their receipt
 * @param attempts of the period, and as far before it as either policy looks
 */
public record CustomerPast(
        CustomerId customer,
        @Nullable Whereabouts whereabouts,
        List<ConsentWrite> consents,
        List<BehaviourRecorded> events,
        List<Attempt> attempts) {}
