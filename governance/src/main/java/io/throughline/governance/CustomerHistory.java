package io.throughline.governance;

import io.throughline.contracts.Channel;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the ledgers know of a customer, each part from the service that owns the ledger. The gate
 * answers for a customer once both parts have come.
 */
public sealed interface CustomerHistory {

    CustomerId customer();

    /**
     * From the identity service: consents, silences, zone.
     *
     * @param merged ids that are aliases of this customer
     */
    record Permissions(
            CustomerId customer,
            List<ConsentWrite> consents,
            List<SilenceWrite> silences,
            @Nullable ZoneId zone,
            List<CustomerId> merged)
            implements CustomerHistory {}

    /** From the channel service's send ledger: contacts that may still count. */
    record Contacts(CustomerId customer, List<Contact> contacts) implements CustomerHistory {}

    /** One contact that counts. */
    record Contact(
            MessageId message,
            Channel channel,
            @Nullable String journey,
            Instant at,
            boolean settled) {}
}
