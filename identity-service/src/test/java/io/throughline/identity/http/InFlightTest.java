package io.throughline.identity.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import io.throughline.chassis.http.Problem;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class InFlightTest {

    private static final int MIB = 1024 * 1024;

    private final InFlight inFlight = new InFlight(2, 4L * MIB);
    private final List<UniEmitter<? super String>> underWay = new ArrayList<>();

    @Test
    void whatIsRefusedForTheNumberOfRequestsLeavesNoBytesBehind() {
        begin(1);
        begin(1);
        for (int i = 0; i < 100; i++) {
            assertRefused(inFlight.within(MIB, this::pending));
        }
        finishAll();
        // Had the refused ones taken back bytes that they never brought, all of these would fit.
        begin(3 * MIB);
        assertRefused(inFlight.within(2 * MIB, this::pending));
    }

    @Test
    void whatEndsMakesRoom() {
        begin(4 * MIB);
        assertRefused(inFlight.within(1, this::pending));
        finishAll();
        begin(4 * MIB);
    }

    @Test
    void bytesThatArePutOnTopCountUntilTheyAreDone() {
        inFlight.alsoWithin(3 * MIB, this::pending).subscribe().with(done -> {}, this::fail);
        begin(MIB);
        assertRefused(inFlight.within(1, this::pending));
        finishAll();
        begin(4 * MIB);
        assertRefused(inFlight.alsoWithin(1, this::pending));
    }

    @Test
    void aLimitThatABatchCouldNeverKeepIsAMistake() {
        assertThatThrownBy(() -> new InFlight(2, MIB))
                .hasMessageContaining("throughline.identity.max-bytes-in-flight");
    }

    private void begin(int size) {
        int before = underWay.size();
        inFlight.within(size, this::pending).subscribe().with(done -> {}, this::fail);
        assertThat(underWay).hasSize(before + 1);
    }

    private Uni<String> pending() {
        return Uni.createFrom().emitter(underWay::add);
    }

    private void finishAll() {
        List.copyOf(underWay).forEach(emitter -> emitter.complete("done"));
        underWay.clear();
    }

    private void fail(Throwable failure) {
        throw new AssertionError(failure);
    }

    private static void assertRefused(Uni<String> work) {
        assertThatThrownBy(() -> work.await().indefinitely())
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.status()).isEqualTo(429));
    }
}
