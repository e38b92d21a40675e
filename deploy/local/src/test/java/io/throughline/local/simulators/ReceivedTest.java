package io.throughline.local.simulators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ReceivedTest {

    private final Received<String> received = new Received<>(2);

    @Test
    void whoLooksAgainGetsWhatCameSince() {
        received.add("first");
        assertThat(received.after(0)).containsExactly("first");
        received.add("second");
        assertThat(received.after(1)).containsExactly("second");
        assertThat(received.after(2)).isEmpty();
    }

    @Test
    void whoLooksTooLateIsToldSo() {
        received.add("first");
        received.add("second");
        received.add("third");
        assertThat(received.after(1)).containsExactly("second", "third");
        assertThatThrownBy(() -> received.after(0)).hasMessageContaining("the first 1 are");
    }
}
