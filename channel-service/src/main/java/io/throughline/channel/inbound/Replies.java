package io.throughline.channel.inbound;

import io.smallrye.mutiny.Uni;
import io.throughline.channel.keyword.Keyword;
import io.throughline.channel.route.InboundText;
import io.throughline.channel.store.Conversations;
import io.throughline.chassis.stream.Outbox;
import io.throughline.chassis.stream.Transactions;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.message.MessageEvent;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Texts that stop nothing: stored and told, once however often the carrier tells them. */
@ApplicationScoped
class Replies {

    private final Conversations conversations;
    private final Transactions transactions;
    private final Outbox outbox;

    Replies(Conversations conversations, Transactions transactions, Outbox outbox) {
        this.conversations = conversations;
        this.transactions = transactions;
        this.outbox = outbox;
    }

    /**
     * Keeps a text.
     *
     * @return whether it is news
     */
    Uni<Boolean> keep(InboundText text, Optional<Keyword> keyword, Speakers speakers) {
        String word = keyword.map(Keyword::name).orElse(null);
        return transactions.inTransaction(tx ->
                conversations
                        .keepIfNews(tx, Conversations.Text.of(text, word))
                        .call(news ->
                                news
                                        ? outbox.append(tx, told(text, word, speakers))
                                        : Uni.createFrom().voidItem()));
    }

    private static List<MessageEvent> told(
            InboundText text, @Nullable String keyword, Speakers speakers) {
        List<MessageEvent> events = new ArrayList<>();
        for (@Nullable CustomerId customer : speakers.orNobody()) {
            events.add(
                    new MessageEvent.Replied(
                            speakers.messageOf(customer),
                            customer,
                            text.channel(),
                            text.from(),
                            keyword,
                            text.at()));
        }
        return events;
    }
}
