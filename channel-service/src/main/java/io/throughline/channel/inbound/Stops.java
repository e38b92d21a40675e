package io.throughline.channel.inbound;

import io.smallrye.mutiny.Uni;
import io.throughline.channel.keyword.Keyword;
import io.throughline.channel.route.InboundText;
import io.throughline.channel.store.Conversations;
import io.throughline.channel.store.Conversations.Answered;
import io.throughline.channel.store.Conversations.OptOut;
import io.throughline.chassis.stream.Outbox;
import io.throughline.chassis.stream.Transactions;
import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.message.MessageEvent;
import io.throughline.governance.ConsentWrite;
import io.throughline.governance.ContactGate;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Stops, stored first and put in force second. Stored first: a gate that loses its memory in
 * between is told again from the store. In force for the address first: whoever is written to there
 * in spite of that was being written to before, and is found in the send ledger. Either step
 * failing fails the whole, the carrier tells it again, and everything is done again: a stop is
 * never taken for a repetition of the one before, since there may have been an opt-in in between,
 * here or at another service.
 */
@ApplicationScoped
class Stops {

    private final Conversations conversations;
    private final Transactions transactions;
    private final Outbox outbox;
    private final ContactGate gate;
    private final AfterStops after;

    Stops(
            Conversations conversations,
            Transactions transactions,
            Outbox outbox,
            ContactGate gate,
            AfterStops after) {
        this.conversations = conversations;
        this.transactions = transactions;
        this.outbox = outbox;
        this.gate = gate;
        this.after = after;
    }

    /** Somebody who does not want to be written to any more. */
    private record Stop(
            Channel channel,
            String address,
            Speakers speakers,
            String means,
            String evidence,
            Instant at) {

        Stop by(Set<CustomerId> others) {
            return new Stop(channel, address, new Speakers(null, others), means, evidence, at);
        }

        Stop saidAt(Instant later) {
            return new Stop(channel, address, speakers, means, evidence, later);
        }
    }

    /**
     * A stop by keyword; done when it is in force.
     *
     * @return whether the address had not been stopped before
     */
    Uni<Boolean> byKeyword(InboundText text, Speakers speakers) {
        Stop stop =
                new Stop(
                        text.channel(),
                        text.from(),
                        speakers,
                        "keyword",
                        text.text().strip(),
                        text.at());
        return gate.addressOptedOut(text.channel(), List.of(text.from()))
                .chain(before ->
                        transactions
                                .inTransaction(tx ->
                                        conversations
                                                .keep(
                                                        tx,
                                                        Conversations.Text.of(
                                                                text, Keyword.STOP.name()))
                                                .chain(() -> keep(tx, stop)))
                                .chain(() -> enforce(stop))
                                .replaceWith(!before.getFirst()));
    }

    /**
     * A customer unsubscribes by a message's own link; done when it is in force.
     *
     * @param means {@code one-click} or {@code page}
     */
    Uni<Void> byLink(
            MessageId message,
            CustomerId customer,
            Channel channel,
            String address,
            String means,
            Instant at) {
        Speakers speaker = new Speakers(new Answered(message, customer), Set.of(customer));
        Stop stop = new Stop(channel, address, speaker, means, "link", at);
        return transactions.inTransaction(tx -> keep(tx, stop)).chain(() -> enforce(stop));
    }

    private Uni<Void> enforce(Stop stop) {
        return inForce(stop)
                .chain(() -> stopOthers(stop))
                .invoke(() ->
                        after.inForce(
                                new AfterStops.Stopped(
                                        stop.channel(),
                                        stop.address(),
                                        stop.speakers(),
                                        stop.means(),
                                        stop.at())));
    }

    /**
     * A message to the address may be on its way to somebody who is not known to be behind it: such
     * a one has to be waited for as well.
     */
    private Uni<Void> stopOthers(Stop stop) {
        return conversations
                .writtenToNow(stop.channel(), stop.address())
                .chain(customers -> {
                    Set<CustomerId> others = new LinkedHashSet<>(customers);
                    others.removeAll(stop.speakers().customers());
                    Stop theirs = stop.by(others);
                    return others.isEmpty() ? Uni.createFrom().voidItem() : kept(theirs);
                });
    }

    private Uni<Void> kept(Stop stop) {
        return transactions.inTransaction(tx -> keep(tx, stop)).chain(() -> inForce(stop));
    }

    /**
     * An opt-in that counts in its place was said by a host whose clock is ahead of ours: what is
     * said now comes after it, and is kept and said once more so that it does.
     */
    private Uni<Void> inForce(Stop stop) {
        return putInForce(stop)
                .chain(outdone ->
                        outdone.isEmpty()
                                ? Uni.createFrom().voidItem()
                                : kept(stop.saidAt(outdone.get().plusMillis(1))));
    }

    private Uni<Void> keep(SqlConnection tx, Stop stop) {
        OptOut optOut =
                new OptOut(
                        stop.channel(),
                        stop.address(),
                        stop.speakers().message(),
                        stop.means(),
                        stop.evidence(),
                        stop.at());
        List<MessageEvent> events = new ArrayList<>();
        for (@Nullable CustomerId customer : stop.speakers().orNobody()) {
            events.add(
                    new MessageEvent.Unsubscribed(
                            stop.speakers().messageOf(customer),
                            customer,
                            stop.channel(),
                            stop.address(),
                            null,
                            stop.means(),
                            stop.evidence(),
                            stop.at()));
        }
        return conversations
                .keep(tx, optOut, stop.speakers().customers())
                .chain(() -> outbox.append(tx, events));
    }

    private Uni<Optional<Instant>> putInForce(Stop stop) {
        List<ConsentWrite> consents = new ArrayList<>();
        for (@Nullable CustomerId customer : stop.speakers().orNobody()) {
            consents.add(
                    new ConsentWrite(
                            customer,
                            stop.address(),
                            stop.channel(),
                            null,
                            ConsentState.OPTED_OUT,
                            stop.at()));
        }
        return gate.consent(consents);
    }
}
