package io.throughline.channel.route;

import io.smallrye.mutiny.Uni;
import io.throughline.contracts.Channel;

/** One way to a carrier or provider. All methods may be called from an event loop. */
public interface Route {

    /** Stable over restarts, since receipts are looked up by it: {@code smpp}, {@code smtp}. */
    String name();

    Channel channel();

    /** Whether it is worth trying now. */
    boolean up();

    /** How many more messages it takes now without waiting; 0 while it is down or throttled. */
    int room();

    /**
     * Hands one message to the carrier. Every outcome is a value; a {@code Uni} that fails is
     * treated as {@link HandOver.Unknown}, since nothing certain is known then. Beyond the room it
     * answers {@link HandOver.NotTaken}.
     */
    Uni<HandOver> handOver(Outbound message);

    /** Whether what was handed over can be taken back; it cannot, unless the route knows how. */
    default Recallability recallability() {
        return new Recallability.Never(channel().word() + " cannot be recalled once taken");
    }
}
