package io.throughline.chassis.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.runtime.ShutdownEvent;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jboss.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RecurringTest {

    private static final Logger LOG = Logger.getLogger(RecurringTest.class);
    private static final Duration OFTEN = Duration.ofMillis(1);

    private final Vertx vertx = Vertx.vertx();
    private final Recurring recurring = new Recurring(vertx);

    @AfterEach
    void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void workIsNotDoneTwiceAtTheSameTime() {
        AtomicInteger begun = new AtomicInteger();
        AtomicReference<UniEmitter<? super Object>> first = new AtomicReference<>();
        recurring.nowAndEvery(
                OFTEN,
                LOG,
                "it cannot be done",
                () -> {
                    begun.incrementAndGet();
                    return Uni.createFrom().<Object>emitter(first::set);
                });
        oftenEnough();

        assertThat(begun).hasValue(1);
        first.get().complete("done");
        await().untilAtomic(begun, count -> assertThat(count).isEqualTo(2));
    }

    @Test
    void workThatFailsIsDoneAgain() {
        AtomicInteger begun = new AtomicInteger();
        recurring.every(
                OFTEN,
                LOG,
                "it cannot be done",
                () -> {
                    if (begun.incrementAndGet() == 1) {
                        throw new IllegalStateException("before it gives anything");
                    }
                    return Uni.createFrom().failure(new IllegalStateException("at the end"));
                });

        await().untilAtomic(begun, count -> assertThat(count).isGreaterThan(3));
    }

    @Test
    void nothingIsBegunOnceTheProcessEnds() {
        AtomicInteger begun = new AtomicInteger();
        recurring.every(
                OFTEN,
                LOG,
                "it cannot be done",
                () -> {
                    begun.incrementAndGet();
                    return Uni.createFrom().voidItem();
                });
        await().untilAtomic(begun, count -> assertThat(count).isPositive());
        recurring.stop(new ShutdownEvent());
        oftenEnough();
        int before = begun.get();
        oftenEnough();

        assertThat(begun).hasValue(before);
    }

    /** Long enough for whatever else is done as often to have been done. */
    private void oftenEnough() {
        AtomicInteger others = new AtomicInteger();
        long timer = vertx.setPeriodic(OFTEN.toMillis(), ignored -> others.incrementAndGet());
        await().untilAtomic(others, count -> assertThat(count).isGreaterThan(20));
        vertx.cancelTimer(timer);
    }
}
