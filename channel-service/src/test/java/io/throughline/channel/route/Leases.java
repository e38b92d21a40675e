package io.throughline.channel.route;

import io.smallrye.mutiny.Uni;
import java.util.concurrent.atomic.AtomicInteger;

/** Leases as a test wants them. */
public final class Leases {

    public static final Lease HOLDS = () -> Uni.createFrom().item(true);
    public static final Lease OVER = () -> Uni.createFrom().item(false);

    private Leases() {}

    /** Holds so many times. */
    public static Lease times(int looks) {
        AtomicInteger left = new AtomicInteger(looks);
        return () -> Uni.createFrom().item(() -> left.getAndDecrement() > 0);
    }
}
