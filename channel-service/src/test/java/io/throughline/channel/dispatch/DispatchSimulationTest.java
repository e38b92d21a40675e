package io.throughline.channel.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.throughline.contracts.Category;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Two dispatchers over one ledger and one gate, with everything against them: a gate that fails and
 * forgets, identity away, carriers that refuse, throttle, keep silent or answer late, a ledger
 * whose commits fail before or after they took effect, processes that stall and that die between
 * any two steps.
 */
@DisplayName("Dispatch under hostile conditions")
class DispatchSimulationTest {

    static LongStream seeds() {
        return LongStream.rangeClosed(1, 200);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void neverBreaksItsPromises(long seed) {
        HostileWorld world = new HostileWorld(seed);

        world.run();

        assertThat(world.takenMoreThanOnce(Category.MARKETING))
                .as("seed %d: marketing messages that may have been taken twice", seed)
                .isEmpty();
        assertThat(world.handedOverAfterStop())
                .as("seed %d: hand-overs after an acknowledged stop", seed)
                .isEmpty();
        assertThat(world.capsExceeded())
                .as("seed %d: customers with more contacts than the cap in a window", seed)
                .isEmpty();
        assertThat(world.unfinished()).as("seed %d: messages without an end", seed).isEmpty();
        assertThat(world.toldSentButNotTaken())
                .as("seed %d: messages told as sent that no carrier took", seed)
                .isEmpty();
    }

    @Test
    void isTheSameForTheSameSeed() {
        HostileWorld first = new HostileWorld(42);
        HostileWorld second = new HostileWorld(42);

        first.run();
        second.run();

        assertThat(first.log()).isEqualTo(second.log());
    }

    /** The checks themselves are checked: a dispatcher that repeats itself must be caught. */
    @Test
    void catchesADispatcherThatSendsAgainWhatIsUnknown() {
        List<Long> caught =
                seeds().limit(60)
                        .boxed()
                        .filter(seed -> {
                            HostileWorld world = new HostileWorld(seed);
                            world.forgetUnknown();
                            world.run();
                            return !world.takenMoreThanOnce(Category.MARKETING).isEmpty();
                        })
                        .toList();

        assertThat(caught).hasSizeGreaterThan(30);
    }

    @Test
    void catchesARouteThatDoesNotLookAtItsLease() {
        List<Long> caught =
                seeds().boxed()
                        .filter(seed -> {
                            HostileWorld world = new HostileWorld(seed);
                            world.ignoreLeases();
                            world.run();
                            return !world.handedOverAfterStop().isEmpty();
                        })
                        .toList();

        assertThat(caught).hasSizeGreaterThan(10);
    }
}
