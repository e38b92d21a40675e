package io.throughline.channel.inbound;

import io.smallrye.mutiny.Uni;
import io.throughline.channel.keyword.Keyword;
import io.throughline.channel.route.Inbound;
import io.throughline.channel.route.InboundText;
import io.throughline.channel.route.Receipt;
import io.throughline.channel.store.Conversations;
import io.throughline.channel.store.Conversations.Answered;
import io.throughline.channel.store.Conversations.OptOut;
import io.throughline.channel.store.Receipts;
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
 * What is heard from customers and carriers.
 *
 * <p>A stop is stored first and put in force second, and only then acknowledged. Stored first: a
 * gate that loses its memory in between is told again from the store. In force before the answer:
 * from the acknowledgement on nothing goes (P1). In force for the address first: whoever is written
 * to there in spite of that was being written to before, and is found in the send ledger. Either
 * step failing fails the whole, the carrier tells it again, and everything is done again: a stop is
 * never taken for a repetition of the one before, since there may have been an opt-in in between,
 * here or at another service.
 */
@ApplicationScoped
public class Hearing implements Inbound {

    private static final int RECEIPTS_AT_ONCE = 200;

    private final Conversations conversations;
    private final Transactions transactions;
    private final Outbox outbox;
    private final ContactGate gate;
    private final Batches<Receipt> receipts;

    Hearing(
            Conversations conversations,
            Receipts receipts,
            Transactions transactions,
            Outbox outbox,
            ContactGate gate) {
        this.conversations = conversations;
        this.transactions = transactions;
        this.outbox = outbox;
        this.gate = gate;
        this.receipts = new Batches<>(RECEIPTS_AT_ONCE, receipts::apply);
    }

    /** Somebody who does not want to be written to any more. */
    private record Stop(
            Channel channel,
            String address,
            Set<CustomerId> customers,
            @Nullable MessageId message,
            String means,
            String evidence,
            Instant at) {

        Stop by(Set<CustomerId> others) {
            return new Stop(channel, address, others, message, means, evidence, at);
        }
    }

    @Override
    public Uni<Void> receipt(Receipt receipt) {
        return receipts.add(receipt);
    }

    @Override
    public Uni<Void> text(InboundText text) {
        Optional<Keyword> keyword = Keyword.in(text.text());
        return conversations
                .answered(text.channel(), text.from(), text.at())
                .chain(answered ->
                        conversations
                                .behind(text.channel(), text.from())
                                .chain(behind -> hear(text, keyword, answered, behind)));
    }

    private Uni<Void> hear(
            InboundText text,
            Optional<Keyword> keyword,
            @Nullable Answered answered,
            Set<CustomerId> behind) {
        Set<CustomerId> customers = new LinkedHashSet<>(behind);
        if (answered != null) {
            customers.add(answered.customer());
        }
        boolean stops = keyword.filter(word -> word == Keyword.STOP).isPresent();
        return stops
                ? stop(text, answered, customers)
                : transactions.inTransaction(
                        tx -> keepReply(tx, text, keyword, answered, customers));
    }

    private Uni<Void> keepReply(
            SqlConnection tx,
            InboundText text,
            Optional<Keyword> keyword,
            @Nullable Answered answered,
            Set<CustomerId> customers) {
        String word = keyword.map(Keyword::name).orElse(null);
        return conversations
                .keepIfNews(tx, kept(text, word))
                .chain(news ->
                        news
                                ? outbox.append(tx, replies(text, word, answered, customers))
                                : Uni.createFrom().voidItem());
    }

    private static List<MessageEvent> replies(
            InboundText text,
            @Nullable String keyword,
            @Nullable Answered answered,
            Set<CustomerId> customers) {
        List<MessageEvent> events = new ArrayList<>();
        for (@Nullable CustomerId customer : orNobody(customers)) {
            events.add(
                    new MessageEvent.Replied(
                            messageOf(answered, customer),
                            customer,
                            text.channel(),
                            text.from(),
                            keyword,
                            text.at()));
        }
        return events;
    }

    private Uni<Void> stop(
            InboundText text, @Nullable Answered answered, Set<CustomerId> customers) {
        Stop stop =
                new Stop(
                        text.channel(),
                        text.from(),
                        customers,
                        answered == null ? null : answered.message(),
                        "keyword",
                        text.text().strip(),
                        text.at());
        return transactions
                .inTransaction(tx ->
                        conversations
                                .keep(tx, kept(text, Keyword.STOP.name()))
                                .chain(() -> keep(tx, stop, answered)))
                .chain(() -> putInForce(stop))
                .chain(() -> stopOthers(stop));
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
                    others.removeAll(stop.customers());
                    Stop theirs = stop.by(others);
                    return others.isEmpty()
                            ? Uni.createFrom().voidItem()
                            : transactions
                                    .inTransaction(tx -> keep(tx, theirs, null))
                                    .chain(() -> putInForce(theirs));
                });
    }

    /**
     * A customer unsubscribes by a message's own link.
     *
     * @param means {@code one-click} or {@code page}
     */
    public Uni<Void> unsubscribe(
            MessageId message,
            CustomerId customer,
            Channel channel,
            String address,
            String means,
            Instant at) {
        Stop stop = new Stop(channel, address, Set.of(customer), message, means, "link", at);
        return transactions
                .inTransaction(tx -> keep(tx, stop, new Answered(message, customer)))
                .chain(() -> putInForce(stop))
                .chain(() -> stopOthers(stop));
    }

    private Uni<Void> keep(SqlConnection tx, Stop stop, @Nullable Answered answered) {
        OptOut optOut =
                new OptOut(
                        stop.channel(),
                        stop.address(),
                        stop.message(),
                        stop.means(),
                        stop.evidence(),
                        stop.at());
        List<MessageEvent> events = new ArrayList<>();
        for (@Nullable CustomerId customer : orNobody(stop.customers())) {
            events.add(
                    new MessageEvent.Unsubscribed(
                            messageOf(answered, customer),
                            customer,
                            stop.channel(),
                            stop.address(),
                            null,
                            stop.means(),
                            stop.evidence(),
                            stop.at()));
        }
        return conversations
                .keep(tx, optOut, stop.customers())
                .chain(() -> outbox.append(tx, events));
    }

    private Uni<Void> putInForce(Stop stop) {
        List<ConsentWrite> consents = new ArrayList<>();
        for (@Nullable CustomerId customer : orNobody(stop.customers())) {
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

    private static Conversations.Text kept(InboundText text, @Nullable String keyword) {
        return new Conversations.Text(
                text.route(),
                text.channel(),
                text.from(),
                text.to(),
                // PostgreSQL's text takes no NUL; refusing it would only bring it back.
                text.text().replace("\0", ""),
                keyword,
                text.at());
    }

    /** Where nobody is known behind an address, the address speaks for itself. */
    private static List<@Nullable CustomerId> orNobody(Set<CustomerId> customers) {
        List<@Nullable CustomerId> list = new ArrayList<>(customers);
        if (list.isEmpty()) {
            list.add(null);
        }
        return list;
    }

    private static @Nullable MessageId messageOf(
            @Nullable Answered answered, @Nullable CustomerId customer) {
        return answered != null && answered.customer().equals(customer) ? answered.message() : null;
    }
}
