package io.throughline.channel.inbound;

import io.throughline.channel.store.Conversations.Answered;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who may be speaking from an address.
 *
 * @param answered the message that is being answered; absent where there is none
 */
record Speakers(@Nullable Answered answered, Set<CustomerId> customers) {

    /** Everybody behind the address, and whom the answered message was for. */
    static Speakers of(@Nullable Answered answered, Set<CustomerId> behind) {
        Set<CustomerId> customers = new LinkedHashSet<>(behind);
        if (answered != null) {
            customers.add(answered.customer());
        }
        return new Speakers(answered, customers);
    }

    /** Where nobody is known behind an address, the address speaks for itself. */
    List<@Nullable CustomerId> orNobody() {
        List<@Nullable CustomerId> list = new ArrayList<>(customers);
        if (list.isEmpty()) {
            list.add(null);
        }
        return list;
    }

    /** The answered message; absent where there is none. */
    @Nullable MessageId message() {
        return answered == null ? null : answered.message();
    }

    /** The answered message where it was for this customer. */
    @Nullable MessageId messageOf(@Nullable CustomerId customer) {
        return answered != null && answered.customer().equals(customer) ? answered.message() : null;
    }
}
