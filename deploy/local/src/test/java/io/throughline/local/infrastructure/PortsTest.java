package io.throughline.local.infrastructure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;

class PortsTest {

    @Test
    void aTakenPortIsNamedWithWhoToAskAndWhatToChange() throws Exception {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() ->
                            Ports.requireFree(
                                    other.getLocalPort(), "Kafka", "THROUGHLINE_KAFKA_PORT"))
                    .isInstanceOf(StartFailure.class)
                    .hasMessageMatching(
                            "Port %d, for Kafka, is taken \\(`.*%d.*` shows by whom\\): end that program, or choose another port with THROUGHLINE_KAFKA_PORT\\."
                                    .formatted(other.getLocalPort(), other.getLocalPort()));
        }
    }

    @Test
    void severalFreePortsDiffer() {
        assertThat(Ports.free(20)).hasSize(20).doesNotHaveDuplicates();
    }

    @Test
    void aFreePortPasses() {
        assertThatCode(() -> Ports.requireFree(Ports.free(), "Kafka", "THROUGHLINE_KAFKA_PORT"))
                .doesNotThrowAnyException();
    }
}
