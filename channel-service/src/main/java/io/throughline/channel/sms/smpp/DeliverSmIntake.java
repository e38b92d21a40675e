package io.throughline.channel.sms.smpp;

import io.smallrye.mutiny.Uni;
import io.throughline.channel.route.Inbound;
import io.throughline.channel.route.InboundText;
import io.throughline.channel.route.Receipt;
import io.throughline.channel.sms.Concatenation;
import io.throughline.channel.sms.Joining;
import io.throughline.channel.sms.Joining.Joined;
import io.throughline.channel.sms.ReceiptText;
import io.throughline.channel.sms.SmsAddress;
import io.throughline.contracts.Channel;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jsmpp.SMPPConstant;
import org.jsmpp.bean.DeliverSm;

/**
 * Brings what the carrier tells to the domain and says how to answer: with 0 when it is stored, so
 * that nothing is lost; with {@code ESME_RX_T_APPN} when it could not be, so that the carrier tells
 * it again.
 *
 * <p>Parts of a long text are each answered when the whole is stored. Where the rest does not come
 * in time they are answered "again": until the whole is there, the carrier's store keeps them safer
 * than our memory does.
 */
final class DeliverSmIntake {

    private static final Logger LOG = Logger.getLogger(DeliverSmIntake.class);

    /** Unanswered at once, over all binds. */
    private static final int MOST = 1_000;

    private final Carrier carrier;
    private final Inbound inbound;
    private final InstantSource clock;
    private final Executor contexts;
    private final AtomicInteger unanswered = new AtomicInteger();

    private final Joining joining = new Joining();
    private final Map<Joining.Key, CompletableFuture<Void>> wholes = new HashMap<>();
    private final Set<Joining.Key> givingUp = new HashSet<>();

    /**
     * @param contexts where the domain is called: each call in a context of its own, never on
     *     jsmpp's threads
     */
    DeliverSmIntake(Carrier carrier, Inbound inbound, InstantSource clock, Executor contexts) {
        this.carrier = carrier;
        this.inbound = inbound;
        this.clock = clock;
        this.contexts = contexts;
    }

    /** Where false, the carrier is to be told to slow down. */
    boolean hasRoom() {
        synchronized (joining) {
            return unanswered.get() < MOST && !joining.full();
        }
    }

    /** The {@code command_status} of the answer, when it is time for it. Never fails. */
    Uni<Integer> answer(DeliverSm pdu) {
        return Uni.createFrom()
                .deferred(() -> heard(new DeliverSmReader(pdu)))
                .ifNoItem()
                .after(carrier.inboundTimeout())
                .fail()
                .onItemOrFailure()
                .transform((done, failure) -> failure == null ? stored() : again(failure))
                .onSubscription()
                .invoke(unanswered::incrementAndGet)
                .onTermination()
                .invoke(() -> unanswered.decrementAndGet());
    }

    /** Stores what is there of texts whose other parts stay away. */
    void giveUpOverdue() {
        List<Joining.Text> overdue;
        synchronized (joining) {
            overdue =
                    joining.overdue(clock.instant()).stream()
                            .filter(text -> givingUp.add(text.key()))
                            .toList();
        }
        for (Joining.Text text : overdue) {
            LOG.warnf(
                    "An inbound text of %d parts stayed incomplete; what came of it is kept",
                    text.key().total());
            store(text)
                    .onTermination()
                    .invoke(() -> gaveUp(text.key()))
                    .subscribe()
                    .with(done -> {}, e -> LOG.warnf("It is tried again: %s", e.toString()));
        }
    }

    private void gaveUp(Joining.Key key) {
        synchronized (joining) {
            givingUp.remove(key);
        }
    }

    private Uni<Void> heard(DeliverSmReader pdu) {
        Instant now = clock.instant();
        return pdu.isReceipt() ? receipt(pdu, now) : text(pdu, now);
    }

    private Uni<Void> receipt(DeliverSmReader pdu, Instant now) {
        return pdu.receipt()
                .map(receipt -> told(receipt, source(pdu.pdu()), now))
                .orElseGet(() -> {
                    LOG.warn("A receipt without a message id says nothing and is dropped");
                    return Uni.createFrom().voidItem();
                });
    }

    private Uni<Void> told(ReceiptText receipt, String address, Instant now) {
        Carrier.Customs customs = carrier.customs();
        Receipt told =
                new Receipt(
                        SmppRoute.NAME,
                        Channel.SMS,
                        customs.ids().ofReceipt(receipt.id()),
                        address,
                        receipt.state().status(),
                        receipt.code(),
                        receipt.at(customs.receiptZone(), now));
        return inContext(() -> inbound.receipt(told));
    }

    private Uni<Void> text(DeliverSmReader reader, Instant now) {
        DeliverSm pdu = reader.pdu();
        String home = carrier.customs().countryCode();
        String from = source(pdu);
        String to = SmsAddress.heard(pdu.getDestAddrTon(), pdu.getDestAddress(), home);
        Concatenation place = reader.place();
        return place == null
                ? said(from, to, reader.text(), now)
                : part(
                        new Joining.Key(from, to, place.reference(), place.total()),
                        place.sequence(),
                        reader.text(),
                        now);
    }

    /** Who a text is from; of a receipt, whom the message was for. */
    private String source(DeliverSm pdu) {
        return SmsAddress.heard(
                pdu.getSourceAddrTon(), pdu.getSourceAddr(), carrier.customs().countryCode());
    }

    private Uni<Void> part(Joining.Key key, int sequence, String text, Instant now) {
        synchronized (joining) {
            return switch (joining.part(key, sequence, text, now)) {
                case Joined.Known() -> Uni.createFrom().voidItem();
                case Joined.Whole(Joining.Text whole) -> store(whole);
                case Joined.Waiting() -> whenStored(key);
            };
        }
    }

    private Uni<Void> whenStored(Joining.Key key) {
        CompletableFuture<Void> whole = wholes.computeIfAbsent(key, k -> new CompletableFuture<>());
        // A copy, since a part that is out of patience cancels what it waits for.
        return Uni.createFrom().completionStage(whole::copy);
    }

    private Uni<Void> store(Joining.Text text) {
        return said(text.key().from(), text.key().to(), text.text(), text.since())
                .onItemOrFailure()
                .invoke((done, failure) -> tellParts(text, failure));
    }

    private void tellParts(Joining.Text text, Throwable failure) {
        CompletableFuture<Void> whole;
        synchronized (joining) {
            if (failure == null) {
                joining.stored(text);
            }
            whole = wholes.remove(text.key());
        }
        if (whole != null && failure == null) {
            whole.complete(null);
        } else if (whole != null) {
            whole.completeExceptionally(failure);
        }
    }

    private Uni<Void> said(String from, String to, String text, Instant at) {
        InboundText said = new InboundText(SmppRoute.NAME, Channel.SMS, from, to, text, at);
        return inContext(() -> inbound.text(said));
    }

    private Uni<Void> inContext(Supplier<Uni<? extends Void>> call) {
        return Uni.createFrom().<Void>deferred(call).runSubscriptionOn(contexts);
    }

    private static int stored() {
        return SMPPConstant.STAT_ESME_ROK;
    }

    private static int again(Throwable failure) {
        LOG.warnf("The carrier is asked to tell it again: %s", failure.toString());
        return SMPPConstant.STAT_ESME_RX_T_APPN;
    }
}
