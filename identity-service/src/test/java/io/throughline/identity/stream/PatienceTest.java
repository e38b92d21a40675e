package io.throughline.identity.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.mutiny.TimeoutException;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.helpers.test.UniAssertSubscriber;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.smallrye.mutiny.subscription.UniEmitter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PatienceTest {

    private static final Duration PATIENCE = Duration.ofSeconds(8);

    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);
    private final Patience patience = new Patience(PATIENCE, nanos::get);

    @BeforeAll
    static void aloneInThisProcess() {
        Infrastructure.clearInterceptors();
    }

    /** Something that takes as long as one likes. */
    private final class Work {

        private final AtomicInteger cancelled = new AtomicInteger();
        private @Nullable UniEmitter<? super String> emitter;
        private final UniAssertSubscriber<String> waiting =
                patience.with(
                                Uni.createFrom()
                                        .<String>emitter(e -> emitter = e)
                                        .onCancellation()
                                        .invoke(cancelled::incrementAndGet))
                        .subscribe()
                        .withSubscriber(UniAssertSubscriber.create());

        void end() {
            Objects.requireNonNull(emitter).complete("done");
        }
    }

    @Test
    void whatIsDoneInTimeIsToldAndNotDisturbedLater() {
        Work work = new Work();
        later(PATIENCE.minusNanos(1));
        patience.look();
        work.end();
        work.waiting.assertCompleted().assertItem("done");
        later(PATIENCE);
        patience.look();
        assertThat(work.cancelled).hasValue(0);
    }

    @Test
    void whatTakesTooLongFailsAndIsGivenUp() {
        Work work = new Work();
        later(PATIENCE);
        patience.look();
        work.waiting.assertFailedWith(TimeoutException.class);
        assertThat(work.cancelled).hasValue(1);
    }

    @Test
    void onlyWhatIsOverdueFailsWhateverEndedBefore() {
        Work first = new Work();
        Work done = new Work();
        later(Duration.ofSeconds(1));
        Work second = new Work();
        done.end();
        later(PATIENCE.minusSeconds(1));
        patience.look();
        first.waiting.assertFailedWith(TimeoutException.class);
        second.waiting.assertNotTerminated();
        later(Duration.ofSeconds(1));
        patience.look();
        second.waiting.assertFailedWith(TimeoutException.class);
    }

    @Test
    void whatNobodyWaitsForAnyMoreIsGivenUpAtOnce() {
        Work work = new Work();
        work.waiting.cancel();
        assertThat(work.cancelled).hasValue(1);
    }

    @Test
    void aFailureIsToldAsItIs() {
        List<Throwable> told = new ArrayList<>();
        patience.with(Uni.createFrom().failure(new IllegalStateException("away")))
                .subscribe()
                .with(item -> {}, told::add);
        assertThat(told).singleElement().isInstanceOf(IllegalStateException.class);
    }

    private void later(Duration duration) {
        nanos.addAndGet(duration.toNanos());
    }
}
