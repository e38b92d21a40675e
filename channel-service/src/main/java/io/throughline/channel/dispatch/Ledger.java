package io.throughline.channel.dispatch;

import io.smallrye.mutiny.Uni;
import io.throughline.channel.delivery.Claim;
import io.throughline.channel.delivery.Outcome;
import io.throughline.contracts.Channel;
import io.throughline.contracts.MessageId;
import io.throughline.governance.ConsentWrite;
import io.throughline.governance.CustomerHistory;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/** The send ledger, as the dispatcher needs it. What it answers is committed. */
public interface Ledger {

    /**
     * Claims queued messages of a channel that are due, those of higher priority first.
     *
     * @param until when others may take the claim for abandoned
     */
    Uni<List<Claim>> claim(Channel channel, int most, Instant now, Instant until);

    /** Claims queued messages whose deadline has passed, whatever their channel. */
    Uni<List<Claim>> claimOverdue(int most, Instant now, Instant until);

    /** Claims messages whose claim ended without an outcome: their process is taken for dead. */
    Uni<List<Claim>> claimAbandoned(int most, Instant now, Instant until);

    /**
     * Records outcomes with their events, each message at most once. An outcome whose claim was
     * lost meanwhile is dropped, unless it is certain that the message was sent.
     */
    Uni<Void> record(List<Outcome> outcomes);

    /**
     * The contacts of customers, and of those who are one with them, that may still count; what is
     * being handed over is among them.
     *
     * @param unasked claims for which the gate was not asked yet, which therefore cannot count
     */
    Uni<List<CustomerHistory>> contacts(People people, Instant since, Set<MessageId> unasked);

    /** What was heard here against being written to, by these customers or from their addresses. */
    Uni<List<ConsentWrite>> optOuts(People people);
}
