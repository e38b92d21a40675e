package io.throughline.channel.store;

import io.smallrye.mutiny.Uni;
import io.throughline.channel.delivery.MessageState;
import io.throughline.channel.delivery.Parts.Part;
import io.throughline.channel.route.Receipt;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.policy.ContactPolicy.Refund;
import io.throughline.governance.ContactGate;
import io.throughline.governance.ContactRef;
import io.throughline.governance.policy.PublishedPolicies;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jboss.logging.Logger;

/**
 * Whether a message that was handed over goes on counting as a contact, by what its receipt says
 * and the policy says of that. The gate is told before the ledger commits: should that fail, or the
 * gate not hear of what is taken back, the message goes on counting, which errs on the quiet side.
 */
@ApplicationScoped
class Charges {

    private static final Logger LOG = Logger.getLogger(Charges.class);
    private static final String EXPIRED = "EXPIRED";

    private final PublishedPolicies policies;
    private final ContactGate gate;

    Charges(PublishedPolicies policies, ContactGate gate) {
        this.policies = policies;
        this.gate = gate;
    }

    /** What becomes of a message's charge. */
    enum Change {
        STAYS,
        TAKEN_BACK,
        /** It was taken back, and the message did arrive. */
        PUT_BACK
    }

    /** Changes of charges that the ledger is about to hold, for the gate. */
    static final class Changes {

        private final List<ContactRef> takenBack = new ArrayList<>();
        private final List<ContactRef> putBack = new ArrayList<>();

        void add(CustomerId customer, MessageId message, Change change) {
            switch (change) {
                case STAYS -> {}
                case TAKEN_BACK -> takenBack.add(new ContactRef(customer, message));
                case PUT_BACK -> putBack.add(new ContactRef(customer, message));
            }
        }
    }

    /** Whether it is known by which policy to charge. */
    boolean areKnown() {
        return policies.caughtUp();
    }

    /**
     * @param parts what is known of each by now
     * @param refunded whether it was taken back before
     */
    Change of(MessageState next, Collection<Part> parts, boolean refunded) {
        return of(policies.contactPolicy().refund(), next, parts, refunded);
    }

    static Change of(Refund rule, MessageState next, Collection<Part> parts, boolean refunded) {
        return switch (next) {
            case DELIVERED -> refunded ? Change.PUT_BACK : Change.STAYS;
            case FAILED -> {
                boolean counts = !returnable(rule, parts);
                yield counts == refunded
                        ? (refunded ? Change.PUT_BACK : Change.TAKEN_BACK)
                        : Change.STAYS;
            }
            // Who took it back did that with the charge too.
            case QUEUED, HANDING_OVER, SUPPRESSED, UNKNOWN, SENT, RECALLED -> Change.STAYS;
        };
    }

    /** Nothing of it arrives any more, and none of what went wrong counts all the same. */
    private static boolean returnable(Refund rule, Collection<Part> parts) {
        return parts.stream()
                .allMatch(part ->
                        part.status() == Receipt.Status.FAILED && returnable(rule, part.code()));
    }

    private static boolean returnable(Refund rule, String code) {
        // Of a text that was taken back in part the customer has the rest.
        boolean half = code.equals(Receipts.RECALLED);
        return !half && (code.startsWith(EXPIRED) ? rule.expired() : rule.undelivered());
    }

    /**
     * Tells the gate what the ledger is about to hold. Fails where a contact cannot be put back:
     * the message did arrive, and must not be forgotten.
     */
    Uni<Void> tell(Changes changes) {
        return takenBack(changes.takenBack).chain(() -> putBack(changes.putBack));
    }

    /** What cannot be taken back keeps counting, which errs on the quiet side. */
    private Uni<Void> takenBack(List<ContactRef> contacts) {
        return contacts.isEmpty()
                ? Uni.createFrom().voidItem()
                : gate.takeBack(contacts)
                        .onFailure()
                        .recoverWithItem(failure -> {
                            LOG.warnf(
                                    "%d contacts cannot be taken back from the gate: %s",
                                    contacts.size(), failure);
                            return null;
                        });
    }

    private Uni<Void> putBack(List<ContactRef> contacts) {
        return contacts.isEmpty() ? Uni.createFrom().voidItem() : gate.putBack(contacts);
    }
}
