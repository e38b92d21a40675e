package io.throughline.identity.http;

import io.smallrye.mutiny.Uni;
import io.throughline.chassis.http.Problem;
import io.throughline.identity.tracking.TrackingBody;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * How much is under way, so that a slow log makes senders wait instead of this process fail. An SDK
 * keeps what is refused with 429 and sends it again.
 */
@Singleton
class InFlight {

    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

    /** Less than this would refuse a batch within the limits for ever. */
    private static final long ONE_BATCH = (long) TrackingBody.MAX_BODY + TrackingBody.MAX_INHERITED;

    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicLong bytes = new AtomicLong();
    private final int maxRequests;
    private final long maxBytes;

    @Inject
    InFlight(IdentityConfiguration configuration) {
        this(configuration.maxRequestsInFlight(), configuration.maxBytesInFlight());
    }

    InFlight(int maxRequests, long maxBytes) {
        if (maxBytes < ONE_BATCH) {
            throw new IllegalArgumentException(
                    "throughline.identity.max-bytes-in-flight: expected at least "
                            + ONE_BATCH
                            + ", which one batch may need");
        }
        this.maxRequests = maxRequests;
        this.maxBytes = maxBytes;
    }

    /** Does the work of a request if there is room for it; a {@link Problem} 429 otherwise. */
    <T> Uni<T> within(int size, Supplier<Uni<? extends T>> work) {
        return within(1, size, work);
    }

    /** The same for work within a request that makes more of its bytes. */
    <T> Uni<T> alsoWithin(long more, Supplier<Uni<? extends T>> work) {
        return within(0, more, work);
    }

    private <T> Uni<T> within(int request, long size, Supplier<Uni<? extends T>> work) {
        // Both are counted before either is compared, since leaving takes both back.
        int requestsNow = requests.addAndGet(request);
        long bytesNow = bytes.addAndGet(size);
        if (requestsNow > maxRequests || bytesNow > maxBytes) {
            leave(request, size);
            return Uni.createFrom().failure(Problem.tooManyRequests(RETRY_AFTER));
        }
        return Uni.createFrom().deferred(work).eventually(() -> leave(request, size));
    }

    private void leave(int request, long size) {
        requests.addAndGet(-request);
        bytes.addAndGet(-size);
    }
}
