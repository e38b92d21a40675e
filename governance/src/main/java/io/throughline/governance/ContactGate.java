package io.throughline.governance;

import io.smallrye.mutiny.Uni;
import io.throughline.contracts.Channel;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.Whereabouts;
import io.throughline.contracts.policy.ContactPolicy;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The contact gate. All methods take batches and make one pipelined round trip of them; answers
 * stand in the order of the requests. A failing {@code Uni} means that the gate could not be asked:
 * then nothing may be sent, and nothing may be acknowledged that had to be in force.
 */
public interface ContactGate {

    /**
     * Asks for a lease to hand messages over. Checks, in order: known customer, consent (customer,
     * then address), silence, quiet hours, minimum gap, journey, channel and global caps. An
     * allowed message counts as a contact from now on, until refunded. Asked again for the same
     * message, nothing is counted twice and everything but the counts is checked anew. It is under
     * way until it is settled or refunded.
     */
    Uni<List<GateAnswer>> reserve(List<GateRequest> requests, ContactPolicy policy);

    /** Answers as {@link #reserve} would and takes nothing. */
    Uni<List<GateAnswer>> peek(List<GateRequest> requests, ContactPolicy policy);

    /**
     * The messages were handed over, or it is unknown whether they were: they keep counting.
     * Idempotent.
     */
    Uni<Void> settle(List<ContactRef> contacts);

    /**
     * The messages were certainly not handed over: they stop counting. Idempotent; a settled one
     * stays.
     */
    Uni<Void> refund(List<ContactRef> contacts);

    /**
     * The messages were handed over and did not arrive, and the policy says that such do not count:
     * they stop counting, though they were settled. One that is under way again goes on counting.
     * Idempotent, and the same before and after {@link #settle}.
     */
    Uni<Void> takeBack(List<ContactRef> contacts);

    /**
     * The messages that were taken back did arrive: they count again, even where a cap is then
     * exceeded by one, which is logged. Idempotent.
     */
    Uni<Void> putBack(List<ContactRef> contacts);

    /**
     * Puts consents in force, for the customer and for the address they were given for. Of two for
     * the same channel and topic the later counts, and an opt-out wins a tie. An opt-out is done
     * when nothing is under way to the customer on its channel any more.
     *
     * @return when the latest opt-in was said that counts in the place of one of the opt-outs, as
     *     one by a host whose clock is ahead; absent where all of them are in force. Who was told
     *     an opt-out just now has it said again, dated after that
     */
    Uni<Optional<Instant>> consent(List<ConsentWrite> consents);

    /**
     * Puts silences in force, or lifts them; a shorter one never shortens a longer one of the same
     * cause. Done when nothing is under way to the customers any more.
     */
    Uni<Void> silence(List<SilenceWrite> silences);

    /** Says in which zones, and by the law of which regions, a customer's quiet hours run. */
    Uni<Void> whereabouts(CustomerId customer, Whereabouts where);

    /**
     * Tells when customers engaged. Only the latest of each is kept, so it may be told in any order
     * and again. Whoever the gate does not know is told of once more by hydration.
     */
    Uni<Void> engaged(List<Engagement> engagements);

    /**
     * Makes {@code merged} an alias of {@code survivor}, whose state becomes the union: every
     * contact of both, the most restrictive consent, the longest silence, the whereabouts of both;
     * she engaged when the later of the two did. Idempotent, and safe to run again after a crash
     * half way.
     */
    Uni<Void> merge(CustomerId survivor, CustomerId merged);

    /**
     * Some of what was taken for {@code from} turned out to be {@code to}: gives {@code to} a copy
     * of everything that restricts {@code from}, so that nobody is looser than before. Idempotent.
     * {@link #restate} then says what is whose.
     */
    Uni<Void> split(CustomerId from, CustomerId to);

    /**
     * Puts what the ledgers know in the place of the permissions that are there, contacts apart. To
     * be called under the lock that orders the customers' consent writes, once what the ledger says
     * is committed. An opt-out that another service stored, and then wrote here, is not lost: where
     * a consent comes while the ledgers are read they are read again. Fails where that goes on.
     *
     * <p>None of the customers is merged away. Where one is here, as by a merge that was never
     * committed, she is herself again, and not known until her contacts are given.
     *
     * @param ledgers the permissions of the customers asked about, or of those that there still are
     */
    Uni<Void> restate(
            Set<CustomerId> customers,
            Function<Set<CustomerId>, Uni<List<CustomerHistory.Permissions>>> ledgers);

    /**
     * Gives the gate what the ledgers know of customers it has no state of; joins what is there
     * already. For what nothing can be added to between its reading and the end of this, as under
     * the customers' locks.
     */
    Uni<Void> hydrate(List<CustomerHistory> histories);

    /**
     * The same for what is read without locks. A gate that loses its memory between the reading and
     * the giving goes on not knowing these customers: what it counted meanwhile is in neither.
     *
     * @param ledger reads what is known; called once it is noted which memory the gate has
     */
    Uni<Void> hydrate(Set<CustomerId> customers, Supplier<Uni<List<CustomerHistory>>> ledger);

    /**
     * Stops counting messages that turned out to be another customer's, or not to have left. What
     * was reserved since it began to be asked which they are goes on counting, and so does all of
     * customers who are one by now. Idempotent.
     *
     * @param messages of which customer which are not to count
     */
    Uni<Void> forget(
            Set<CustomerId> customers, Supplier<Uni<Map<CustomerId, Set<MessageId>>>> messages);

    /**
     * Forgets customers for good: consents, silences, contacts and what they were merged into. From
     * here on they are unknown, and whatever is written of them is dropped; so it goes for each id
     * by itself, an alias is not followed. Done when nothing is under way to them any more.
     * Idempotent.
     */
    Uni<Void> erase(List<CustomerId> customers);

    /** Which of these customers the gate can answer for without being hydrated. */
    Uni<List<Boolean>> known(List<CustomerId> customers);

    /** Whether a stop is in force for these addresses on a channel. */
    Uni<List<Boolean>> addressOptedOut(Channel channel, List<String> addresses);
}
