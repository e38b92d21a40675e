package io.throughline.channel.route;

import io.smallrye.mutiny.Uni;

/**
 * The leave to hand one message over, good for milliseconds. A route looks at it where there is no
 * way back: right before the byte that lets the carrier take the message, or one of its parts.
 * Whatever was said against the message has then been heard.
 */
public interface Lease {

    /**
     * Whether the message may leave now. At once while the leave is fresh; after that, it is asked
     * for again. A {@code Uni} that fails says no.
     */
    Uni<Boolean> holds();
}
