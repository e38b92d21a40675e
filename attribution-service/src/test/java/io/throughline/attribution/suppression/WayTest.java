package io.throughline.attribution.suppression;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WayTest {

    private static final Instant RECEIVED = Instant.parse("2026-11-23T10:00:00Z");

    /**
     * Seconds: what the sender says lay between the event and sending, how far its clock is behind
     * ours when it arrives, and what is laid at whose door.
     */
    @ParameterizedTest(name = "held {0} s, sent {1} s before it came: source {2} s, network {3} s")
    @CsvSource({
        "0, 0, 0, 0",
        "900, 0, 900, 0",
        "900, 4, 900, 4",
        "0, 60, 0, 60",
        // A clock that is an hour behind, or ahead, says nothing of the network.
        "900, 3600, 900, 0",
        "900, -3600, 900, 0",
    })
    void theSendersClockIsCorrectedForAndTheNetworkIsNot(
            long held, long before, long source, long network) {
        Instant sentAt = RECEIVED.minusSeconds(before);
        Instant corrected = RECEIVED.minusSeconds(held);

        Way way = Way.of(corrected, sentAt, RECEIVED);

        assertThat(Duration.between(way.happenedAt(), way.leftAt()))
                .isEqualTo(Duration.ofSeconds(source));
        assertThat(Duration.between(way.leftAt(), way.receivedAt()))
                .isEqualTo(Duration.ofSeconds(network));
        assertThat(way.receivedAt()).isEqualTo(RECEIVED);
    }

    @ParameterizedTest
    @CsvSource({"900, 900", "-120, 0"})
    void withoutWordOfSendingAllOfItIsTheSources(long before, long source) {
        Way way = Way.of(RECEIVED.minusSeconds(before), null, RECEIVED);

        assertThat(Duration.between(way.happenedAt(), way.leftAt()))
                .isEqualTo(Duration.ofSeconds(source));
        assertThat(way.leftAt()).isEqualTo(way.receivedAt());
    }
}
