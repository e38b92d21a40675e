package io.throughline.channel.inbound;

import io.smallrye.mutiny.Uni;
import io.throughline.channel.keyword.Keyword;
import io.throughline.channel.route.Inbound;
import io.throughline.channel.route.InboundText;
import io.throughline.channel.route.Receipt;
import io.throughline.channel.store.Conversations;
import io.throughline.channel.store.Receipts;
import io.throughline.contracts.Channel;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.Optional;

/**
 * What is heard from customers and carriers, acknowledged when it is stored, and a stop only when
 * it is in force: from then on nothing goes (P1). So the confirmation of a stop goes before.
 */
@ApplicationScoped
public class Hearing implements Inbound {

    private static final int RECEIPTS_AT_ONCE = 200;

    private final Conversations conversations;
    private final Batches<Receipt> receipts;
    private final Stops stops;
    private final Replies replies;
    private final Answering answering;

    Hearing(
            Conversations conversations,
            Receipts receipts,
            Stops stops,
            Replies replies,
            Answering answering) {
        this.conversations = conversations;
        this.receipts = new Batches<>(RECEIPTS_AT_ONCE, receipts::apply);
        this.stops = stops;
        this.replies = replies;
        this.answering = answering;
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
                                .map(behind -> Speakers.of(answered, behind)))
                .chain(speakers ->
                        keyword.filter(word -> word == Keyword.STOP).isPresent()
                                ? stop(text, speakers)
                                : reply(text, keyword, speakers));
    }

    private Uni<Void> stop(InboundText text, Speakers speakers) {
        return stops.byKeyword(text, speakers)
                .chain(first -> first ? answering.stopped(text) : Uni.createFrom().voidItem());
    }

    private Uni<Void> reply(InboundText text, Optional<Keyword> keyword, Speakers speakers) {
        boolean asksForHelp = keyword.filter(word -> word == Keyword.HELP).isPresent();
        return replies.keep(text, keyword, speakers)
                .invoke(news -> {
                    if (news && asksForHelp) {
                        answering.help(text);
                    }
                })
                .replaceWithVoid();
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
        return stops.byLink(message, customer, channel, address, means, at);
    }
}
