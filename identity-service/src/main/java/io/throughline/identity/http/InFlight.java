package io.throughline.identity.http;

import io.smallrye.mutiny.Uni;
import io.throughline.chassis.http.Problem;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * How much is under way, so that a slow log makes senders wait instead of this process fail. An SDK
 * keeps what is refused with 429 and sends it again.
 */
@ApplicationScoped
class InFlight {

    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicLong bytes = new AtomicLong();
    private final int maxRequests;
    private final long maxBytes;

    @Inject
    InFlight(IdentityConfiguration configuration) {
        this(configuration.maxRequestsInFlight(), configuration.maxBytesInFlight());
    }

    InFlight(int maxRequests, long maxBytes) {
        this.maxRequests = maxRequests;
        this.maxBytes = maxBytes;
    }

    /** Does the work if there is room for it; a {@link Problem} 429 otherwise. */
    <T> Uni<T> within(int size, Supplier<Uni<? extends T>> work) {
        int underWay = requests.incrementAndGet();
        long held = bytes.addAndGet(size);
        if (underWay > maxRequests || held > maxBytes) {
            leave(size);
            return Uni.createFrom().failure(Problem.tooManyRequests(RETRY_AFTER));
        }
        return Uni.createFrom().deferred(work).eventually(() -> leave(size));
    }

    private void leave(int size) {
        requests.decrementAndGet();
        bytes.addAndGet(-size);
    }
}
