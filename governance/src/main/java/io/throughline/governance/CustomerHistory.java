package io.throughline.governance;

import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.Whereabouts;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the ledgers know of a customer, each part from the service that owns the ledger. The gate
 * answers for a customer once both parts have come.
 */
public sealed interface CustomerHistory {

    CustomerId customer();

    /**
     * From the identity service: consents, silences, whereabouts, engagement. To be read and given
     * under the lock that orders consent writes of this customer, so that an opt-out cannot fall
     * between the two.
     *
     * @param consents the customer's, and, with the customer absent, those of each address the
     *     customer is reached at
     * @param merged ids that are aliases of this customer; where the gate does not know that yet,
     *     they are merged now
     * @param engagedAt when she last engaged; absent where she never did
     */
    record Permissions(
            CustomerId customer,
            List<ConsentWrite> consents,
            List<SilenceWrite> silences,
            @Nullable Whereabouts whereabouts,
            List<CustomerId> merged,
            @Nullable Instant engagedAt)
            implements CustomerHistory {

        /** Of somebody who never engaged. */
        public Permissions(
                CustomerId customer,
                List<ConsentWrite> consents,
                List<SilenceWrite> silences,
                @Nullable Whereabouts whereabouts,
                List<CustomerId> merged) {
            this(customer, consents, silences, whereabouts, merged, null);
        }

        /** What is known of where she is, which may be nothing. */
        public Whereabouts where() {
            return whereabouts == null ? Whereabouts.UNKNOWN : whereabouts;
        }
    }

    /**
     * From the channel service's send ledger: contacts that may still count, of the customer under
     * whichever id they were sent. To be given after the permissions.
     *
     * @param customer may be an alias; then the survivor's contacts must be in the list too
     * @param since the list is complete from this instant on
     */
    record Contacts(CustomerId customer, Instant since, List<Contact> contacts)
            implements CustomerHistory {

        /** The list is complete as far back as the policy in force looks. */
        public Contacts(CustomerId customer, List<Contact> contacts) {
            this(customer, Instant.EPOCH, contacts);
        }
    }

    /**
     * One contact that counts.
     *
     * @param at since when it counts; of one that is not settled, when handing it over will have
     *     ended
     * @param settled whether it was handed over, or may have been; else it is under way
     */
    record Contact(
            MessageId message,
            Channel channel,
            Category category,
            @Nullable String topic,
            @Nullable String journey,
            Instant at,
            boolean settled) {}
}
