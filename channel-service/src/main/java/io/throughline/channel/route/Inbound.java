package io.throughline.channel.route;

import io.smallrye.mutiny.Uni;

/**
 * Where adapters bring what a carrier tells. The adapter acknowledges to the carrier only after the
 * {@code Uni} has completed: what was said is then stored, and a stop in force. Where it fails, the
 * adapter asks the carrier to tell it again; telling twice is harmless.
 */
public interface Inbound {

    Uni<Void> receipt(Receipt receipt);

    Uni<Void> text(InboundText text);
}
