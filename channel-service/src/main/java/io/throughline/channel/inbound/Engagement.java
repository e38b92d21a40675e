package io.throughline.channel.inbound;

import io.smallrye.mutiny.Uni;
import io.throughline.channel.link.Opener;
import io.throughline.channel.store.MessageRecords;
import io.throughline.channel.store.MessageRecords.Standing;
import io.throughline.chassis.stream.Outbox;
import io.throughline.chassis.stream.Transactions;
import io.throughline.contracts.message.MessageEvent;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Openings and clicks: noted in the message's history, and told. */
@ApplicationScoped
public class Engagement {

    private final MessageRecords records;
    private final Transactions transactions;
    private final Outbox outbox;

    Engagement(MessageRecords records, Transactions transactions, Outbox outbox) {
        this.records = records;
        this.transactions = transactions;
        this.outbox = outbox;
    }

    public Uni<Void> opened(Standing message, Opener opener, Instant at) {
        boolean machine = opener == Opener.MACHINE;
        return told(
                message,
                "opened",
                Map.of("machine", machine),
                new MessageEvent.Opened(
                        message.id(),
                        message.customer(),
                        message.channel(),
                        message.origin(),
                        machine,
                        at));
    }

    public Uni<Void> clicked(Standing message, String url, Instant at) {
        return told(
                message,
                "clicked",
                Map.of("url", url),
                new MessageEvent.Clicked(
                        message.id(),
                        message.customer(),
                        message.channel(),
                        message.origin(),
                        url,
                        at));
    }

    private Uni<Void> told(
            Standing message, String what, Map<String, Object> detail, MessageEvent event) {
        return transactions.inTransaction(tx ->
                records.note(tx, message.id(), what, detail, event.at())
                        .chain(() -> outbox.append(tx, List.of(event))));
    }
}
