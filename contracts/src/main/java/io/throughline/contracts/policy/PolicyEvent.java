package io.throughline.contracts.policy;

import io.throughline.contracts.Category;
import io.throughline.contracts.ContractEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the compacted topic {@code throughline.policies} carries; the newest of a key is what is in
 * force.
 */
public sealed interface PolicyEvent extends ContractEvent {

    /** A version of the contact policy came into force. */
    record ContactPolicyPublished(ContactPolicy policy, Instant at) implements PolicyEvent {

        @Override
        public String partitionKey() {
            return "contact-policy";
        }
    }

    /**
     * What counts as a conversion of a journey; an empty list once the journey is archived.
     *
     * @param version of the journey
     */
    record ConversionRulesPublished(
            String journey, int version, List<ConversionRule> rules, Instant at)
            implements PolicyEvent {

        @Override
        public String partitionKey() {
            return "journey:" + journey;
        }
    }

    /**
     * An event that is a conversion.
     *
     * @param on event name
     * @param when CEL over {@code event}; absent where every such event counts
     * @param value CEL over {@code event} giving what the conversion is worth; absent where revenue
     *     is read from the e-commerce properties
     * @param within how long after entry it counts as this journey's goal
     * @param silence how long the gate then refuses what {@code covers} says; absent where it does
     *     not
     * @param categories the only ones it covers; absent where it covers all. A reader that does not
     *     know it takes it for a silence of all
     * @param liftedBy names of events that lift the silence of the order they are about
     */
    record ConversionRule(
            String on,
            @Nullable String when,
            @Nullable String value,
            @Nullable Duration within,
            @Nullable Duration silence,
            SilenceScope covers,
            @Nullable Set<Category> categories,
            @Nullable Set<String> liftedBy) {

        /** One that covers all categories and that nothing lifts. */
        public ConversionRule(
                String on,
                @Nullable String when,
                @Nullable String value,
                @Nullable Duration within,
                @Nullable Duration silence,
                SilenceScope covers) {
            this(on, when, value, within, silence, covers, null, null);
        }
    }
}
