package io.throughline.channel.sms.smpp;

import io.smallrye.mutiny.Uni;
import io.throughline.channel.route.Inbound;
import io.throughline.channel.route.InboundText;
import io.throughline.channel.route.Receipt;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The domain, as far as a route knows it. */
final class HeardInbound implements Inbound {

    final List<Receipt> receipts = new CopyOnWriteArrayList<>();
    final List<InboundText> texts = new CopyOnWriteArrayList<>();
    volatile Uni<Void> then = Uni.createFrom().voidItem();

    @Override
    public Uni<Void> receipt(Receipt receipt) {
        receipts.add(receipt);
        return then;
    }

    @Override
    public Uni<Void> text(InboundText text) {
        texts.add(text);
        return then;
    }
}
