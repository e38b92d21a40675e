package io.throughline.identity.erasure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.throughline.contracts.Channel;
import io.throughline.contracts.Identifier;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class OneWayTest {

    private static final String ANA = "ana@example.com";

    private final OneWay oneWay = new OneWay("a secret of a deployment");

    @Test
    void theSameIsAlwaysTheSame() {
        assertThat(oneWay.address(Channel.EMAIL, ANA))
                .isEqualTo(new OneWay("a secret of a deployment").address(Channel.EMAIL, ANA))
                .hasSize(32);
    }

    @Test
    void anythingElseIsAnother() {
        List<String> hashes =
                Stream.of(
                                oneWay.address(Channel.EMAIL, ANA),
                                oneWay.address(Channel.EMAIL, "bea@example.com"),
                                oneWay.address(Channel.SMS, ANA),
                                oneWay.identifier(Identifier.of("email:" + ANA)),
                                new OneWay("another secret, as long").address(Channel.EMAIL, ANA))
                        .map(HexFormat.of()::formatHex)
                        .toList();
        assertThat(hashes).doesNotHaveDuplicates();
    }

    @Test
    void aSecretThatCouldBeGuessedIsRefusedWithoutBeingRepeated() {
        assertThatThrownBy(() -> new OneWay("hunter2"))
                .hasMessageContaining("throughline.identity.suppression-secret")
                .hasMessageNotContaining("hunter2");
    }
}
